"""Words for the index, language by language: an exact form with its marks and a folded form.

The folded form has no marks, is stemmed where a Snowball stemmer exists, and is cut into pairs of characters in
scripts without spaces and in Korean, whose endings stick to the word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

_MARKS = (
    r"\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0981-\u0dff"
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:['’][^\W_](?:[^\W_]|[{_MARKS}])*)?")
_ELISION = re.compile(r"\A(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=\w)")
_PAIRED = re.compile(r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_ARABIC_FORMS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": ""})
_STEMMERS = {"ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish",
             "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
             "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish"}  # fmt: skip


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the package's name


@dataclass(frozen=True)
class Analysis:
    """The words of a text, both forms in reading order."""

    exact: tuple[str, ...]
    folded: tuple[str, ...]


def analyse(text: str, language: str) -> Analysis:
    """Exact and folded words of a text in a language (BCP 47 tag; unknown languages are folded but not stemmed)."""
    primary = language.partition("-")[0].lower()
    exact: list[str] = []
    folded: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        marked, bare = _forms(word, primary)
        exact.append(marked)
        folded.extend(bare)
    return Analysis(tuple(exact), tuple(folded))


@lru_cache(maxsize=200_000)
def _forms(word: str, language: str) -> tuple[str, tuple[str, ...]]:
    word = word.replace("’", "'")
    if language in ("fr", "it"):
        word = _ELISION.sub("", word)
    paired = _PAIRED.fullmatch(word)
    if paired:
        return word, _pairs(word)
    stemmer = _stemmer(language)
    word = word.removesuffix("'s")
    bare = _without_marks(word).translate(_ARABIC_FORMS) if language == "ar" else word
    # Stem first: the rules of most languages need the marks that folding takes away.
    stem = stemmer.stemWord(bare) if stemmer else bare
    return word, (_without_marks(stem).replace("'", "") or word,)


def _pairs(word: str) -> tuple[str, ...]:
    if len(word) < 3:
        return (word,)
    return tuple(word[at : at + 2] for at in range(len(word) - 1))


def _without_marks(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


@cache
def _stemmer(language: str) -> _Stemmer | None:
    import snowballstemmer  # takes long to load, and most of the node's processes never stem

    name = _STEMMERS.get(language)
    return snowballstemmer.stemmer(name) if name else None
