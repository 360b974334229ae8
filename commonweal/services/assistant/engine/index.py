"""The word index: which words stand where, in a SQLite file of its own or in memory.

A question reads the postings of its words, which name the likeliest pages, then the bags of these and of a sample that
tells what is usual. Up to a thousand pages the sample is all there is. SQLite keeps it whichever database keeps the
records: PostgreSQL's `ts_rank` is not BM25, and FTS5 cannot rank whole sentences in time at 100,000 pages
(docs/assistant.md). A page is replaced in one short transaction, so a change is searchable at once.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from commonweal.services.assistant.engine import bags
from commonweal.services.assistant.engine.analysis import analyse
from commonweal.services.assistant.engine.bags import Bags, Floats, Integers
from commonweal.services.assistant.engine.passages import Page, Passage, Span, passages_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS page (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, language TEXT, title TEXT, first INTEGER, passages INTEGER,
    lead INTEGER, whole INTEGER);
CREATE TABLE IF NOT EXISTS passage (
    number INTEGER PRIMARY KEY, page INTEGER, ordinal INTEGER, headings TEXT, anchor TEXT, text TEXT, sentences TEXT,
    digest INTEGER);
CREATE INDEX IF NOT EXISTS passage_of_page ON passage (page);
CREATE TABLE IF NOT EXISTS word (number INTEGER PRIMARY KEY, word TEXT UNIQUE, lead INTEGER, whole INTEGER);
CREATE TABLE IF NOT EXISTS bag (page INTEGER PRIMARY KEY, entries BLOB);
CREATE TABLE IF NOT EXISTS posting (word INTEGER, block INTEGER, pages BLOB, PRIMARY KEY (word, block)) WITHOUT ROWID;
"""
_SAMPLE = 1_000
_SPREAD = 2_654_435_761  # Knuth's multiplicative hash: neighbouring numbers fall far apart
Postings = defaultdict[tuple[int, int], bytearray]


@dataclass(frozen=True)
class Entry:
    """A passage with its place in the index: row number, number of its page."""

    number: int
    page_number: int
    passage: Passage


@dataclass(frozen=True)
class Word:
    """A word's number, and how many passages have it in `lead` (title and headings) and in `whole` (these and text)."""

    number: int
    lead: int
    whole: int


