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

from commonweal.services.assistant.engine.index import Entry, Index, digest_of, embedded_text
from commonweal.services.assistant.engine.models import DIMENSIONS, Models
from commonweal.services.assistant.engine.tokens import TokenVectors

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
_CHUNK = 16_384
_PAGES = 256  # whose mean is taken at once
_BATCH = 64


class Vectors:
    """The vectors of one index. Any process may read while one fills."""

    def __init__(self, models: Models, path: Path | None = None) -> None:
        """Open the file, or keep the vectors in memory."""
        self.models = models
        self._path = path
        self._record = np.dtype([
            ("text", "<i8"), ("scale", "<f4", len(models.models)), ("vector", "i1", (len(models.models), DIMENSIONS)),
        ])  # fmt: skip
        self._rows = np.zeros(0, self._record)
        self.tokens = {
            model.name: TokenVectors(model, path.with_name(f"{path.name}.{model.name}-tokens") if path else None)
            for model in models.models
        }
        self._page_lengths: tuple[bytes, NDArray[np.float64]] = (b"", np.zeros(0))

    def fill(self, index: Index, most: int | None = None) -> int:
        """Make the vectors of passages that have none yet, at most so many; returns how many were made."""
        digests = index.digests_of_rows()
        self._grow(len(digests))
        missing = np.flatnonzero((digests != 0) & ~self.there(digests))[:most]
        for start in range(0, len(missing), _BATCH):
            self._write(index.entries([int(number) for number in missing[start : start + _BATCH]]))
        self._forget(digests != 0)
        for tokens in self.tokens.values():
            tokens.fill(index, most)
        return len(missing)

    def repeat(self, other: Vectors, index: Index) -> None:
        """Take over another index's vectors for passages with the same text (benchmarks repeat pages)."""
        rows = other._current()
        known = {int(text): at for at, text in enumerate(rows["text"]) if text}
        digests = index.digests_of_rows()
        self._grow(len(digests))
        there = np.array([number for number, digest in enumerate(digests) if int(digest) in known], np.int64)
        same = np.array([known[int(digests[number])] for number in there], np.int64)
        self._rows[there] = rows[same]
        for name, tokens in self.tokens.items():
            tokens.repeat(other.tokens[name], same, there)

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

    def there(self, digests: Integers) -> NDArray[np.bool_]:
        """Which rows have the vector of that text, not of an older one; `digests` of the index's rows."""
        texts = self._current()["text"][: len(digests)]
        there = np.zeros(len(digests), dtype=bool)
        there[: len(texts)] = (texts == digests[: len(texts)]) & (texts != 0)
        return there

    def page_lengths(self, index: Index) -> NDArray[np.float64]:
        """Length of the mean of each page's vectors, shape (models, highest page number + 1). Kept until a change."""
        page_of, there = index.pages_of_rows(), np.flatnonzero(self.there(index.digests_of_rows()))
        rows = self._current()
        seen = hashlib.sha256(rows["text"][there].tobytes() + page_of.tobytes()).digest()
        if seen != self._page_lengths[0]:
            lengths = np.ones((len(self.models.models), int(page_of.max(initial=0)) + 1))
            order = there[np.argsort(page_of[there], kind="stable")]
            pages, starts = np.unique(page_of[order], return_index=True)
            for first in range(0, len(pages), _PAGES):
                some = slice(first, first + _PAGES)
                end = starts[first + _PAGES] if first + _PAGES < len(starts) else len(order)
                found = rows[order[starts[first] : end]]
                begins = starts[some] - starts[first]
                counts = np.diff(begins, append=len(found))
                for at in range(len(lengths)):
                    vectors = found["vector"][:, at] * found["scale"][:, at, None]
                    mean = np.add.reduceat(vectors, begins) / counts[:, None]
                    lengths[at, pages[some]] = np.linalg.norm(mean, axis=1)
            self._page_lengths = seen, lengths
        return self._page_lengths[1]

    def _write(self, entries: Sequence[Entry]) -> None:
        texts = [embedded_text(entry.passage) for entry in entries]
        vectors = np.stack([model.passages(texts) for model in self.models.models], axis=1)
        scale = np.abs(vectors).max(axis=2) / 127
        numbers = [entry.number for entry in entries]
        self._rows["text"][numbers] = 0
        self._rows["vector"][numbers] = np.round(vectors / scale[:, :, None])
        self._rows["scale"][numbers] = scale
        self._rows["text"][numbers] = [digest_of(entry.passage) for entry in entries]

    def _forget(self, kept: NDArray[np.bool_]) -> None:
        """Empty the rows of passages that are gone."""
        gone = self._rows["text"] != 0
        gone[: len(kept)] &= ~kept
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
