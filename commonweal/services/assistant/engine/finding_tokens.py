"""A second look at the likeliest pages: how well each word of the text is met by some word there, in its meaning.

Late interaction: of each token of the text the highest cosine with any token of the page's passages, weighed by what
the token's word is worth (MaxSim, O. Khattab and M. Zaharia, "ColBERT", SIGIR 2020). A page that speaks of everything
that was asked wins over one that is near on the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.finding_nearness import Nearness, best_of_pages
from commonweal.services.assistant.engine.finding_words import Words, worth_of
from commonweal.services.assistant.engine.meaning import TextTokens

Floats = NDArray[np.floating]
Integers = NDArray[np.int64]
_MOST_PAGES, _MOST_OF_PAGE, _MOST_ASKED = 10, 6, 48
_WEIGHTS = {"minilm": 0.6, "e5": 0.3}
"""Of a page's standard score among those compared, beside what was known of it. Set by hand out of .3, .6 and .9."""
_WITHIN_PAGE = 0.6
"""The same of a passage beside the others of its page, in the mean of the models."""


def compared(near: Nearness, asked: Mapping[str, TextTokens], said: Mapping[str, float], words: Words) -> Nearness:
    """The same with how well the likeliest pages meet the words of the text by each model, and with pages and passages
    moved by it; those that were not compared go with the last of these."""
    pages = np.argsort(-near.scores, kind="stable")[:_MOST_PAGES]
    nearest = [_nearest_of(near, int(page)) for page in pages]
    ranking, passages, met = near.ranking, near.passages, {}
    for name, tokens in asked.items():
        found = _met(near, nearest, tokens, said, words)
        if found:
            of_pages, of_passages = found
            met[name] = np.full(len(ranking), np.nan)
            met[name][pages] = of_pages
            ranking = ranking + _WEIGHTS[name] * _standing(of_pages, pages, len(ranking))
            passages = passages + _WITHIN_PAGE / len(asked) * _standing(
                of_passages, np.concatenate(nearest), len(passages)
            )
    return replace(near, ranking=ranking, passages=passages, best=best_of_pages(passages, near.page_of), met=met)


def _nearest_of(near: Nearness, page: int) -> Integers:
    passages = np.flatnonzero(near.page_of == page)
    return passages[np.argsort(-near.passages[passages], kind="stable")][:_MOST_OF_PAGE]


def _met(
    near: Nearness, nearest: Sequence[Integers], asked: TextTokens, said: Mapping[str, float], words: Words
) -> tuple[Floats, Floats] | None:
    """How well each page, and each of its nearest passages, meets the words that are worth most: the mean of the
    highest cosines, by worth. None without such words, or where a passage has no tokens yet."""
    worth = worth_of(asked.text, asked.tokens.spans, said, words)
    chosen = np.argsort(-worth, kind="stable")[:_MOST_ASKED]
    if not worth.sum():
        return None
    weights = worth[chosen] / worth[chosen].sum()
    tokens = asked.tokens.vectors[chosen].astype(np.float32) / 127
    pages, passages = [], []
    for of_page in nearest:
        there = [asked.of_passage(int(row)) for row in near.rows[of_page]]
        found = [vectors for vectors in there if vectors is not None]
        if len(found) < len(there):
            return None
        cosines = tokens @ np.concatenate(found).astype(np.float32).T / 127
        begins = np.cumsum([0, *map(len, found)])[:-1]
        pages.append(weights @ cosines.max(axis=1))
        passages.append(weights @ np.maximum.reduceat(cosines, begins, axis=1))
    return np.array(pages), np.concatenate(passages)


def _standing(values: Floats, at: Integers, size: int) -> Floats:
    """Standard scores of some among `size`; the rest stand where the last of them stands."""
    above = (values - values.mean()) / (values.std() + 1e-6)
    standing = np.full(size, above.min())
    standing[at] = above
    return standing
