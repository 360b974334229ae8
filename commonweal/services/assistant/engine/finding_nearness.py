"""How near passages and pages are to a text, by words and by each model, in standard scores.

Scores of different retrievers do not compare, so each is put on one scale for each text: how many standard deviations
above the mean of the passages, or pages, that no question chose. The weights are set by hand and the same in every
mode; recall on the open dialogues hardly changes around them (docs/assistant.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.bags import Bags
from commonweal.services.assistant.engine.finding_words import Words, bm25, most_bm25
from commonweal.services.assistant.engine.meaning import Meaning

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_PAGE_MEANING, _PAGE_WORDS, _HEADINGS = 1.0, 0.7, 0.3
"""What a page as a whole weighs beside its best passage: the mean of its vectors, the mean of its passages' BM25, the
BM25 of its best heading. The words' part counts less the more models have read the page."""


@dataclass(frozen=True)
class Nearness:
    """How near some passages and their pages are to one text."""

    rows: Integers
    """The row number of each passage."""
    page_of: Integers
    """The place of each passage's page in `pages`."""
    pages: Integers
    """Page numbers."""
    typical: NDArray[np.bool_]
    """Which passages no question chose."""
    among: int
    """How many passages there are, these among them."""
    by: Mapping[str, Floats]
    """Of each passage by `words`, the share of the most BM25 that the text could reach, and by each model its cosine;
    nan where a passage has no vector yet."""
    passages: Floats
    """Mean of the retrievers' standard scores of each passage."""
    best: Floats
    """The highest of these in each page."""
    scores: Floats
    """Of each page: its best passage and the page as a whole."""
    ranking: Floats
    """The same after a second look, where there was one: it orders pages, and says nothing against other texts."""
    met: Mapping[str, Floats]
    """Of each page by each model how well it meets the words of the text, between 0 and 1; nan where it was not looked
    at twice."""


def nearness_of(
    bags: Bags,
    said: Mapping[str, float],
    words: Words,
    meanings: Mapping[str, Meaning],
) -> Nearness | None:
    """How near the pages of bags are to weighted words, and to what the models say of the same text; None without
    passages."""
    if not len(bags.rows):
        return None
    page_of, pages, typical = bags.page_of, bags.pages, bags.typical
    usual = np.arange(len(pages)) < bags.sampled
    by_words = bm25(bags, said, words, "whole")
    by = {"words": by_words / most_bm25(said, words), **{name: of.passages[bags.rows] for name, of in meanings.items()}}
    passages = np.mean([standard(values, typical) for values in by.values()], axis=0)
    best = best_of_pages(passages, page_of)
    whole = _PAGE_MEANING * sum((standard(of.pages[pages], usual) for of in meanings.values()), np.zeros(len(pages)))
    of_words = _PAGE_WORDS * standard(np.bincount(page_of, by_words) / np.bincount(page_of), usual)
    of_words += _HEADINGS * best_of_pages(standard(bm25(bags, said, words, "lead"), typical), page_of)
    scores = best + (whole + of_words / len(by)) / len(by)
    return Nearness(bags.rows, page_of, pages, typical, bags.among, by, passages, best, scores, scores, {})


def standard(values: Floats, typical: NDArray[np.bool_]) -> Floats:
    """Standard deviations above the mean of the typical; 0 where a value is nan, or all of these are equal."""
    usual = values[typical & ~np.isnan(values)]
    if not len(usual):
        return np.zeros(len(values))
    above: Floats = np.nan_to_num((values - usual.mean()) / (usual.std() + 1e-6))
    return above


def best_of_pages(values: Floats, page_of: Integers) -> Floats:
    """The highest value in each page."""
    best = np.full(int(page_of.max()) + 1, -np.inf)
    np.maximum.at(best, page_of, values)
    return best
