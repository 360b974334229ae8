"""The word index: SQLite FTS5 over passages and over whole pages, in a file of its own or in memory.

One implementation whichever database keeps the records: PostgreSQL's `ts_rank` is not BM25. A page is replaced in one
short transaction, so a change is searchable at once.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.passages import Page, Passage, Span, passages_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS page (id TEXT PRIMARY KEY, number INTEGER UNIQUE, language TEXT, title TEXT);
CREATE TABLE IF NOT EXISTS passage (
    number INTEGER PRIMARY KEY, page INTEGER, ordinal INTEGER, headings TEXT, anchor TEXT, text TEXT, sentences TEXT,
    lead TEXT, whole TEXT, exact TEXT, length INTEGER);
CREATE INDEX IF NOT EXISTS passage_of_page ON passage (page, ordinal);
CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5 (
    lead, whole, exact, content='passage', content_rowid='number', tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE IF NOT EXISTS passage_vocabulary USING fts5vocab (passage_words, col);
CREATE VIRTUAL TABLE IF NOT EXISTS page_words USING fts5 (
    whole, content='', tokenize="unicode61 remove_diacritics 0");
CREATE TABLE IF NOT EXISTS page_content (number INTEGER PRIMARY KEY, whole TEXT);
"""
_MOST_QUERY_WORDS = 48


@dataclass(frozen=True)
class Entry:
    """A passage with its place in the index: row number, number of its page, analysed words."""

    number: int
    page_number: int
    passage: Passage
    lead: tuple[str, ...]
    whole: tuple[str, ...]
    exact: tuple[str, ...]


