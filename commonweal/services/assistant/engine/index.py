"""The word index: SQLite FTS5 over passages, in a file of its own or in memory.

One implementation whichever database keeps the records: PostgreSQL's `ts_rank` is not BM25. A page is replaced in one
short transaction, so a change is searchable at once.
"""

from __future__ import annotations

import hashlib
import json
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
    lead TEXT, whole TEXT, digest INTEGER);
CREATE INDEX IF NOT EXISTS passage_of_page ON passage (page, ordinal);
CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5 (
    lead, whole, content='passage', content_rowid='number', tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE IF NOT EXISTS passage_places USING fts5vocab (passage_words, instance);
"""
_MOST_QUERY_WORDS = 48
_MOST_PLACES_KEPT = 4_000_000  # each takes 16 bytes
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Entry:
    """A passage with its place in the index: row number, number of its page, analysed words.

    `lead` has those of the title and the headings, `whole` those of the text as well.
    """

    number: int
    page_number: int
    passage: Passage
    lead: tuple[str, ...]
    whole: tuple[str, ...]


class Index:
    """A full-text index of passages. Not shared between threads: open one for each."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the index file, or an index in memory."""
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")  # the index can be rebuilt from the stored versions
        self._database.executescript(_SCHEMA)
        self._read_at = (-1, -1)
        self._rows: dict[str, Integers] = {}
        self._places: dict[tuple[str, str], tuple[Integers, Integers]] = {}

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
        return int(self._database.execute("SELECT count(*) FROM passage").fetchone()[0])

    def page_count(self) -> int:
        """How many pages there are."""
        return int(self._database.execute("SELECT count(*) FROM page").fetchone()[0])

    def numbers_of_pages(self, ids: Iterable[str]) -> dict[str, int]:
        """The page numbers of those ids that there are."""
        found = {}
        for page in ids:
            row = self._database.execute("SELECT number FROM page WHERE id = ?", (page,)).fetchone()
            if row:
                found[page] = int(row[0])
        return found

    def pages_of_rows(self) -> Integers:
        """The page number of each row number; 0 where there is no passage."""
        return self._by_row("page")

    def digests_of_rows(self) -> Integers:
        """The digest of each row number's passage (`digest_of`); 0 where there is none."""
        return self._by_row("digest")

    def lengths_of_rows(self, column: str) -> Integers:
        """How many folded words each row number's passage has in a column, lead or whole."""
        return self._by_row(f"length({column}) - length(replace({column}, ' ', '')) + ({column} != '')")

    def places(self, word: str, column: str) -> tuple[Integers, Integers]:
        """The row numbers of the passages that have a folded word in a column, and how often.

        Kept until a change or until too many are. Words that no passage has are not: anybody can make those up.
        """
        self._forget_after_a_change()
        found = self._places.get((word, column))
        if found is None:
            rows = self._database.execute(
                "SELECT doc FROM passage_places WHERE term = ? AND col = ?", (word, column)
            ).fetchall()
            found = np.unique(np.array(rows, np.int64), return_counts=True)
            self._keep(word, column, found)
        return found

    def _keep(self, word: str, column: str, found: tuple[Integers, Integers]) -> None:
        if not len(found[0]):
            return
        if sum(len(rows) for rows, _times in self._places.values()) + len(found[0]) > _MOST_PLACES_KEPT:
            self._places = {}
        self._places[word, column] = found

    def _by_row(self, value: str) -> Integers:
        """A number of each passage by its row number; 0 where there is no passage. Kept until a change."""
        self._forget_after_a_change()
        if value not in self._rows:
            query = f"SELECT number, {value} FROM passage ORDER BY number"  # noqa: S608 - fixed expressions
            numbers, values = np.array(self._database.execute(query).fetchall() or [(0, 0)], np.int64).T
            self._rows[value] = np.zeros(int(numbers[-1]) + 1, np.int64)
            self._rows[value][numbers] = values
        return self._rows[value]

    def _forget_after_a_change(self) -> None:
        """Another process may have made it."""
        version = (self._database.execute("PRAGMA data_version").fetchone()[0], self._database.total_changes)
        if version != self._read_at:
            self._read_at = version
            self._rows, self._places = {}, {}

    def passages_matching(self, words: Sequence[str], column: str, most: int) -> list[tuple[int, float]]:
        """The best passages by BM25 over one column (lead or whole): row numbers with scores, best first."""
        match = _any_of(words)
        if not match:
            return []
        weights = ", ".join("1.0" if name == column else "0.0" for name in ("lead", "whole"))
        rows = self._database.execute(
            f"SELECT rowid, -bm25(passage_words, {weights}) AS score FROM passage_words "  # noqa: S608 - fixed names
            "WHERE passage_words MATCH ? ORDER BY score DESC, rowid LIMIT ?",
            (f"{{{column}}} : ({match})", most),
        )
        return [(int(number), float(score)) for number, score in rows]

    def passage_numbers(self) -> list[int]:
        """The row numbers of all passages, in order."""
        return [int(number) for (number,) in self._database.execute("SELECT number FROM passage ORDER BY number")]

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """The passages with these row numbers, in that order, without those that are not there."""
        marks = ",".join("?" * len(numbers))
        rows = self._database.execute(
            "SELECT passage.number, page.number, page.id, ordinal, language, title, headings, anchor, text, "  # noqa: S608
            "sentences, lead, whole FROM passage JOIN page ON page.number = passage.page "
            f"WHERE passage.number IN ({marks})",
            tuple(numbers),
        )
        found = {row[0]: _entry(row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def _add(self, page: Page, passages: Sequence[Passage]) -> None:
        title = analyse(page.title, page.language).folded
        described = analyse(page.description, page.language).folded
        number = int(self._database.execute("SELECT coalesce(max(number), 0) + 1 FROM page").fetchone()[0])
        self._database.execute("INSERT INTO page VALUES (?, ?, ?, ?)", (page.id, number, page.language, page.title))
        for passage in passages:
            lead = (*title, *analyse("\n".join(passage.headings), page.language).folded)
            whole = (*lead, *analyse(passage.text, page.language).folded, *described)
            described = ()  # belongs to the page: its first passage stands for it
            row = self._database.execute(
                "INSERT INTO passage (page, ordinal, headings, anchor, text, sentences, lead, whole, digest) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    passage.ordinal,
                    json.dumps(passage.headings),
                    passage.anchor,
                    passage.text,
                    json.dumps([(span.start, span.end) for span in passage.sentences]),
                    " ".join(lead),
                    " ".join(whole),
                    digest_of(passage),
                ),
            ).lastrowid
            self._database.execute(
                "INSERT INTO passage_words (rowid, lead, whole) SELECT number, lead, whole FROM passage "
                "WHERE number = ?",
                (row,),
            )

    def _remove(self, page: str) -> None:
        row = self._database.execute("SELECT number FROM page WHERE id = ?", (page,)).fetchone()
        if row is None:
            return
        self._database.execute(
            "INSERT INTO passage_words (passage_words, rowid, lead, whole) "
            "SELECT 'delete', number, lead, whole FROM passage WHERE page = ?",
            row,
        )
        self._database.execute("DELETE FROM passage WHERE page = ?", row)
        self._database.execute("DELETE FROM page WHERE number = ?", row)


def embedded_text(passage: Passage) -> str:
    """What a model reads of a passage: title and headings before the words."""
    return "\n".join([passage.title, *passage.headings, passage.text]).strip()


def digest_of(passage: Passage) -> int:
    """63 bits that name that text; never 0, which marks an empty row."""
    return int.from_bytes(hashlib.sha256(embedded_text(passage).encode()).digest()[:8], "little") >> 1 or 1


def _any_of(words: Sequence[str]) -> str:
    """Distinct words, each quoted (raw text would be read as query syntax), joined by OR."""
    distinct = [word for word in dict.fromkeys(words) if '"' not in word][:_MOST_QUERY_WORDS]
    return " OR ".join(f'"{word}"' for word in distinct)


def _entry(row: tuple[int, int, str, int, str, str, str, str, str, str, str, str]) -> Entry:
    number, page_number, page, ordinal, language, title, headings, anchor, text, sentences, lead, whole = row
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
    return Entry(number, page_number, passage, tuple(lead.split()), tuple(whole.split()))
