"""How near every passage and page is to a text, by words and by each model: standard scores over all of the pages.

Scores of different retrievers do not compare, so each is put on one scale for each text: how many standard deviations
above the mean of all passages, or of all pages. The weights are set by hand and the same in every mode; recall on the
open dialogues hardly changes around them (docs/assistant.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.finding_words import Words, bm25, most_bm25
from commonweal.services.assistant.engine.index import Index
from commonweal.services.assistant.engine.meaning import Meaning

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_PAGE_MEANING, _PAGE_WORDS, _HEADINGS = 1.0, 0.7, 0.3
"""What a page as a whole weighs beside its best passage: the mean of its vectors, the mean of its passages' BM25, the
BM25 of its best heading. The words' part counts less the more models have read the page."""


@dataclass(frozen=True)
class Nearness:
    """How near the passages and pages of an index are to one text."""

    rows: Integers
    """The row number of each passage."""
    page_of: Integers
    """The place of each passage's page in `pages`."""
    pages: Integers
    """Page numbers."""
    by: Mapping[str, Floats]
    """Of each passage by `words`, the share of the most BM25 that the text could reach, and by each model its cosine;
    nan where a passage has no vector yet."""
    passages: Floats
    """Mean of the retrievers' standard scores of each passage."""
    best: Floats
    """The highest of these in each page."""
    scores: Floats
    """Of each page: its best passage and the page as a whole."""


def nearness_of(
    index: Index,
    said: Mapping[str, float],
    words: Words,
    meanings: Mapping[str, Meaning],
    hidden: Set[int] = frozenset(),
) -> Nearness | None:
    """Look up weighted words and what the models say of the same text; None without passages.

    `hidden`: numbers of pages to treat as if they were not there.
    """
    page_of_row = index.pages_of_rows()
    rows = np.flatnonzero((page_of_row > 0) & ~np.isin(page_of_row, list(hidden)))
    if not len(rows):
        return None
    pages, page_of = np.unique(page_of_row[rows], return_inverse=True)
    by_words = bm25(index, said, "whole")[rows]
    by = {"words": by_words / most_bm25(said, words), **{name: of.passages[rows] for name, of in meanings.items()}}
    passages = np.mean([standard(values) for values in by.values()], axis=0)
    best = _best(passages, page_of)
    whole = _PAGE_MEANING * sum((standard(of.pages[pages]) for of in meanings.values()), np.zeros(len(pages)))
    of_words = _PAGE_WORDS * standard(np.bincount(page_of, by_words) / np.bincount(page_of))
    of_words += _HEADINGS * _best(standard(bm25(index, said, "lead")[rows]), page_of)
    scores = best + (whole + of_words / len(by)) / len(by)
    return Nearness(rows, page_of, pages, by, passages, best, scores)


def standard(values: Floats) -> Floats:
    """Standard deviations above the mean; 0 where a value is nan, or all are equal."""
    there = ~np.isnan(values)
    if not there.any():
        return np.zeros(len(values))
    above: Floats = np.nan_to_num((values - values[there].mean()) / (values[there].std() + 1e-6))
    return above


def _best(values: Floats, page_of: Integers) -> Floats:
    best = np.full(int(page_of.max()) + 1, -np.inf)
    np.maximum.at(best, page_of, values)
    return best
