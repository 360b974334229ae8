"""What the embedding models say of a dialogue: for every passage, how near its meaning is to what was asked.

Cosines of different models do not compare, so they are put on one scale for each question: how many standard
deviations above the mean of all passages. Models that read the language are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.vectors import Vectors

Floats = NDArray[np.float64]
TEXTS = ("last", "user", "full")
NAMES = ("minilm", "e5")


@dataclass(frozen=True)
class Meaning:
    """Nearness to the last turn, to the resident's turns and to the whole dialogue, newest turn first."""

    standard: Floats
    """Shape (3, rows of the index): mean of the models' standard scores; nan where a passage has no vector."""
    cosines: Floats
    """Shape (models of NAMES, 3, rows); nan for a model that is not there."""
    page_of: NDArray[np.int64]
    """The page number of each row; 0 where there is none."""
    before: Floats
    """For each model of NAMES the cosine of the last turn with what was said before; nan where nothing was."""

    def best_rows(self, text: str, most: int) -> list[int]:
        """The nearest passages."""
        scores = np.where(np.isnan(self.standard[TEXTS.index(text)]), -np.inf, self.standard[TEXTS.index(text)])
        best = np.argpartition(-scores, min(most, len(scores) - 1))[:most]
        return [int(row) for row in best[np.argsort(-scores[best], kind="stable")] if scores[row] > -np.inf]

    def pages(self) -> Floats:
        """The nearest passage of each page, shape (3, highest page number + 1); -4 for a page without vectors."""
        best = np.full((len(TEXTS), int(self.page_of.max(initial=0)) + 1), -4.0)
        for at in range(len(TEXTS)):
            np.fmax.at(best[at], self.page_of, self.standard[at])
        return best


def meaning_of(vectors: Vectors, index: Index, turns: Sequence[tuple[str, str]]) -> Meaning | None:
    """Look up a dialogue of (role, text); None where no passage has a vector yet."""
    newest = list(reversed(turns))
    last = newest[0][1]
    user = " ".join(text for role, text in newest if role == "user")
    full = " ".join(text for _, text in newest)
    before = " ".join(text for _, text in newest[1:])
    texts = list(dict.fromkeys(text for text in (last, user, full, before) if text))
    queries = [model.queries(texts) for model in vectors.models.models]
    wanted = [texts.index(text) for text in (last, user, full)]
    found = vectors.cosines([query[wanted] for query in queries]).astype(np.float64)
    if not found.size or np.isnan(found).all():
        return None
    cosines = np.full((len(NAMES), *found.shape[1:]), np.nan)
    earlier = np.full(len(NAMES), np.nan)
    for model, query, values in zip(vectors.models.models, queries, found, strict=True):
        at = NAMES.index(model.name)
        cosines[at] = values
        if before:
            earlier[at] = query[wanted[0]] @ query[texts.index(before)]
    mean = np.nanmean(found, axis=2, keepdims=True)
    spread = np.nanstd(found, axis=2, keepdims=True) + 1e-6
    standard = ((found - mean) / spread).mean(axis=0)
    page_of = index.page_of_rows(found.shape[2])
    return Meaning(standard, cosines, page_of, earlier)
