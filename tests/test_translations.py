"""Everything the portal says is said in every language: complete, in form, and up to date with the code."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
from babel.dates import get_month_names
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines
from django.utils import translation

ROOT = Path(__file__).parents[1]
LANGUAGES = {"fr": 2, "es": 3, "ar": 6}  # and how many plural forms each has
NAMES = re.compile(r"%\(\w+\)[sd]|%?\{\w+\}")
TAGS = re.compile(r"</?\w[^>]*>")
WORDED = {"ar": {0, 1, 2}}  # forms that stand for one number only and may write it as a word


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def folders(root: Path = ROOT) -> list[str]:
    """Where texts are kept, one folder for each room, as paths below `root`."""
    return sorted(
        str(path.relative_to(root)) for path in root.glob("commonweal/**/locale") if any(path.glob("*/*/*.po"))
    )


@pytest.fixture(
    scope="module", params=[(folder, language) for folder in folders() for language in LANGUAGES], ids=":".join
)
def translated(request: pytest.FixtureRequest) -> tuple[str, Catalog]:
    folder, language = request.param
    return language, catalogue(ROOT / folder / language / "LC_MESSAGES/django.po")


def all_texts(language: str) -> set[Any]:
    found = (catalogue(ROOT / folder / language / "LC_MESSAGES/django.po") for folder in folders())
    return {message.id for one in found for message in messages(one)}


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def phrases_of_scripts() -> set[Any]:
    """What the components hand to gettext through `wording` and `counted_wording`."""
    said: set[Any] = set()
    for path in (ROOT / "commonweal/core/portal/components").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                given = [part for part in call.args[2:] for part in ast.walk(part)]
                given = [part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str)]
                if call.func.id == "counted_wording":
                    said.add(tuple(given))
                elif call.func.id == "wording":
                    said.update(given)
    return said


def test_the_site_offers_exactly_the_translated_languages():
    assert {code for code, _ in settings.LANGUAGES} == {"en", *LANGUAGES}


def test_nothing_is_left_out_or_guessed(translated: tuple[str, Catalog]):
    _, found = translated
    unfit = [m.id for m in messages(found) if m.fuzzy or not all(text.strip() for text in texts(m))]
    assert messages(found)
    assert not unfit


def test_placeholders_and_markup_are_those_of_the_english_text(translated: tuple[str, Catalog]):
    language, found = translated
    unfit = []
    for message in messages(found):
        english = message.id if isinstance(message.id, str) else message.id[-1]
        for form, text in enumerate(texts(message)):
            expected, given = sorted(NAMES.findall(english)), sorted(NAMES.findall(text))
            worded = isinstance(message.id, tuple) and form in WORDED.get(language, set()) and not given
            if (given != expected and not worded) or sorted(TAGS.findall(text)) != sorted(TAGS.findall(english)):
                unfit.append((english, text))
    assert not unfit


def test_every_plural_form_is_written(translated: tuple[str, Catalog]):
    language, found = translated
    assert found.num_plurals == LANGUAGES[language]
    plural = [message for message in messages(found) if isinstance(message.id, tuple)]
    assert all(len(message.string) == LANGUAGES[language] for message in plural)


def test_punctuation_is_that_of_the_language(translated: tuple[str, Catalog]):
    language, found = translated
    wrong = {
        "fr": r"(?<![\s\u00a0\u202f\d])[;?!](?!\w)|\w:(?!\w)| [:;?!»]|« |[a-z]'[a-z]",
        "es": r"[ ][:;?!]|^[^¿]*\?|^[^¡]*!|« | »",
        "ar": r"[\u0600-\u06ff][,;?]",
    }[language]
    prose = [re.sub(r"<[^>]*>", "", text) for message in messages(found) for text in texts(message)]
    assert not [text for text in prose if re.search(wrong, text)]


def test_the_catalogues_compile(translated: tuple[str, Catalog], tmp_path: Path):
    _, found = translated
    assert not [error for _, errors in found.check() for error in errors]
    with (tmp_path / "django.mo").open("wb") as file:
        write_mo(file, found)
    with (tmp_path / "django.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    assert all(compiled.gettext(m.id) == m.string for m in messages(found) if isinstance(m.id, str))


def test_the_catalogues_hold_exactly_the_texts_of_the_code(tmp_path: Path):
    if not (shutil.which("xgettext") and shutil.which("msgmerge")):
        pytest.skip("GNU gettext (xgettext, msgmerge) is not on this machine: nothing collects the texts")
    copy = tmp_path / "commonweal"
    shutil.copytree(ROOT / "commonweal", copy, ignore=shutil.ignore_patterns("__pycache__", "static", "*.po", "*.mo"))
    collect = [sys.executable, "-m", "django", "makemessages", "--settings", "commonweal.config.settings"]
    collect += [option for language in LANGUAGES for option in ("-l", language)] + ["--no-location"]
    done = subprocess.run(collect, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert folders(tmp_path) == folders()
    for folder in folders():
        for language in LANGUAGES:
            place = f"{folder}/{language}/LC_MESSAGES/django.po"
            collected = {message.id for message in messages(catalogue(tmp_path / place))}
            kept = {message.id for message in messages(catalogue(ROOT / place))}
            assert not collected - kept, f"run `make messages` and translate {place}"
            assert not kept - collected, f"no longer said by the code, in {place}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_components_scripts_say_is_translated(language: str):
    said = phrases_of_scripts()
    assert len(said) > 15
    assert not said - all_texts(language)


def plain(text: str) -> str:
    """In small letters without marks: Arabic writes April with its hamza above or below."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_are_named_in_the_language_of_the_page(language: str):
    template = engines["django"].from_string('{{ day|date:"j F Y" }}')
    with translation.override(language):
        for month, name in get_month_names("wide", locale=language).items():
            shown = template.render({"day": datetime(2026, month, 9, tzinfo=UTC)})
            assert plain(name) in plain(shown)
