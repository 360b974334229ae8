"""The words of pages as numbers, two ways: bags (the words of a page) and postings (the pages of a word).

A page's bag is one row of the index, 8 bytes for each different word of a passage, so that a thousand pages are read in
some milliseconds, whatever the size of the index. A posting is 4 bytes for each different word of a page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.floating]
ENTRY = np.dtype([("word", "<u4"), ("passage", "<u2"), ("lead", "u1"), ("whole", "u1")])
"""A word's number, the passage's place in the page, how often the word is in the title and headings, and how often
anywhere in the passage."""
POSTING = np.dtype([("page", "<u2"), ("worth", "<u2")])
"""A page's place in its block, and what the word is worth to it, times its rarity: about what `finding_nearness` will
make of it, so that the pages that are read are those that win there."""
_WORTH, _EVERYWHERE, _HEADED = 6_000, 3.0, 0.6
"""The unit of worth; what the mean of all passages and the best heading weigh beside the best passage."""
_USUAL_LENGTH = {"lead": 12.0, "whole": 100.0}
BLOCK = 2_048
"""Pages whose postings of a word are kept together, and are written anew when one of them changes."""
_MOST_TIMES = 255
K1, _B = 1.2, 0.75
COLUMNS = ("lead", "whole")


@dataclass(frozen=True)
class Bags:
    """Pages with their passages, and in which of these the words are that somebody asked for."""

    pages: Integers
    """Page numbers, those of the sample first."""
    sampled: int
    """How many of the pages were drawn without regard to the question: what is usual is learnt from them."""
    among: int
    """How many passages the whole index has."""
    rows: Integers
    """The row number of each passage."""
    page_of: Integers
    """The place of each passage's page in `pages`."""
    lengths: Mapping[str, Integers]
    """How many words each passage has in `lead` and in `whole`."""
    passage: NDArray[np.integer]
    """Of each word in a passage, the passage's place in `rows`."""
    word: NDArray[np.integer]
    """The word's number; after `asking`, its place among the words asked for."""
    times: Mapping[str, NDArray[np.integer]]
    """How often it is in `lead` and in `whole`."""

    @property
    def typical(self) -> NDArray[np.bool_]:
        """Which passages are of pages of the sample."""
        return self.page_of < self.sampled

    def and_also(self, others: Bags) -> Bags:
        """These and others, whose pages are not of the sample."""
        passages, pages = len(self.rows), len(self.pages)
        return Bags(
            np.concatenate([self.pages, others.pages]),
            self.sampled,
            self.among,
            np.concatenate([self.rows, others.rows]),
            np.concatenate([self.page_of, others.page_of + pages]),
            {name: np.concatenate([self.lengths[name], others.lengths[name]]) for name in COLUMNS},
            np.concatenate([self.passage, others.passage + passages]),
            np.concatenate([self.word, others.word]),
            {name: np.concatenate([self.times[name], others.times[name]]) for name in COLUMNS},
        )

    def asking(self, numbers: Sequence[int]) -> Bags:
        """The same with nothing but the words with these numbers, now called by their place among them."""
        place = np.full(max([int(self.word.max(initial=0)), *numbers]) + 1, -1, np.int16)
        place[list(numbers)] = np.arange(len(numbers))
        found = place[self.word]
        kept = np.flatnonzero(found >= 0)
        times = {name: of[kept].astype(np.int64) for name, of in self.times.items()}
        word, passage = found[kept].astype(np.int64), self.passage[kept].astype(np.int64)
        return replace(self, passage=passage, word=word, times=times)

    def words_of(self, page: int) -> frozenset[int]:
        """The words of the page at this place in `pages`."""
        return frozenset(self.word[self.page_of[self.passage] == page].tolist())

    def without(self, hidden: Set[int]) -> Bags:
        """The same as if the pages with these numbers were not there."""
        kept = ~np.isin(self.pages, list(hidden))
        if kept.all():
            return self
        rows = kept[self.page_of]
        entries = rows[self.passage]
        return Bags(
            self.pages[kept],
            int(kept[: self.sampled].sum()),
            self.among - int((~rows).sum()),
            self.rows[rows],
            (np.cumsum(kept) - 1)[self.page_of[rows]],
            {name: of[rows] for name, of in self.lengths.items()},
            (np.cumsum(rows) - 1)[self.passage[entries]],
            self.word[entries],
            {name: of[entries] for name, of in self.times.items()},
        )


