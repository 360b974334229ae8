"""Finding the passage that answers the last turn of a dialogue: two views of it, and how far the second holds.

The last turn alone and the whole dialogue each say how likely every page is. A learned gate, the chance that the last
turn goes on with what was said before, mixes the two. Within a page the last turn alone chooses the passage, since the
passage that was just quoted is seldom the next answer. Nothing here knows a language or a subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.bags import Bags
from commonweal.services.assistant.engine.finding_nearness import Nearness, nearness_of
from commonweal.services.assistant.engine.finding_pages import bags_of
from commonweal.services.assistant.engine.finding_tokens import compared
from commonweal.services.assistant.engine.finding_words import Turn, Words, words_of
from commonweal.services.assistant.engine.index import Entry, Index
from commonweal.services.assistant.engine.marks import with_marks
from commonweal.services.assistant.engine.meaning import NAMES, Meanings, meanings_of
from commonweal.services.assistant.engine.parameters import Parameters
from commonweal.services.assistant.engine.vectors import Vectors

Floats = NDArray[np.float64]
__all__ = ["Found", "Look", "Turn", "find"]
GATE_SIGNALS = (
    "said_before", "information", "length", "known", "top", "margin", "lost_by_last", "lost_by_dialogue",
    "minilm_before", "e5_before",
)  # fmt: skip
"""What tells whether the last turn goes on with what was said: the share of its words said before, how much it says,
how clear its own best page is, what it and the dialogue lose on each other's best page, the models' cosines with what
came before."""
_MOST_PAGES, _MOST_OF_PAGE = 20, 12


@dataclass(frozen=True)
class Look:
    """A dialogue looked up: how near pages are to the last turn and to the whole dialogue (the same without earlier
    turns)."""

    words: Words
    bags: Bags
    last: Nearness
    dialogue: Nearness
    gate_signals: Floats | None
    """In the order of GATE_SIGNALS; None where nothing was said before."""


@dataclass(frozen=True)
class Found:
    """The candidates, best first, with their scores."""

    entries: tuple[Entry, ...]
    scores: Floats
    look: Look | None
    """None where there is no passage at all."""

    def pages(self) -> list[str]:
        """Ids of the pages by their best passage."""
        return list(dict.fromkeys(entry.passage.page for entry in self.entries))


def find(
    index: Index, dialogue: Sequence[Turn], language: str, parameters: Parameters, vectors: Vectors | None = None
) -> Found:
    """Rank passages for the last turn, which must be the resident's. Raises ValueError for an empty dialogue."""
    if not dialogue:
        raise ValueError("A dialogue needs at least one turn.")
    with index.reading():
        looked = look(index, dialogue, language, vectors)
        return ranked(index, looked, parameters) if looked else Found((), np.zeros(0), None)


def look(index: Index, dialogue: Sequence[Turn], language: str, vectors: Vectors | None = None) -> Look | None:
    """Look up a dialogue; None where there is no passage."""
    dialogue = with_marks(index, dialogue, language)
    words, meanings = words_of(index, dialogue, language), meanings_of(vectors, index, dialogue)
    return view(dialogue, words, bags_of(index, words, meanings), meanings)


def view(dialogue: Sequence[Turn], words: Words, bags: Bags, meanings: Meanings) -> Look | None:
    """The same of what was already looked up."""
    said = [words.last, words.ever()][: len(dialogue)]
    views = [_near(bags, text, words, meanings, at) for at, text in enumerate(said)]
    last, whole = views[0], views[-1]
    if last is None or whole is None:
        return None
    before = [meanings.before.get(name, np.nan) for name in NAMES]
    signals = np.array([*_gate_signals(words, last, whole), *before]) if len(dialogue) > 1 else None
    return Look(words, bags, last, whole, signals)


def _near(bags: Bags, said: Mapping[str, float], words: Words, meanings: Meanings, at: int) -> Nearness | None:
    near = nearness_of(bags, said, words, {name: of[at] for name, of in meanings.of.items()})
    return compared(near, meanings.tokens[at], said, words) if near and meanings.tokens else near


def ranked(index: Index, looked: Look, parameters: Parameters) -> Found:
    """The passages of the likeliest pages, best first; a page stands where its best passage stands."""
    last = looked.last
    likely = page_chances(looked, parameters)
    scores = np.log(likely)[last.page_of] + parameters.sharpness * (last.passages - last.best[last.page_of])
    pages = np.argsort(-likely, kind="stable")[:_MOST_PAGES]
    best = [
        at
        for page in pages
        for of_page in [np.flatnonzero(last.page_of == page)]
        for at in of_page[np.argsort(-scores[of_page], kind="stable")][:_MOST_OF_PAGE]
    ]
    order = np.array(best)[np.argsort(-scores[best], kind="stable")]
    entries = index.entries([int(row) for row in last.rows[order]])
    return Found(tuple(entries), scores[order], looked)


def page_chances(looked: Look, parameters: Parameters) -> Floats:
    """How likely each page is: what the dialogue says and what the last turn alone says, mixed by the gate."""
    signals, sharpness = looked.gate_signals, parameters.sharpness
    gate = 0.0 if signals is None else parameters.history.probability(signals)
    mixed = gate * softmax(looked.dialogue.ranking, sharpness) + (1 - gate) * softmax(looked.last.ranking, sharpness)
    return np.maximum(mixed, 1e-12)


def softmax(scores: Floats, sharpness: float) -> Floats:
    """Chances from scores."""
    likely = np.exp(sharpness * (scores - scores.max()))
    share: Floats = likely / likely.sum()
    return share


def _gate_signals(words: Words, last: Nearness, dialogue: Nearness) -> list[float]:
    by_last, by_dialogue = last.scores.argmax(), dialogue.scores.argmax()
    ordered = np.sort(last.scores)
    return [
        words.share(words.last, frozenset(words.before())),
        min(words.information(words.last), 60) / 30,
        min(len(words.last), 30) / 15,
        1 - words.share(words.last, words.unknown),
        float(ordered[-1]),
        float(ordered[-1] - ordered[-2]) if len(ordered) > 1 else 0.0,
        float(last.scores[by_last] - last.scores[by_dialogue]),
        float(dialogue.scores[by_dialogue] - dialogue.scores[by_last]),
    ]