class Index:
    """A full-text index of passages. Not shared between threads: open one for each."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the index file, or an index in memory."""
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")  # the index can be rebuilt from the stored versions
        self._database.executescript(_SCHEMA)
        self._sized = (0, 1.0)
        self._sized_at = (-1, -1)
        self._pages = np.zeros(0, np.int64)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def replace(self, pages: Iterable[Page]) -> None:
        """Index these pages, each in place of what the index had of it. All or none."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            for page in pages:
                self._remove(page.id)
                self._add(page, passages_of(page))

    def replace_passages(self, page: Page, passages: Sequence[Passage]) -> None:
        """Index a page whose passages were cut elsewhere, in place of what the index had of it."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._remove(page.id)
            self._add(page, passages)

    def remove(self, page: str) -> None:
        """Forget a page; one that is not there is no error."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._remove(page)

    def __len__(self) -> int:
        """How many passages there are."""
        return self._size()[0]

    def page_count(self) -> int:
        """How many pages there are."""
        return int(self._database.execute("SELECT count(*) FROM page").fetchone()[0])

    def mean_length(self) -> float:
        """Mean number of folded words of a passage, title and headings included."""
        return self._size()[1]

    def _size(self) -> tuple[int, float]:
        """Passages and their mean length, counted anew only after a change, by us or by another process."""
        version = (self._database.execute("PRAGMA data_version").fetchone()[0], self._database.total_changes)
        if version != self._sized_at:
            count, mean = self._database.execute("SELECT count(*), avg(length) FROM passage").fetchone()
            self._sized = (int(count), float(mean or 1.0))
            self._sized_at = version
            self._pages = np.zeros(0, np.int64)
        return self._sized

    def document_frequencies(self, words: Iterable[str], column: str = "whole") -> dict[str, int]:
        """In how many passages each word occurs, in that column."""
        found = {}
        for word in set(words):
            row = self._database.execute(
                "SELECT doc FROM passage_vocabulary WHERE term = ? AND col = ?", (word, column)
            ).fetchone()
            found[word] = int(row[0]) if row else 0
        return found

    def passages_matching(self, words: Sequence[str], column: str, most: int) -> list[tuple[int, float]]:
        """The best passages by BM25 over one column (lead, whole or exact): row numbers with scores, best first."""
        match = _any_of(words)
        if not match:
            return []
        weights = ", ".join("1.0" if name == column else "0.0" for name in ("lead", "whole", "exact"))
        rows = self._database.execute(
            f"SELECT rowid, -bm25(passage_words, {weights}) AS score FROM passage_words "  # noqa: S608 - fixed names
            "WHERE passage_words MATCH ? ORDER BY score DESC, rowid LIMIT ?",
            (f"{{{column}}} : ({match})", most),
        )
        return [(int(number), float(score)) for number, score in rows]

    def pages_matching(self, words: Sequence[str], most: int) -> list[tuple[int, float]]:
        """The best whole pages by BM25: page numbers with scores, best first."""
        match = _any_of(words)
        if not match:
            return []
        rows = self._database.execute(
            "SELECT rowid, -bm25(page_words) AS score FROM page_words WHERE page_words MATCH ? "
            "ORDER BY score DESC, rowid LIMIT ?",
            (match, most),
        )
        return [(int(number), float(score)) for number, score in rows]

    def passages_of_pages(self, pages: Sequence[int]) -> list[int]:
        """The row numbers of all passages of these pages."""
        marks = ",".join("?" * len(pages))
        rows = self._database.execute(f"SELECT number FROM passage WHERE page IN ({marks})", tuple(pages))  # noqa: S608
        return [int(number) for (number,) in rows]

    def passage_numbers(self) -> list[int]:
        """The row numbers of all passages, in order."""
        return [int(number) for (number,) in self._database.execute("SELECT number FROM passage ORDER BY number")]

    def page_of_rows(self, size: int) -> NDArray[np.int64]:
        """The page number of each row number below `size`; 0 where there is no passage. Kept until a change."""
        self._size()
        if len(self._pages) != size:
            self._pages = np.zeros(size, np.int64)
            for number, page in self._database.execute("SELECT number, page FROM passage WHERE number < ?", (size,)):
                self._pages[number] = page
        return self._pages

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """The passages with these row numbers, in that order, without those that are not there."""
        marks = ",".join("?" * len(numbers))
        rows = self._database.execute(
            "SELECT passage.number, page.number, page.id, ordinal, language, title, headings, anchor, text, "  # noqa: S608
            "sentences, lead, whole, exact FROM passage JOIN page ON page.number = passage.page "
            f"WHERE passage.number IN ({marks})",
            tuple(numbers),
        )
        found = {row[0]: _entry(row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def _add(self, page: Page, passages: Sequence[Passage]) -> None:
        title = analyse(page.title, page.language)
        described = analyse(page.description, page.language).folded
        number = int(self._database.execute("SELECT coalesce(max(number), 0) + 1 FROM page").fetchone()[0])
        self._database.execute("INSERT INTO page VALUES (?, ?, ?, ?)", (page.id, number, page.language, page.title))
        words = [*title.folded, *described]
        for passage in passages:
            headings = analyse("\n".join(passage.headings), page.language)
            body = analyse(passage.text, page.language)
            lead = (*title.folded, *headings.folded)
            whole = (*lead, *body.folded)
            exact = (*title.exact, *headings.exact, *body.exact)
            words += headings.folded
            words += body.folded
            row = self._database.execute(
                "INSERT INTO passage (page, ordinal, headings, anchor, text, sentences, lead, whole, exact, length) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    passage.ordinal,
                    json.dumps(passage.headings),
                    passage.anchor,
                    passage.text,
                    json.dumps([(span.start, span.end) for span in passage.sentences]),
                    " ".join(lead),
                    " ".join(whole),
                    " ".join(exact),
                    len(whole),
                ),
            ).lastrowid
            self._database.execute(
                "INSERT INTO passage_words (rowid, lead, whole, exact) SELECT number, lead, whole, exact FROM passage "
                "WHERE number = ?",
                (row,),
            )
        self._database.execute("INSERT INTO page_words (rowid, whole) VALUES (?, ?)", (number, " ".join(words)))
        self._database.execute("INSERT INTO page_content VALUES (?, ?)", (number, " ".join(words)))

    def _remove(self, page: str) -> None:
        row = self._database.execute("SELECT number FROM page WHERE id = ?", (page,)).fetchone()
        if row is None:
            return
        self._database.execute(
            "INSERT INTO passage_words (passage_words, rowid, lead, whole, exact) "
            "SELECT 'delete', number, lead, whole, exact FROM passage WHERE page = ?",
            row,
        )
        self._database.execute(
            "INSERT INTO page_words (page_words, rowid, whole) SELECT 'delete', number, whole FROM page_content "
            "WHERE number = ?",
            row,
        )
        self._database.execute("DELETE FROM page_content WHERE number = ?", row)
        self._database.execute("DELETE FROM passage WHERE page = ?", row)
        self._database.execute("DELETE FROM page WHERE number = ?", row)


def inverse_document_frequency(documents: int, containing: int) -> float:
    """BM25's idf in Lucene's form, never negative."""
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))


def _any_of(words: Sequence[str]) -> str:
    """Distinct words, each quoted (raw text would be read as query syntax), joined by OR."""
    distinct = [word for word in dict.fromkeys(words) if '"' not in word][:_MOST_QUERY_WORDS]
    return " OR ".join(f'"{word}"' for word in distinct)


def _entry(row: tuple[int, int, str, int, str, str, str, str, str, str, str, str, str]) -> Entry:
    number, page_number, page, ordinal, language, title, headings, anchor, text, sentences, lead, whole, exact = row
    passage = Passage(
        page,
        ordinal,
        language,
        title,
        tuple(json.loads(headings)),
        anchor,
        text,
        tuple(Span(start, end) for start, end in json.loads(sentences)),
    )
    return Entry(number, page_number, passage, tuple(lead.split()), tuple(whole.split()), tuple(exact.split()))
