"""What was said: the turns of a dialogue, their words with weights, and BM25 of every passage for them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.index import Index

Floats = NDArray[np.float64]
_K1, _B = 1.2, 0.75
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
    unknown: frozenset[str]
    """The words that no passage has."""

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
    passages = len(index)
    containing = {word: len(index.places(word, "whole")[0]) for word in {*last, *earlier, *agent}}
    rarity = {word: math.log(1 + (passages - times + 0.5) / (times + 0.5)) for word, times in containing.items()}
    return Words(last, earlier, agent, rarity, frozenset(word for word, times in containing.items() if not times))


def bm25(index: Index, said: Mapping[str, float], column: str) -> Floats:
    """BM25 of a column, lead or whole, of every row of the index for weighted folded words."""
    lengths = index.lengths_of_rows(column)
    passages = np.count_nonzero(index.pages_of_rows())
    damping = _K1 * (1 - _B + _B * lengths * passages / (lengths.sum() or 1))
    scores = np.zeros(len(lengths))
    for word, weight in said.items():
        rows, times = index.places(word, column)
        if len(rows):
            rarity = math.log(1 + (passages - len(rows) + 0.5) / (len(rows) + 0.5))
            scores[rows] += weight * rarity * times * (_K1 + 1) / (times + damping[rows])
    return scores


def most_bm25(said: Mapping[str, float], words: Words) -> float:
    """The BM25 that a passage would reach which has all of these words again and again."""
    return (_K1 + 1) * words.information(said) or 1.0
