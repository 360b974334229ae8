"""Files of records: every way that z/OS frames them, and what breaks them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.services.registry.engine.copybook import parse
from commonweal.services.registry.engine.files import Reading
from commonweal.services.registry.engine.mapping import REQUIRED, ColumnMapping, read_mapping
from commonweal.services.registry.engine.rows import BadMapping, Problem, Row

TODAY = date(2026, 11, 25)
COPYBOOK = """
      * One person of the old register.
       01  PERSON-RECORD.
           05  PERSON-NO           PIC S9(7) COMP-3.
           05  RECORD-KIND         PIC X.
               88  IS-PERSON       VALUE 'P'.
           05  PERSON-NAME.
               10  GIVEN           PIC X(12).
               10  FAMILY          PIC X(12).
           05  BORN                PIC 9(8).
           05  BORN-PARTS REDEFINES BORN.
               10  BORN-YEAR       PIC 9(4).
               10  FILLER          PIC X(4).
           05  BIRTH-PLACE         PIC X(10).
           05  DIED                PIC 9(8) COMP-3.
           05  CHILDREN            PIC 9.
           05  HOME.
               10  STREET          PIC X(14).
               10  HOUSE           PIC 9(4) COMP.
               10  ZIP             PIC X(5).
               10  TOWN            PIC X(10).
           05  PHONE               PIC X(8) OCCURS 2 TIMES.
"""
DEPENDING = COPYBOOK.replace("OCCURS 2 TIMES", "OCCURS 0 TO 9 TIMES\n               DEPENDING ON CHILDREN")
COLUMNS = {
    "given": "GIVEN", "family": "PERSON-NAME.FAMILY", "born": "BORN", "birth_place": "BIRTH-PLACE", "died": "DIED",
    "street": "STREET", "number": "HOUSE", "postcode": "HOME.ZIP", "town": "TOWN", "identifier": "PHONE(2)",
}  # fmt: skip
MAPPING = ColumnMapping(
    "old", "PERSON-NO", COLUMNS, encoding="cp273", date_format="%Y%m%d", only={"RECORD-KIND": "P"},
    empty=("00000000", "99999999"), layout=parse(COPYBOOK),
)  # fmt: skip


def record(number: int = 7, family: str = "Müller", kind: str = "P", born: str = "19840327", phones: int = 2) -> bytes:
    """A person's record, written byte by byte."""

    def text(words: str, size: int) -> bytes:
        return words.ljust(size).encode("cp273")

    return (
        bytes.fromhex(f"{number:07}C")
        + text(kind, 1) + text("Zoë", 12) + text(family, 12) + text(born, 8) + text("Köln", 10)
        + bytes.fromhex("000000000F") + text(str(phones), 1) + text("Große Straße", 14) + (12).to_bytes(2, "big")
        + text("50667", 5) + text("Köln", 10) + b"".join(text(f"P{number}-{n}", 8) for n in range(phones))
    )  # fmt: skip


def word(data: bytes) -> bytes:
    """A record or block with its descriptor word before it."""
    return (len(data) + 4).to_bytes(2, "big") + b"\0\0" + data


def read(data: bytes, **mapped: Any) -> list[Row | list[Problem]]:
    return list(Reading(io.BytesIO(data), replace(MAPPING, **mapped), TODAY))


def test_a_record_becomes_a_row() -> None:
    (row,) = read(record())
    assert isinstance(row, Row)
    assert (row.row_id, row.line) == ("7", 1)
    assert row.facts == {
        "given": "Zoë", "family": "Müller", "born": date(1984, 3, 27), "birth_place": "Köln", "died": None,
        "street": "Große Straße", "number": "0012", "postcode": "50667", "town": "Köln", "identifier": "P7-1",
    }  # fmt: skip


FRAMES: dict[str, Callable[[list[bytes]], bytes]] = {
    "F": b"".join,
    "FB": b"".join,
    "V": lambda records: b"".join(word(data) for data in records),
    "VB": lambda records: b"".join(
        word(b"".join(word(data) for data in records[start : start + 3])) for start in range(0, len(records), 3)
    ),
}


@pytest.mark.parametrize("frame", FRAMES)
@given(count=st.integers(0, 8))
@settings(max_examples=10)
def test_every_frame_gives_the_same_rows(frame: str, count: int) -> None:
    records = [record(n, kind="P" if n % 3 else "X") for n in range(count)]
    rows = read(FRAMES[frame](records), records=frame)
    assert [row.row_id for row in rows if isinstance(row, Row)] == [str(n) for n in range(count) if n % 3]


@pytest.mark.parametrize("phones", range(4))
def test_a_table_that_depends_on_its_counter(phones: int) -> None:
    data = word(record(phones=phones))
    (row,) = read(data, records="V", layout=parse(DEPENDING))
    assert isinstance(row, Row)
    assert row.facts["identifier"] == ("P7-1" if phones > 1 else "")


def test_lines() -> None:
    text = "       01 R.\n          05 ID PIC 9(3).\n          05 GIVEN PIC X(5).\n          05 FAMILY PIC X(5).\n"
    columns = dict.fromkeys(REQUIRED, "GIVEN") | {"family": "FAMILY", "born": "BORN"}
    layout = parse(text + "          05 BORN PIC 9(8).\n")
    for encoding, end in (("cp037", b"\x15"), ("cp037", b"\x0d\x25"), ("cp1252", b"\r\n")):
        data = "001Mara Okafo19840327".encode(encoding) + end + "002Ola".encode(encoding) + end
        first, second = read(
            data, records="lines", layout=layout, columns=columns, encoding=encoding, only={}, row_id="ID",
        )  # fmt: skip
        assert isinstance(first, Row)
        assert isinstance(second, list)
        assert second[0].says == "is empty; fill it in"


