"""Marks that somebody left out while typing, put back where the pages have the word with them.

Stems need them: "identité" and "identités" share one, "identite" has another. A word that the pages have as it was
typed stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.finding_words import Turn
from commonweal.services.assistant.engine.index import Index

_LETTERS = {"es": "áéíóúñ", "fr": "éèêàâîôûç", "it": "àèéìòù", "pt": "áâãàéêíóôõúç"}
_WORD = re.compile(r"\b[a-z]{3,}\b", re.I)


def with_marks(index: Index, dialogue: Sequence[Turn], language: str) -> list[Turn]:
    """The dialogue with the resident's words as the pages spell them."""
    letters = _LETTERS.get(language.partition("-")[0].lower(), "")
    if not letters:
        return list(dialogue)

    def spelt(found: re.Match[str]) -> str:
        word = found.group()
        if index.words(analyse(word, language).folded):
            return word
        marked = _with_one_mark(word, letters)
        return next((one for one in marked if index.words(analyse(one, language).folded)), word)

    return [replace(turn, text=_WORD.sub(spelt, turn.text)) if turn.role == "user" else turn for turn in dialogue]


def _with_one_mark(word: str, letters: str) -> Iterator[str]:
    """The word with one letter marked; one is enough for the stem, which drops most of the ending. The last first."""
    for at in range(len(word) - 1, -1, -1):
        for letter in letters:
            if unicodedata.normalize("NFD", letter)[0] == word[at].lower():
                yield word[:at] + letter + word[at + 1 :]
