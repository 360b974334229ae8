"""What reading an outside file gives, row by row: a good row, or the list of everything wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


class BadMapping(ValueError):
    """The mapping file cannot be used, or does not fit the file; the text names the setting and the remedy."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one row: the line in the file, the field, what is wrong and what to do.

    In a file of records without lines, `line` is the number of the record. Both count from 1.
    """

    line: int
    field: str
    says: str
    stops: bool = False  # nothing after it was read

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.says}"


@dataclass(frozen=True)
class Row:
    """One good row: its line, its id in the outside register, a hash of its content, and its facts by name."""

    line: int
    row_id: str
    content: bytes
    facts: dict[str, str | date | None] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as the file has it: the texts of the row's id and of each mapped column, in the mapping's order."""

    line: int
    texts: list[str]


def shown(text: str) -> str:
    """A text from a file as a report may show it."""
    return repr(text if len(text) <= 40 else text[:40] + "...")
