"""Reading an outside file, whatever it is: the one way from bytes to rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import IO

from commonweal.services.registry.engine import delimited, fixed
from commonweal.services.registry.engine.facts import Facts
from commonweal.services.registry.engine.mapping import ColumnMapping
from commonweal.services.registry.engine.rows import BadMapping, Problem, Raw, Row

HOPELESS = 100  # rows; when none of the first ones is good, the mapping does not fit
COMPRESSED = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"(\xb5/\xfd": "zstd",
              b"7z\xbc\xaf": "7z", b"Rar!": "rar"}  # fmt: skip


class Reading:
    """The rows of one file, each a good Row or everything wrong with it; to be gone through once.

    Afterwards `holds` tells whether a row was in the file, and `whole` whether the file was read to its end.
    """

    def __init__(self, file: IO[bytes], mapping: ColumnMapping, today: date) -> None:
        """`file` gives bytes, and is read in small parts. Raises BadMapping for a compressed file."""
        self.mapping = mapping
        self.whole = False
        self._facts = Facts(mapping, today)
        start = file.peek(8)[:8] if hasattr(file, "peek") else b""
        for magic, name in COMPRESSED.items():
            if start.startswith(magic):
                raise BadMapping(f"this is a {name} file; unpack it first, and look at what is in it")
        self._raw = (fixed if mapping.layout else delimited).raw_rows(file, mapping)

    def __iter__(self) -> Iterator[Row | list[Problem]]:
        """Raises BadMapping when the file's columns are not those of the mapping."""
        rows = (self._facts.row(raw) if isinstance(raw, Raw) else raw for raw in self._raw)
        first = list(itertools.islice(rows, HOPELESS))
        yield from first
        bad = [row for row in first if isinstance(row, list)]
        if len(bad) == HOPELESS:
            says = f"none of the first {HOPELESS} rows is good: the mapping does not fit; reading stopped here"
            yield [Problem(bad[-1][0].line, "file", says, stops=True)]
            return
        self.whole = not _stopped(first)
        for row in rows:
            self.whole = not _stopped([row])
            yield row

    def holds(self, row_id: str) -> bool:
        """Whether a row with this id was in the file, good or not."""
        return self._facts.holds(row_id)


def _stopped(rows: list[Row | list[Problem]]) -> bool:
    return any(problem.stops for row in rows if isinstance(row, list) for problem in row)
