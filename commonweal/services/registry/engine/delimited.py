"""Delimited files (RFC 4180, any one-character delimiter) in any encoding, line by line, in little memory.

Bytes that the encoding does not know are never replaced: they are marked while decoding, and reported where they stand.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import IO

from commonweal.services.registry.engine.mapping import ColumnMapping
from commonweal.services.registry.engine.rows import BadMapping, Problem, Raw

LONGEST_LINE = 65_536  # characters
LONGEST_ROW = 262_144  # characters; a quoted field may hold line ends
_MARK = "commonweal-mark"
_UNREADABLE = re.compile("[\x00\udc00-\udcff]")


class TooLong(ValueError):
    """A line or row is longer than any row of a register is."""


def raw_rows(file: IO[bytes], mapping: ColumnMapping) -> Iterator[Raw | list[Problem]]:
    """The rows of a delimited file, their mapped columns as texts.

    Reading stops with a problem at a line that is longer than `LONGEST_LINE`. Raises BadMapping when a mapped column
    is not in the file's header.
    """
    text = io.TextIOWrapper(file, encoding=mapping.encoding, errors=_MARK, newline="")
    lines = _Lines(text, mapping.encoding)
    reader = csv.reader(lines, delimiter=mapping.delimiter, strict=True)
    try:
        header = _header(reader, lines)
        wanted = _places(header, mapping.named, mapping)
        kept = list(zip(_places(header, list(mapping.only), mapping), mapping.only.values(), strict=True))
        while (row := _next(reader, lines, len(header))) is not None:
            if isinstance(row, list):
                yield row
            elif all(row.texts[place].strip() == text for place, text in kept):
                yield Raw(row.line, [row.texts[place] for place in wanted])
    except TooLong as error:
        yield [Problem(lines.number, "row", f"{error}; reading stopped here. Check line ends and quotes", stops=True)]
    finally:
        if not file.closed:
            text.detach()  # or the file would be closed with it


class _Lines(Iterator[str]):
    """The lines of a text, counted, each with its end; notes unreadable characters of the current row."""

    def __init__(self, text: io.TextIOWrapper, encoding: str) -> None:
        self._text, self._encoding = text, encoding
        self.number = self.begun = self._length = 0
        self.unreadable: list[Problem] = []

    def begin_row(self) -> None:
        self.begun, self._length, self.unreadable = self.number + 1, 0, []

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._length += len(line)
        if len(line) > LONGEST_LINE:
            raise TooLong(f"is longer than {LONGEST_LINE:,} characters")
        if self._length > LONGEST_ROW:
            raise TooLong(f"began in line {self.begun} and is longer than {LONGEST_ROW:,} characters")
        if self.number == 1:
            line = line.removeprefix("\ufeff")
        if found := _UNREADABLE.search(line):
            self.unreadable.append(Problem(self.number, f"character {found.start() + 1}", self._says(found[0])))
        return line

    def _says(self, found: str) -> str:
        if found == "\0":
            return "is a NUL byte, which no text holds; remove it, or set `encoding` in the mapping to the file's own"
        byte = ord(found) - 0xDC00
        return f"byte 0x{byte:02x} cannot be read as {self._encoding}; set `encoding` in the mapping to the file's own"


def _next(reader: Iterator[list[str]], lines: _Lines, fields: int) -> Raw | list[Problem] | None:
    """The next row that is not blank, all its columns; None at the end."""
    while True:
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return None
        except csv.Error as error:
            until = f" to {lines.number}" if lines.number > lines.begun else ""
            return [
                Problem(lines.begun, "row", f"cannot be read ({error}); check the quotes in line {lines.begun}{until}")
            ]
        if lines.unreadable:
            return lines.unreadable
        if len(cells) == fields:
            return Raw(lines.begun, cells)
        if cells:
            says = f"has {len(cells)} fields, the header {fields}; check delimiters and quotes"
            return [Problem(lines.begun, "row", says)]


def _header(reader: Iterator[list[str]], lines: _Lines) -> list[str]:
    lines.begin_row()
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise BadMapping(f"the file's first line cannot be read ({error}); it must name the columns") from None
    if lines.unreadable:
        raise BadMapping(f"the file's first line cannot be read: {lines.unreadable[0]}")
    return header


def _places(header: list[str], names: list[str], mapping: ColumnMapping) -> list[int]:
    for name in names:
        if header.count(name) != 1:
            says = "has no column" if name not in header else "has more than one column"
            raise BadMapping(
                f"the file {says} {name!r} ({_mapped_from(name, mapping)}); it has: {', '.join(header)[:500]}"
            )
    return [header.index(name) for name in names]


def _mapped_from(column: str, mapping: ColumnMapping) -> str:
    named = {mapping.row_id: "row_id"} | {found: name for name, found in mapping.columns.items()}
    return f"mapped from `{named[column]}`" if column in named else "named in `only`"


def _mark(error: UnicodeError) -> tuple[str, int]:
    """What cannot be decoded, as lone surrogates, which no encoding yields otherwise: U+DC80 for the byte 0x80."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARK, _mark)
