"""The demo town's guidance says the same in every language."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from commonweal.services.assistant import guidance
from commonweal.services.assistant.demo import GUIDANCE
from commonweal.services.assistant.engine.passages import passages_of
from commonweal.services.assistant.publishing.folder import read_folder

PAGES = {(page.language, page.slug): page for page in read_folder(GUIDANCE)}
TRANSLATED = sorted(key for key in PAGES if key[0] != "en")
_AFTER_NOON = re.compile(r"\b(\d{1,2}) pm\b")
_NUMBER = re.compile(r"\d+(?:[ .,\u00a0\u202f]\d+)*")


def numbers(text: str) -> Counter[str]:
    """A text's numbers, however a language writes them: 1,900 and 1 900 and 1.900; 37.50 and 37,50; 6 pm and 18."""
    text = _AFTER_NOON.sub(lambda match: str(int(match[1]) + 12), text)
    return Counter(_plain(number) for number in _NUMBER.findall(text))


def _plain(number: str) -> str:
    return re.sub(r"[ .,\u00a0\u202f](?=\d{3}\b)", "", number).replace(",", ".")


def test_twenty_pages_are_there_in_all_four_languages() -> None:
    everywhere = [slug for language, slug in PAGES if all((other, slug) in PAGES for other in ("fr", "es", "ar"))]
    assert len(set(everywhere)) >= 20


@pytest.mark.parametrize(("language", "slug"), TRANSLATED)
def test_a_translation_has_the_numbers_and_headings_of_the_english_page(language: str, slug: str) -> None:
    here, english = PAGES[language, slug], PAGES["en", slug]
    assert numbers(here.source) == numbers(english.source)
    assert here.source.count("## ") == english.source.count("## ")
    assert (here.owner, here.topic, here.review) == (english.owner, english.topic, english.review)


@pytest.mark.parametrize(("language", "slug"), TRANSLATED)
def test_a_translation_has_as_many_sentences(language: str, slug: str) -> None:
    def count(of: str) -> int:
        passages = passages_of(guidance.engine_page(PAGES[of, slug]))
        return sum(len(passage.sentences) for passage in passages)

    assert count(language) == count("en")