@dataclass(frozen=True)
class Totals:
    """How many pages with passages, passages, and words in either column the index has."""

    pages: int
    passages: int
    lead: int
    whole: int


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
        self._sample: Bags | None = None
        self._totals = Totals(0, 0, 0, 0)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def replace(self, pages: Iterable[Page]) -> None:
        """Index these pages, each in place of what the index had of it. All or none."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            postings: Postings = defaultdict(bytearray)
            for page in pages:
                if self._is_there(page.id):
                    self._post(postings)  # it may have come a moment ago
                    self._remove(page.id)
                self._add(page, passages_of(page), postings)
            self._post(postings)

    def replace_passages(self, page: Page, passages: Sequence[Passage]) -> None:
        """Index a page whose passages were cut elsewhere, in place of what the index had of it."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._remove(page.id)
            postings: Postings = defaultdict(bytearray)
            self._add(page, passages, postings)
            self._post(postings)

    def remove(self, page: str) -> None:
        """Forget a page; one that is not there is no error."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._remove(page)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One state of the index throughout, whatever is written meanwhile."""
        self._database.execute("BEGIN")
        try:
            yield
        finally:
            self._database.execute("COMMIT")

    def totals(self) -> Totals:
        """How much there is. Kept until a change."""
        self._forget_after_a_change()
        if not self._totals.pages:
            query = "SELECT count(*), total(passages), total(lead), total(whole) FROM page WHERE passages"
            self._totals = Totals(*map(int, self._database.execute(query).fetchone()))
        return self._totals

    def words(self, words: Iterable[str]) -> dict[str, Word]:
        """Those of some folded words that passages have."""
        found = {}
        for word in words:
            row = self._database.execute("SELECT number, lead, whole FROM word WHERE word = ?", (word,)).fetchone()
            if row:
                found[word] = Word(*row)
        return found

    def sample(self) -> Bags:
        """The bags of at most a thousand pages that no question chose, in order. Kept until a change."""
        self._forget_after_a_change()
        if self._sample is None:
            pages = self._database.execute("SELECT number FROM page WHERE passages").fetchall()
            numbers = np.array(pages, np.int64).reshape(-1)
            drawn = np.argsort(numbers * _SPREAD % 2**32)[:_SAMPLE]
            self._sample = self.bags(np.sort(numbers[drawn]).tolist())
        return self._sample

    def bags(self, pages: Iterable[int]) -> Bags:
        """The bags of the pages with these numbers, as far as they have passages."""
        rows = [
            row
            for page in pages
            for row in self._database.execute(
                "SELECT number, first, passages, entries FROM page JOIN bag ON bag.page = number "
                "WHERE number = ? AND passages",
                (page,),
            )
        ]
        return bags.read(rows, self.totals().passages)

    def last_page(self) -> int:
        """The highest page number."""
        return int(self._database.execute("SELECT coalesce(max(number), 0) FROM page").fetchone()[0])

    def pages_with(self, word: int) -> tuple[Integers, Floats]:
        """The numbers of the pages with the word of this number, and what it is worth to each."""
        rows = self._database.execute("SELECT block, pages FROM posting WHERE word = ? ORDER BY block", (word,))
        return bags.read_postings(rows.fetchall())

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
            self._rows, self._sample, self._totals = {}, None, Totals(0, 0, 0, 0)

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """The passages with these row numbers, in that order, without those that are not there."""
        marks = ",".join("?" * len(numbers))
        rows = self._database.execute(
            "SELECT passage.number, page.number, page.id, ordinal, language, title, headings, anchor, text, "  # noqa: S608
            "sentences FROM passage JOIN page ON page.number = passage.page "
            f"WHERE passage.number IN ({marks})",
            tuple(numbers),
        )
        found = {row[0]: _entry(row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def _add(self, page: Page, passages: Sequence[Passage], postings: Postings) -> None:
        number, first = (
            int(self._database.execute(f"SELECT coalesce(max(number), 0) + 1 FROM {table}").fetchone()[0])  # noqa: S608
            for table in ("page", "passage")
        )
        for at, passage in enumerate(passages):
            spans = json.dumps([(span.start, span.end) for span in passage.sentences])
            self._database.execute(
                "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    first + at,
                    number,
                    passage.ordinal,
                    json.dumps(passage.headings),
                    passage.anchor,
                    passage.text,
                    spans,
                    digest_of(passage),
                ),
            )
        counted = _counted(page, passages)
        lead, whole = (sum(both[column].total() for both in counted) for column in (0, 1))
        self._database.execute(
            "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, page.id, page.language, page.title, first, len(passages), lead, whole),
        )
        bag = bags.bag_of(counted, self._count(counted))
        self._database.execute("INSERT INTO bag VALUES (?, ?)", (number, bag))
        block, at = divmod(number, bags.BLOCK)
        for word, posting in bags.postings_of(bag, at):
            postings[word, block] += posting

    def _count(self, passages: Sequence[tuple[Counter[str], Counter[str]]]) -> dict[str, int]:
        """Count in how many passages each word is; returns the words' numbers."""
        lead, whole = (Counter(word for both in passages for word in both[column]) for column in (0, 1))
        return {
            word: self._database.execute(
                "INSERT INTO word (word, lead, whole) VALUES (?, ?, ?) ON CONFLICT (word) DO UPDATE "
                "SET lead = lead + excluded.lead, whole = whole + excluded.whole RETURNING number",
                (word, lead[word], times),
            ).fetchone()[0]
            for word, times in whole.items()
        }

    def _post(self, postings: Postings) -> None:
        """Write what was gathered behind what is there."""
        self._database.executemany(
            "INSERT INTO posting VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
            "SET pages = CAST(pages || excluded.pages AS BLOB)",
            [(*word_and_block, pages) for word_and_block, pages in postings.items()],
        )
        postings.clear()

    def _is_there(self, page: str) -> bool:
        return self._database.execute("SELECT 1 FROM page WHERE id = ?", (page,)).fetchone() is not None

    def _remove(self, page: str) -> None:
        row = self._database.execute("SELECT number FROM page WHERE id = ?", (page,)).fetchone()
        if row is None:
            return
        (bag,) = self._database.execute("DELETE FROM bag WHERE page = ? RETURNING entries", row).fetchone()
        entries = np.frombuffer(bag, bags.ENTRY)
        words = np.unique(entries["word"]).tolist()
        self._database.executemany(
            "UPDATE word SET lead = lead - ?, whole = whole - 1 WHERE number = ?",
            [(int(lead > 0), int(word)) for word, lead in zip(entries["word"], entries["lead"], strict=True)],
        )
        self._database.executemany("DELETE FROM word WHERE number = ? AND whole = 0", [(word,) for word in words])
        block, at = divmod(row[0], bags.BLOCK)
        for word in words:
            key = (word, block)
            select = "SELECT pages FROM posting WHERE word = ? AND block = ?"
            pages = bags.without_page(self._database.execute(select, key).fetchone()[0], at)
            self._database.execute("UPDATE posting SET pages = ? WHERE word = ? AND block = ?", (pages, *key))
        self._database.execute("DELETE FROM passage WHERE page = ?", row)
        self._database.execute("DELETE FROM page WHERE number = ?", row)


def _counted(page: Page, passages: Sequence[Passage]) -> list[tuple[Counter[str], Counter[str]]]:
    """How often each folded word is in the title and headings of each passage, and in all of it."""
    title = analyse(page.title, page.language).folded
    described = analyse(page.description, page.language).folded
    counted = []
    for passage in passages:
        lead = Counter((*title, *analyse("\n".join(passage.headings), page.language).folded))
        whole = lead + Counter((*analyse(passage.text, page.language).folded, *described))
        described = ()  # belongs to the page: its first passage stands for it
        counted.append((lead, whole))
    return counted


def embedded_text(passage: Passage) -> str:
    """What a model reads of a passage: title and headings before the words."""
    return "\n".join([passage.title, *passage.headings, passage.text]).strip()


def digest_of(passage: Passage) -> int:
    """63 bits that name that text; never 0, which marks an empty row."""
    return int.from_bytes(hashlib.sha256(embedded_text(passage).encode()).digest()[:8], "little") >> 1 or 1


def _entry(row: tuple[int, int, str, int, str, str, str, str, str, str]) -> Entry:
    number, page_number, page, ordinal, language, title, headings, anchor, text, sentences = row
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
    return Entry(number, page_number, passage)
