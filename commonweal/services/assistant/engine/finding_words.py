"""What was said: the turns of a dialogue, their words with weights, and BM25 of passages for them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.bags import K1, Bags, saturation
from commonweal.services.assistant.engine.index import Index, Totals, Word

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_WORD = re.compile(r"\w+")
_DECAY = 0.85
"""How much less an earlier turn counts than the one after it."""


@dataclass(frozen=True)
class Turn:
    """What the resident (`user`) or the assistant or officer (`agent`) said."""

    role: str
    text: str


@dataclass(frozen=True)
class Words:
    """The folded words of a dialogue with their weights, and how rare each is."""

    last: Mapping[str, float]
    earlier: Mapping[str, float]
    """Of the resident's earlier turns; less the longer ago."""
    agent: Mapping[str, float]
    rarity: Mapping[str, float]
    """BM25's idf in Lucene's form, never negative; highest for a word that no passage has."""
    known: Mapping[str, Word]
    """The words that some passage has."""
    totals: Totals
    """Of the index that they were looked up in."""
    language: str

    @property
    def unknown(self) -> frozenset[str]:
        """The words that no passage has."""
        return frozenset(self.rarity.keys() - self.known.keys())

    def before(self) -> dict[str, float]:
        """The words of the earlier turns, whoever spoke."""
        return {
            word: max(self.earlier.get(word, 0.0), self.agent.get(word, 0.0)) for word in {*self.earlier, *self.agent}
        }

    def ever(self) -> dict[str, float]:
        """The words of the whole dialogue."""
        return {**self.before(), **self.last}

    def information(self, said: Mapping[str, float]) -> float:
        """The rarities of weighted words, added up."""
        return sum(weight * self.rarity[word] for word, weight in said.items())

    def share(self, said: Mapping[str, float], within: frozenset[str]) -> float:
        """Which part of the information of weighted words some words carry."""
        inside = {word: weight for word, weight in said.items() if word in within}
        return self.information(inside) / (self.information(said) or 1.0)


def words_of(index: Index, dialogue: Sequence[Turn], language: str) -> Words:
    """The weighted words of a dialogue; the last turn is the question."""
    last = dict.fromkeys(analyse(dialogue[-1].text, language).folded, 1.0)
    earlier: dict[str, float] = {}
    agent: dict[str, float] = {}
    weight = _DECAY
    for turn in reversed(dialogue[:-1]):
        into = agent if turn.role == "agent" else earlier
        for word in analyse(turn.text, language).folded:
            into[word] = max(into.get(word, 0.0), weight)
        if turn.role == "user":
            weight *= _DECAY
    said = sorted({*last, *earlier, *agent})
    known, totals = index.words(said), index.totals()
    rarity = {word: rarity_of(known[word].whole if word in known else 0, totals.passages) for word in said}
    return Words(last, earlier, agent, rarity, known, totals, language)


def worth_of(text: str, spans: Integers, said: Mapping[str, float], words: Words) -> Floats:
    """What the word is worth in which each span of a text ends: its weight times its rarity; 0 outside of words.

    E5's tokens begin with the space before their word.
    """
    worth = np.zeros(len(text) + 1)
    for word in _WORD.finditer(text):
        folded = analyse(word.group(), words.language).folded
        values = [said[form] * words.rarity[form] for form in folded if form in said]
        worth[word.start() : word.end()] = max(values, default=0.0)
    of_spans: Floats = worth[spans[:, 1] - 1]
    return of_spans


def rarity_of(containing: int, passages: int) -> float:
    """BM25's idf in Lucene's form."""
    return math.log(1 + (passages - containing + 0.5) / (containing + 0.5))


def bm25(bags: Bags, said: Mapping[str, float], words: Words, column: str) -> Floats:
    """BM25 of a column, lead or whole, of the passages of bags `asking` for the known words, for weighted words."""
    worth = np.array([
        said.get(word, 0.0) * rarity_of(getattr(known, column), words.totals.passages)
        for word, known in words.known.items()
    ])  # fmt: skip
    mean = getattr(words.totals, column) / (words.totals.passages or 1) or 1
    lengths = bags.lengths[column]
    of_words = worth[bags.word] * saturation(bags.times[column].astype(np.float64), lengths[bags.passage] / mean)
    return np.bincount(bags.passage, of_words, len(lengths)).astype(np.float64)


def most_bm25(said: Mapping[str, float], words: Words) -> float:
    """The BM25 that a passage would reach which has all of these words again and again."""
    return (K1 + 1) * words.information(said) or 1.0
