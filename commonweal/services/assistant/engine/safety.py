"""Emergency and safeguarding, before any search and without a model: fixed, reviewed words in four languages.

`safety_words.json` holds the patterns, one list for each kind and language. They are reviewed like law: a change needs
the safeguarding lead, and `tests/services/assistant` holds the sentences that must and must not be caught.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("safety_words.json")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": "", "؟": "?", "’": "'"})


@dataclass(frozen=True)
class Alarm:
    """Why the search is not started: `kind` is emergency, self_harm, violence or child; `words` what was said."""

    kind: str
    language: str
    words: str


def alarm(text: str) -> Alarm | None:
    """The first alarm in a text, in any of the languages whatever the page's language, or None."""
    plain = _plain(text)
    if any(harmless.search(plain) for harmless in _patterns()["harmless"].values()):
        plain = _without_harmless(plain)
    for kind in ("self_harm", "emergency", "child", "violence"):
        for language, pattern in _patterns()[kind].items():
            match = pattern.search(plain)
            if match:
                return Alarm(kind, language, match[0])
    return None


def _without_harmless(plain: str) -> str:
    for harmless in _patterns()["harmless"].values():
        plain = harmless.sub(" ", plain)
    return plain


def _plain(text: str) -> str:
    """Lower case, without marks, Arabic letters in one form, single spaces."""
    folded = unicodedata.normalize("NFKD", text.translate(_ARABIC)).casefold()
    bare = "".join(_digit(character) for character in folded if not unicodedata.combining(character))
    return " ".join(bare.translate(_ARABIC).split())


def _digit(character: str) -> str:
    return str(int(character)) if character.isdecimal() else character


@cache
def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    data: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text())
    # Arabic writes "and", "so", "by" and "for" onto the next word.
    return {
        kind: {
            language: re.compile(
                (r"(?<!\w)[وفبل]{0,2}(?:" if language == "ar" else r"(?<!\w)(?:")
                + "|".join(_plain_pattern(words) for words in lists)
                + r")(?!\w)"
            )
            for language, lists in by_language.items()
        }
        for kind, by_language in data.items()
    }


def _plain_pattern(words: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", words.translate(_ARABIC)) if not unicodedata.combining(c))