@pytest.mark.parametrize(
    ("data", "settings", "line", "says"),
    [
        (record() + record()[:50], {}, 2, "has 50 of"),
        (record() + b"\0", {}, 2, "the copybook does not fit"),
        (word(record()) + b"\x00\x99\x00\x00abc", {"records": "V"}, 2, "has 3 of 149 bytes"),
        (word(record()) + record(), {"records": "V"}, 2, "no record descriptor word"),
        (record(), {"records": "VB"}, 1, "no block descriptor word"),
        (word(word(record())[:40]), {"records": "VB"}, 1, "bytes; the file is cut"),
        (word(word(record())) + b"\x7f\xff\0\0", {"records": "VB"}, 2, "stands in a block of 0"),
        (word(record() + b"extra"), {"records": "V"}, 1, "the copybook"),
        (word(record()[:30]), {"records": "V"}, 1, "has 30 bytes"),
        (word(record(phones=3)[:-1]), {"records": "V", "layout": parse(DEPENDING)}, 1, "the copybook"),
    ],
)
def test_files_that_are_cut_or_do_not_fit(data: bytes, settings: dict[str, Any], line: int, says: str) -> None:
    problems = [problem for row in read(data, **settings) if isinstance(row, list) for problem in row]
    assert [problem.line for problem in problems] == [line]
    assert says in problems[0].says


def test_a_copybook_that_does_not_fit_stops_early() -> None:
    wrong = parse(COPYBOOK.replace("05  RECORD-KIND         PIC X.", "05  RECORD-KIND         PIC XX."))
    rows = read(b"".join(record(n) for n in range(5_000)), layout=wrong, only={})
    assert len(rows) == 101
    assert isinstance(rows[-1], list)
    assert "mapping does not fit" in rows[-1][0].says


def test_a_bad_field_is_named_and_the_others_too() -> None:
    bad = record().replace(bytes.fromhex("0000007C"), bytes.fromhex("00000077")).replace(b"\x00\x0c", b"\xff\xff")
    (row,) = read(bad)
    assert isinstance(row, list)
    assert [problem.field for problem in row] == ["PERSON-NO", "HOUSE"]
    assert "holds 65535, more than its 4 digits; the copybook does not fit" in row[1].says


def test_wrong_code_pages_and_dates_are_named() -> None:
    (row,) = read(record(born="19840230"))
    assert isinstance(row, list)
    assert row[0].says == "'19840230' is not a date; write it like 19840327"
    (control,) = read(record(family="M\x1bx"))
    assert isinstance(control, list)
    assert "unreadable" in control[0].says


@given(st.binary(max_size=600), st.sampled_from(["F", "V", "VB"]))
@settings(max_examples=200)
def test_no_bytes_break_the_reader(data: bytes, frame: str) -> None:
    for row in read(data, records=frame, layout=parse(DEPENDING)):
        assert isinstance(row, Row) or all(problem.says for problem in row)


def written(folder: Path, *lines: str, copybook: str = COPYBOOK) -> Path:
    (folder / "person.cpy").write_text(copybook)
    path = folder / "people.toml"
    columns = "\n".join(f'{name} = "{column}"' for name, column in COLUMNS.items())
    path.write_text("\n".join(['source = "old"', 'row_id = "PERSON-NO"', *lines, "[columns]", columns]))
    return path


def test_the_mapping_file_names_the_copybook(tmp_path: Path) -> None:
    path = written(tmp_path, 'copybook = "person.cpy"', 'encoding = "CP273"', 'records = "VB"', 'empty = ["00000000"]')
    mapping = read_mapping(path)
    assert mapping.layout == MAPPING.layout
    assert (mapping.encoding, mapping.records, mapping.empty) == ("cp273", "VB", ("00000000",))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (['copybook = "person.cpy"'], "needs `encoding`"),
        (['copybook = "person.cpy"', 'encoding = "cp1147"'], "cp1147.*not known here.*cp037, cp1026, cp1140, cp273"),
        (['copybook = "person.cpy"', 'encoding = "cp1148"'], "not known here"),
        (['copybook = "person.cpy"', 'encoding = "utf-8"'], "one byte for each character"),
        (['copybook = "person.cpy"', 'encoding = "cp037"', 'records = "U"'], "F, FB, V, VB, lines"),
        (['copybook = "person.cpy"', 'encoding = "cp037"', 'delimiter = ";"'], "no `delimiter`"),
        (['copybook = "other.cpy"', 'encoding = "cp037"'], "No such file"),
        (['records = "F"'], "`records` is for files with"),
        (['delimiter = ";;"'], "one character"),
        (['encoding = "base64"'], "not known here"),
        (["complete = 1"], "true or false"),
        (["empty = [0]"], "between quotes"),
        (["wat = 1"], "unknown setting `wat`"),
    ],
)
def test_a_bad_mapping_names_the_setting(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(BadMapping, match=f"people.toml: .*{says}"):
        read_mapping(written(tmp_path, *lines))


@pytest.mark.parametrize("name", ["NOBODY", "PHONE", "PHONE(3)", "PHONE(", "GIVEN(1)"])
def test_an_item_that_is_not_in_the_copybook_is_named(name: str) -> None:
    with pytest.raises(BadMapping, match=r"has no item|not the name of an item"):
        read(record(), columns=COLUMNS | {"identifier": name})


def test_lines_hold_no_binary_numbers() -> None:
    with pytest.raises(BadMapping, match="lines cannot hold"):
        read(record(), records="lines")
