"""The vectors of each passage's tokens, 8 bits a number, in a file beside the word index.

12 KB a passage, so the file is never mapped: a question reads the records of some dozens of passages and no more. A
record carries the digest of the text it stands for, like a row of `vectors.py`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from commonweal.services.assistant.engine.index import Index, embedded_text
from commonweal.services.assistant.engine.models import TOKEN_DIMENSIONS, Bytes, Model

Integers = NDArray[np.int64]
_MOST_TOKENS = 192
_RECORD = np.dtype([("text", "<i8"), ("count", "<i8"), ("vectors", "i1", (_MOST_TOKENS, TOKEN_DIMENSIONS))])
_BATCH = 64


class TokenVectors:
    """The token vectors of one index. Any process may read while one fills."""

    def __init__(self, model: Model, path: Path | None = None) -> None:
        """Open the file, or one that nobody else sees."""
        self.model = model
        if path is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this is
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            self._file = path.open("r+b")

    def fill(self, index: Index, most: int | None = None) -> None:
        """Make the token vectors of passages that have none yet, at most so many."""
        digests = index.digests_of_rows()
        missing = [row for row in np.flatnonzero(digests).tolist() if self._text_at(row) != digests[row]][:most]
        for start in range(0, len(missing), _BATCH):
            for entry in index.entries(missing[start : start + _BATCH]):
                vectors = self.model.tokens(embedded_text(entry.passage)).vectors[:_MOST_TOKENS]
                self._write(entry.number, int(digests[entry.number]), vectors)

    def repeat(self, other: TokenVectors, rows: Integers, into: Integers) -> None:
        """Take over another file's records of the same texts (benchmarks repeat pages)."""
        for row, place in zip(rows.tolist(), into.tolist(), strict=True):
            os.pwrite(self._file.fileno(), other._bytes_at(row, _RECORD.itemsize), place * _RECORD.itemsize)

    def of(self, row: int, digest: int) -> Bytes | None:
        """The tokens of the passage in this row; None where they were not made yet of that text."""
        record = np.frombuffer(self._bytes_at(row, _RECORD.itemsize), np.uint8)
        if len(record) < _RECORD.itemsize:
            return None
        (found,) = record.view(_RECORD)
        return found["vectors"][: found["count"]] if found["text"] == digest and found["count"] else None

    def _write(self, row: int, digest: int, vectors: Bytes) -> None:
        record = np.zeros(1, _RECORD)
        record["count"], record["vectors"][0, : len(vectors)] = len(vectors), vectors
        at = row * _RECORD.itemsize
        os.pwrite(self._file.fileno(), record.tobytes(), at)  # says of no text until it is whole
        os.pwrite(self._file.fileno(), int(digest).to_bytes(8, "little"), at)

    def _text_at(self, row: int) -> int:
        return int.from_bytes(self._bytes_at(row, 8), "little")

    def _bytes_at(self, row: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, row * _RECORD.itemsize)
