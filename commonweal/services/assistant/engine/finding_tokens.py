"""A second look at the likeliest pages: how well each word of the text is met by some word there, in its meaning.

Late interaction: of each token of the text the highest cosine with any token of the page's passages, weighed by what
the token's word is worth (MaxSim, O. Khattab and M. Zaharia, "ColBERT", SIGIR 2020). A page that speaks of everything
that was asked wins over one that is near on the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.finding_nearness import Nearness
from commonweal.services.assistant.engine.finding_words import Words, worth_of
from commonweal.services.assistant.engine.meaning import TextTokens

Floats = NDArray[np.floating]
_MOST_PAGES, _MOST_OF_PAGE, _MOST_ASKED = 10, 6, 48
_WEIGHT = 0.6
"""Of a page's standard score among those compared, beside what was known of it. Set by hand out of .3, .6 and .9."""


def compared(near: Nearness, asked: TextTokens, said: Mapping[str, float], words: Words) -> Nearness:
    """The same with the ranking of the likeliest pages moved by how well they meet the words of the text; pages that
    were not compared go with the last of these."""
    worth = worth_of(asked.text, asked.tokens.spans, said, words)
    chosen = np.argsort(-worth, kind="stable")[:_MOST_ASKED]
    weights = worth[chosen]
    likeliest = np.argsort(-near.scores, kind="stable")[:_MOST_PAGES]
    if not weights.sum() or len(likeliest) < 2:
        return near
    tokens = asked.tokens.vectors[chosen].astype(np.float32) / 127
    met = np.array([_met(near, int(page), asked, tokens, weights) for page in likeliest])
    if np.isnan(met).any():
        return near
    above = _WEIGHT * (met - met.mean()) / (met.std() + 1e-6)
    moved = np.full(len(near.scores), above.min())
    moved[likeliest] = above
    return replace(near, ranking=near.scores + moved)


def _met(near: Nearness, page: int, asked: TextTokens, tokens: Floats, weights: Floats) -> float:
    """Mean of the highest cosines, by weight, with the page's nearest passages; nan where one has no tokens yet."""
    passages = np.flatnonzero(near.page_of == page)
    nearest = passages[np.argsort(-near.passages[passages], kind="stable")][:_MOST_OF_PAGE]
    there = [asked.of_passage(int(row)) for row in near.rows[nearest]]
    found = [vectors for vectors in there if vectors is not None]
    if len(found) < len(there):
        return float("nan")
    cosines = tokens @ np.concatenate(found).astype(np.float32).T / 127
    return float(weights @ cosines.max(axis=1) / weights.sum())