def bag_of(passages: Sequence[tuple[Counter[str], Counter[str]]], numbers: Mapping[str, int]) -> bytes:
    """A page's bag of its passages' words (lead, whole), each word called by its number."""
    entries = [
        (numbers[word], at, min(lead[word], _MOST_TIMES), min(times, _MOST_TIMES))
        for at, (lead, whole) in enumerate(passages)
        for word, times in whole.items()
    ]
    return np.array(entries, ENTRY).tobytes()


def postings_of(bag: bytes, page: int) -> Iterator[tuple[int, bytes]]:
    """A posting for each word of the bag of a page at this place in its block."""
    entries = np.frombuffer(bag, ENTRY)
    words, word = np.unique(entries["word"], return_inverse=True)
    passages = int(entries["passage"].max(initial=0)) + 1
    best = {name: np.zeros(len(words)) for name in COLUMNS}
    total = np.zeros(len(words))
    for name, usual in _USUAL_LENGTH.items():
        lengths = np.bincount(entries["passage"], entries[name], passages)
        saturated = saturation(entries[name].astype(np.float64), lengths[entries["passage"]] / usual)
        np.maximum.at(best[name], word, saturated)
        total = np.bincount(word, saturated, len(words)).astype(np.float64)
    postings = np.zeros(len(words), POSTING)
    postings["page"] = page
    postings["worth"] = _WORTH * (best["whole"] + _EVERYWHERE * total / passages + _HEADED * best["lead"])
    written = postings.tobytes()
    for place, number in enumerate(words.tolist()):
        yield number, written[place * POSTING.itemsize : (place + 1) * POSTING.itemsize]


def without_page(postings: bytes, page: int) -> bytes:
    """A block's postings of a word without those of a page."""
    written = np.frombuffer(postings, POSTING)
    kept: bytes = written[written["page"] != page].tobytes()
    return kept


def read_postings(blocks: Sequence[tuple[int, bytes]]) -> tuple[Integers, Floats]:
    """Page numbers of a word's blocks, and what the word is worth to each."""
    postings = np.frombuffer(b"".join(pages for _block, pages in blocks), POSTING)
    sizes = [len(pages) // POSTING.itemsize for _block, pages in blocks]
    first = np.repeat(np.array([block * BLOCK for block, _pages in blocks], np.int64), sizes)
    return first + postings["page"], postings["worth"] / np.float32(_WORTH)


def saturation(times: Floats, lengths: Floats) -> Floats:
    """What BM25 gives for a word so many times in a passage of so many times the usual length, before its rarity."""
    return times * (K1 + 1) / (times + K1 * (1 - _B + _B * lengths))


def read(pages: Sequence[tuple[int, int, int, bytes]], among: int) -> Bags:
    """Bags of pages, each with its number, its first row number, how many passages it has, and what `bag_of` made."""
    numbers, firsts, counts = np.array([page[:3] for page in pages], np.int64).reshape(-1, 3).T
    entries = np.frombuffer(b"".join(page[3] for page in pages), ENTRY)
    starts = np.cumsum(counts) - counts
    page_of = np.repeat(np.arange(len(numbers)), counts)
    sizes = [len(page[3]) // ENTRY.itemsize for page in pages]
    passage = np.repeat(starts.astype(np.int32), sizes) + entries["passage"]
    return Bags(
        numbers,
        len(numbers),
        among,
        firsts[page_of] + np.arange(len(page_of)) - starts[page_of],
        page_of,
        {name: np.bincount(passage, entries[name], len(page_of)).astype(np.int64) for name in COLUMNS},
        passage,
        np.ascontiguousarray(entries["word"]),
        {name: np.ascontiguousarray(entries[name]) for name in COLUMNS},
    )
