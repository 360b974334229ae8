"""What the embedding models say of a dialogue: how near the meaning of every passage and page is to what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.finding_words import Turn
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.models import Bytes, Tokens
from commonweal.services.assistant.engine.tokens import TokenVectors
from commonweal.services.assistant.engine.vectors import Vectors

Floats = NDArray[np.float64]
NAMES = ("minilm", "e5")


@dataclass(frozen=True)
class Meaning:
    """What one model says of one text."""

    passages: Floats
    """Cosine with each row of the index; nan where there is no vector yet."""
    pages: Floats
    """Cosine with the mean of a page's vectors, by page number; nan for a page without any."""


@dataclass(frozen=True)
class TextTokens:
    """A text's tokens by one model, and where those of the passages are read."""

    text: str
    tokens: Tokens
    passages: TokenVectors
    digests: NDArray[np.int64]
    """Of the index's rows."""

    def of_passage(self, row: int) -> Bytes | None:
        """The tokens of the passage in a row; None where they were not made yet."""
        return self.passages.of(row, int(self.digests[row]))


@dataclass(frozen=True)
class Meanings:
    """What the models say of a dialogue, by the model's name; without models or vectors both are empty."""

    of: dict[str, tuple[Meaning, ...]]
    """One for each text."""
    before: dict[str, float]
    """Cosine of the last turn with what was said before; nothing where nothing was."""
    tokens: tuple[Mapping[str, TextTokens], ...] = ()
    """The same of tokens: for each text, by the model's name."""


def texts_of(dialogue: Sequence[Turn]) -> list[str]:
    """The last turn and, after earlier turns, the whole dialogue: newest first, as models read the first words best."""
    newest = [turn.text for turn in reversed(dialogue)]
    return newest[:1] if len(newest) == 1 else [newest[0], " ".join(newest)]


def meanings_of(vectors: Vectors | None, index: Index, dialogue: Sequence[Turn]) -> Meanings:
    """Look up the texts of a dialogue."""
    if vectors is None:
        return Meanings({}, {})
    texts = texts_of(dialogue)
    before = " ".join(turn.text for turn in reversed(dialogue[:-1]))
    models = vectors.models.models
    # One text at a time: numbers of 8 bits come out a little otherwise beside other texts.
    asked = {model.name: [model.question(text) for text in (*texts, *([before] if before else []))] for model in models}
    page_of = index.pages_of_rows()
    digests = index.digests_of_rows()
    there = vectors.there(digests)
    if not there.any():
        return Meanings({}, {})
    passages = np.full((len(models), len(texts), len(page_of)), np.nan)
    found = vectors.cosines([np.array([vector for vector, _ in read[: len(texts)]]) for read in asked.values()])
    passages[:, :, there] = found[:, :, : len(there)][:, :, there[: found.shape[2]]]
    lengths = vectors.page_lengths(index)
    of = {
        name: tuple(Meaning(row, _mean_of_pages(row, page_of) / lengths[at]) for row in passages[at])
        for at, name in enumerate(asked)
    }
    alike = {name: float(read[0][0] @ read[-1][0]) for name, read in asked.items() if before}
    tokens = [
        {name: TextTokens(text, read[at][1], vectors.tokens[name], digests) for name, read in asked.items()}
        for at, text in enumerate(texts)
    ]
    return Meanings(of, alike, tuple(tokens))


def _mean_of_pages(values: Floats, page_of: NDArray[np.int64]) -> Floats:
    there = ~np.isnan(values) & (page_of > 0)
    size = int(page_of.max(initial=0)) + 1
    counts = np.bincount(page_of[there], minlength=size)
    sums = np.bincount(page_of[there], values[there], size)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
