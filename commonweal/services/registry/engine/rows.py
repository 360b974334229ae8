"""Outside rows into clean facts: a mapping file says which column is what; every bad field gets a remedy."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO

REQUIRED = ("given", "family", "born", "birth_place", "street", "number", "postcode", "town")
OPTIONAL = ("since", "identifier", "died", "sex")
DATES = ("born", "since", "died")
LIMITS = {"given": 120, "family": 120, "birth_place": 120, "street": 120, "number": 12, "postcode": 12, "town": 80}
LONGEST_FIELD = 300
SEXES = {"female": "female", "f": "female", "w": "female", "male": "male", "m": "male", "other": "other", "x": "other"}


class BadMapping(ValueError):
    """The mapping file cannot be used; the text names the setting and the remedy."""


@dataclass(frozen=True)
class ColumnMapping:
    """Which column of which file holds what, and how the file is written."""

    source: str
    row_id: str
    columns: dict[str, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    date_format: str = "%Y-%m-%d"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one row: the line in the file, the field, what is wrong and what to do."""

    line: int
    field: str
    says: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.says}"


@dataclass(frozen=True)
class Row:
    """One good row: its line, its id in the outside register, a hash of its content, and its facts by name."""

    line: int
    row_id: str
    content: bytes
    facts: dict[str, str | date | None] = field(hash=False)


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file (TOML). Raises BadMapping."""
    try:
        text = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(f"{path}: {error}") from error
    columns = text.get("columns")
    for name in ("source", "row_id"):
        if not isinstance(text.get(name), str):
            raise BadMapping(f'{path}: `{name}` is missing; write for example {name} = "{_EXAMPLES[name]}"')
    if not isinstance(columns, dict):
        raise BadMapping(f"{path}: the table [columns] is missing")
    for name in REQUIRED:
        if name not in columns:
            raise BadMapping(f"{path}: [columns] has no `{name}`; name the column that holds it")
    for name in columns:
        if name not in REQUIRED + OPTIONAL:
            raise BadMapping(
                f"{path}: [columns] has `{name}`, which is not a field; fields: {', '.join(REQUIRED + OPTIONAL)}"
            )
    known = {"delimiter", "encoding", "date_format"}
    if unknown := set(text) - known - {"source", "row_id", "columns"}:
        raise BadMapping(
            f"{path}: unknown setting `{sorted(unknown)[0]}`; settings: source, row_id, {', '.join(sorted(known))}"
        )
    return ColumnMapping(
        text["source"], text["row_id"], columns, **{name: text[name] for name in known if name in text}
    )


def rows(file: IO[str], mapping: ColumnMapping, today: date) -> Iterator[Row | list[Problem]]:
    """Read a delimited file row by row: each is a good Row, or the list of everything wrong with it.

    Raises BadMapping when a mapped column is not in the file's header.
    """
    reader = csv.DictReader(file, delimiter=mapping.delimiter, strict=True, restkey=_EXTRA)
    header = reader.fieldnames or []
    for name, column in {"row_id": mapping.row_id, **mapping.columns}.items():
        if column not in header:
            raise BadMapping(f"the file has no column {column!r} (mapped from `{name}`); it has: {', '.join(header)}")
    seen: dict[str, int] = {}
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield [Problem(reader.line_num, "row", f"cannot be read ({error}); check its quotes")]
            continue
        yield _row(reader.line_num, cells, mapping, today, seen)


_EXTRA = "\0extra"
_EXAMPLES = {"source": "old-register", "row_id": "PERSON_NO"}


def _row(
    line: int, cells: Mapping[str, str | None], mapping: ColumnMapping, today: date, seen: dict[str, int]
) -> Row | list[Problem]:
    problems = []
    row_id = (cells.get(mapping.row_id) or "").strip()
    if not row_id:
        problems.append(Problem(line, mapping.row_id, "is empty; every row needs its id"))
    elif row_id in seen:
        problems.append(
            Problem(line, mapping.row_id, f"{_shown(row_id)} stood in line {seen[row_id]} already; remove one")
        )
    seen.setdefault(row_id, line)
    if _EXTRA in cells or None in cells.values():
        problems.append(Problem(line, "row", "has more or fewer fields than the header; check delimiters and quotes"))
        return problems
    facts: dict[str, str | date | None] = {}
    for name, column in mapping.columns.items():
        text = " ".join((cells[column] or "").split())
        try:
            facts[name] = _fact(name, text, mapping.date_format, today)
        except ValueError as error:
            problems.append(Problem(line, column, str(error)))
    if not problems and facts.get("died") and facts["died"] < facts["born"]:  # type: ignore[operator]
        problems.append(Problem(line, mapping.columns["died"], "is before the date of birth; correct one of them"))
    content = hashlib.sha256(repr(sorted(facts.items(), key=lambda fact: fact[0])).encode()).digest()
    return problems or Row(line, row_id, content, facts)


def _fact(name: str, text: str, date_format: str, today: date) -> str | date | None:
    if not text:
        if name in REQUIRED:
            raise ValueError("is empty; fill it in")
        return None if name in DATES else ""
    if "\ufffd" in text or any(ord(letter) < 32 for letter in text):
        raise ValueError("holds unreadable characters; set `encoding` in the mapping to the file's own")
    if name in DATES:
        return _day(text, date_format, today)
    if name == "sex":
        if text.casefold() not in SEXES:
            raise ValueError(f"{_shown(text)} is not known; write female, male, other or nothing")
        return SEXES[text.casefold()]
    limit = LIMITS.get(name, LONGEST_FIELD)
    if len(text) > limit:
        raise ValueError(f"has {len(text)} characters; at most {limit} fit")
    return text


def _day(text: str, date_format: str, today: date) -> date:
    example = date(1984, 3, 27).strftime(date_format)
    try:
        day = datetime.strptime(text, date_format).date()
    except ValueError:
        raise ValueError(f"{_shown(text)} is not a date; write it like {example}") from None
    if not date(1850, 1, 1) <= day <= today:
        raise ValueError(f"{_shown(text)} is not between 1850 and today; correct it")
    return day


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")
