"""A vector of each passage for each model, 8 bits a number, in a memory-mapped file beside the word index.

Row n belongs to passage n of the index and carries a digest of the text it stands for, so a row that outlived its
passage is never taken for another's. Searching is brute force: exact, and fast enough for 100,000 passages.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.index import Entry, Index
from commonweal.services.assistant.engine.models import DIMENSIONS, Models
from commonweal.services.assistant.engine.passages import Passage

Floats = NDArray[np.float32]
_CHUNK = 16_384
_BATCH = 64


class Vectors:
    """The vectors of one index. Any process may read while one fills."""

    def __init__(self, models: Models, path: Path | None = None) -> None:
        """Open the file, or keep the vectors in memory."""
        self.models = models
        self._path = path
        self._record = np.dtype([
            ("text", "<u8"), ("scale", "<f4", len(models.models)), ("vector", "i1", (len(models.models), DIMENSIONS)),
        ])  # fmt: skip
        self._rows = np.zeros(0, self._record)

    def fill(self, index: Index, most: int | None = None) -> int:
        """Make the vectors of passages that have none yet, at most so many; returns how many were made."""
        made = 0
        numbers = index.passage_numbers()
        self._grow(max(numbers, default=0) + 1)
        for start in range(0, len(numbers), _BATCH):
            entries = index.entries(numbers[start : start + _BATCH])
            entries = [entry for entry in entries if not self._is_for(entry)]
            if most is not None:
                entries = entries[: most - made]
            if entries:
                self._write(entries)
                made += len(entries)
        self._forget(set(numbers))
        return made

    def repeat(self, other: Vectors, index: Index) -> None:
        """Take over another index's vectors for passages with the same text (benchmarks repeat pages)."""
        rows = other._current()
        known = {int(text): at for at, text in enumerate(rows["text"]) if text}
        numbers = index.passage_numbers()
        self._grow(max(numbers, default=0) + 1)
        for entry in index.entries(numbers):
            if (at := known.get(_digest(entry.passage))) is not None:
                self._rows[entry.number] = rows[at]

    def cosines(self, queries: Sequence[Floats]) -> Floats:
        """Cosine of every row with each model's query vectors; shape (models, queries, rows), nan in empty rows.

        `queries`: for each model, shape (queries, 384).
        """
        rows = self._current()
        found = np.full((len(queries), len(queries[0]), len(rows)), np.nan, np.float32)
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            there = part["text"] != 0
            for at, query in enumerate(queries):
                cosines = query @ part["vector"][:, at].astype(np.float32).T * part["scale"][:, at]
                found[at, :, start : start + _CHUNK] = np.where(there, cosines, np.nan)
        return found

    def stale(self, entries: Sequence[Entry]) -> NDArray[np.bool_]:
        """Which of these passages have no vector, or that of an older text."""
        return np.array([not self._is_for(entry) for entry in entries], dtype=bool)

    def _is_for(self, entry: Entry) -> bool:
        rows = self._current()
        return entry.number < len(rows) and int(rows["text"][entry.number]) == _digest(entry.passage)

    def _write(self, entries: Sequence[Entry]) -> None:
        texts = [passage_text(entry.passage) for entry in entries]
        vectors = np.stack([model.passages(texts) for model in self.models.models], axis=1)
        scale = np.abs(vectors).max(axis=2) / 127
        numbers = [entry.number for entry in entries]
        self._rows["text"][numbers] = 0
        self._rows["vector"][numbers] = np.round(vectors / scale[:, :, None])
        self._rows["scale"][numbers] = scale
        self._rows["text"][numbers] = [_digest(entry.passage) for entry in entries]

    def _forget(self, kept: set[int]) -> None:
        gone = [int(number) for number in np.flatnonzero(self._rows["text"]) if number not in kept]
        self._rows["text"][gone] = 0

    def _grow(self, size: int) -> None:
        rows = self._current()
        if size <= len(rows):
            return
        if self._path is None:
            self._rows = np.concatenate([rows, np.zeros(size - len(rows), self._record)])
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            os.truncate(file.fileno(), size * self._record.itemsize)
        self._current()

    def _current(self) -> NDArray[np.void]:
        """The rows, mapped anew when another process made the file longer."""
        if self._path is not None and self._path.exists():
            size = self._path.stat().st_size // self._record.itemsize
            if size != len(self._rows):
                self._rows = np.memmap(self._path, self._record, "r+", shape=(size,)) if size else self._rows[:0]
        return self._rows


def passage_text(passage: Passage) -> str:
    """What a model reads of a passage: title and headings before the words."""
    return "\n".join([passage.title, *passage.headings, passage.text]).strip()


def _digest(passage: Passage) -> int:
    """64 bits that name the text; never 0, which marks an empty row."""
    return int.from_bytes(hashlib.sha256(passage_text(passage).encode()).digest()[:8], "little") or 1
