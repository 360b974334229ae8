"""What kind of thing a question asks for, if it names a subject at all, and whether a sentence has such a thing.

Fixed words in `asking_words.json` for English, French, Spanish and Arabic; numbers and signs of money count in every
language. In a language without a list only those help.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from commonweal.services.assistant.engine.analysis import analyse

FILE = Path(__file__).with_name("asking_words.json")
SMALL = Path(__file__).with_name("small_words.json")
_MONEY = re.compile(r"[€$£¥₩]|\b(?:EUR|USD|GBP)\b")
_NUMBER = re.compile(r"\d")
_CLOCK = re.compile(r"\d\s?(?:am|pm|h)\b|\d[:.]\d\d\b", re.I)
_COUNTED = frozenset({"price", "length", "time"})
"""Kinds whose answer has a number nearly always."""


def kinds_of(question: str, language: str) -> tuple[str, ...]:
    """The kinds that a question asks for; a length of time is no price, though both ask "how much"."""
    text = _plain(question)
    kinds = tuple(kind for kind, said in _words("asks", language).items() if any(words in text for words in said))
    return tuple(kind for kind in kinds if kind != "way" or len(kinds) == 1)


def holds(kind: str, sentence: str, language: str) -> float:
    """How far a sentence has a thing of that kind, 0 to 1."""
    text = _plain(sentence)
    said = any(words in text for words in _words("says", language).get(kind, ()))
    said = said or (kind == "price" and bool(_MONEY.search(sentence))) or (kind == "time" and bool(_CLOCK.search(text)))
    if kind not in _COUNTED:
        return float(said)
    number = bool(_NUMBER.search(sentence))
    return 1.0 if said and number else 0.6 if said else 0.2 if number else 0.0


def _plain(text: str) -> str:
    return " " + " ".join(text.casefold().replace("’", "'").split()) + " "


@cache
def _words(side: str, language: str) -> dict[str, tuple[str, ...]]:
    """For each kind the words of a language, `asks` or `says`."""
    primary = language.partition("-")[0].lower()
    data = json.loads(FILE.read_text("utf-8"))
    return {
        kind: tuple(words.casefold() for words in sides[side].get(primary, ()))
        for kind, sides in data.items()
        if kind != "about"
    }


def names_a_subject(question: str, language: str) -> bool:
    """Whether a question has a word besides those that every subject is asked with ("who are you", "thanks")."""
    return not set(analyse(question, language).folded) <= _small(language.partition("-")[0].lower())


@cache
def _small(language: str) -> frozenset[str]:
    """The folded words of a language that name no subject."""
    words = json.loads(SMALL.read_text("utf-8")).get(language, ())
    return frozenset(analyse(" ".join(words), language).folded)
