"""Texts of one row into clean facts: every bad field gets a remedy."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from functools import lru_cache

from commonweal.services.registry.engine import cobol
from commonweal.services.registry.engine.mapping import REQUIRED, ColumnMapping
from commonweal.services.registry.engine.repeats import Seen
from commonweal.services.registry.engine.rows import Problem, Raw, Row, shown

DATES = ("born", "since", "died")
LIMITS = {"given": 120, "family": 120, "birth_place": 120, "street": 120, "number": 12, "postcode": 12, "town": 80}
LONGEST_FIELD = 300
LONGEST_ID = 120
SEXES = {"female": "female", "f": "female", "w": "female", "male": "male", "m": "male", "other": "other", "x": "other"}
FORMULA = "=+-@＝＋－＠"  # what a spreadsheet takes for the beginning of a formula (CWE-1236)
_UNREADABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd\ud800-\udfff]"
)

Fact = str | date | None


class Facts:
    """Checks the rows of one file, one after another. Remembers ids and identifiers, which may stand there once."""

    def __init__(self, mapping: ColumnMapping, today: date) -> None:
        self._mapping, self._today = mapping, today
        self._fields = list(mapping.columns.items())
        self._sorted = sorted(mapping.columns)
        self._ids, self._identifiers = Seen(), Seen()
        one_byte = not mapping.encoding.startswith("utf") and mapping.encoding not in cobol.EBCDIC
        self._may_be_utf8 = mapping.encoding if one_byte else ""

    def holds(self, row_id: str) -> bool:
        """Whether a row with this id was among those seen so far, good or not."""
        return self._ids.where(row_id) is not None

    def row(self, raw: Raw) -> Row | list[Problem]:
        """The row with its facts, or everything wrong with it."""
        problems: list[Problem] = []
        row_id = ""
        try:
            row_id = self._id(raw.texts[0], raw.line)
        except ValueError as error:
            problems.append(Problem(raw.line, self._mapping.row_id, str(error)))
        facts: dict[str, Fact] = {}
        for (name, column), text in zip(self._fields, raw.texts[1:], strict=True):
            try:
                facts[name] = self._fact(name, text)
            except ValueError as error:
                problems.append(Problem(raw.line, column, str(error)))
        if not problems:
            problems += self._wrong_together(raw.line, facts)
        if problems:
            return problems
        content = hashlib.sha256(repr([(name, facts[name]) for name in self._sorted]).encode()).digest()
        return Row(raw.line, row_id, content, facts)

    def _id(self, text: str, line: int) -> str:
        row_id = _tidied(text)
        if not row_id:
            raise ValueError("is empty; every row needs its id")
        before = self._ids.first(row_id, line)
        if before is not None:
            raise ValueError(f"{shown(row_id)} stood in line {before} already; remove one")
        _check_text(row_id, LONGEST_ID)
        return row_id

    def _wrong_together(self, line: int, facts: dict[str, Fact]) -> list[Problem]:
        """What only shows when all fields are known."""
        born, columns, wrong = facts["born"], self._mapping.columns, []
        assert isinstance(born, date)  # noqa: S101 - it is required
        for name in ("died", "since"):
            day = facts.get(name)
            if isinstance(day, date) and day < born:
                wrong.append(Problem(line, columns[name], "is before the date of birth; correct one of them"))
        identifier = facts.get("identifier")
        before = self._identifiers.first(str(identifier), line) if identifier else None
        if before is not None:
            wrong.append(Problem(line, columns["identifier"], f"stood in line {before} already; correct one of them"))
        return wrong

    def _fact(self, name: str, text: str) -> Fact:
        text = _tidied(text)
        if not text or text in self._mapping.empty:
            if name in REQUIRED:
                raise ValueError("is empty; fill it in")
            return None if name in DATES else ""
        if name in DATES:
            return _day(text, self._mapping.date_format, self._today)
        _check_text(text, LIMITS.get(name, LONGEST_FIELD))
        if self._may_be_utf8 and not text.isascii() and _is_utf8(text, self._may_be_utf8):
            raise ValueError(f'{shown(text)} was written in UTF-8; set encoding = "utf-8" in the mapping')
        if name == "sex":
            if text.casefold() not in SEXES:
                raise ValueError(f"{shown(text)} is not known; write female, male, other or nothing")
            return SEXES[text.casefold()]
        return text


def _tidied(text: str) -> str:
    """The text with single spaces. Raises ValueError when it holds what nobody can read."""
    if not (text.isascii() and text.isprintable()) and _UNREADABLE.search(text):
        raise ValueError("holds unreadable characters; set `encoding` in the mapping to the file's own")
    return " ".join(text.split())


def _check_text(text: str, limit: int) -> None:
    """Raises ValueError for what a spreadsheet would take for a formula, and for what is too long."""
    if text[0] in FORMULA:
        raise ValueError(f"begins with {text[0]!r}, which a spreadsheet would take for a formula; remove it")
    if len(text) > limit:
        raise ValueError(f"has {len(text)} characters; at most {limit} fit")


def _is_utf8(text: str, encoding: str) -> bool:
    """Whether this text was read in the wrong encoding: its bytes are well-formed UTF-8, which others rarely are."""
    try:
        text.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True


@lru_cache(maxsize=65_536)
def _day(text: str, date_format: str, today: date) -> date:
    example = date(1984, 3, 27).strftime(date_format)
    try:
        day = datetime.strptime(text, date_format).date()
    except ValueError:
        raise ValueError(f"{shown(text)} is not a date; write it like {example}") from None
    if not date(1850, 1, 1) <= day <= today:
        raise ValueError(f"{shown(text)} is not between 1850 and today; correct it")
    return day
