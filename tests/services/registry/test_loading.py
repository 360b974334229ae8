"""Loading an outside register: bad rows are named with line, field and remedy; a re-run changes nothing twice."""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import lzma
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.commands import load as command
from commonweal.core.identity import people as identity
from commonweal.core.identity.actors import the_node
from commonweal.services.registry import importing, models, service
from commonweal.services.registry.engine.files import Reading
from commonweal.services.registry.engine.mapping import ColumnMapping, read_mapping
from commonweal.services.registry.engine.rows import BadMapping, Row
from commonweal.services.registry.purposes import KEEPING
from tests.town import REGISTRAR

TODAY = date(2026, 11, 25)
COLUMNS = {
    "given": "FIRST", "family": "LAST", "born": "BORN", "birth_place": "PLACE", "street": "STREET", "number": "NO",
    "postcode": "ZIP", "town": "TOWN", "identifier": "SSN", "died": "DIED",
}  # fmt: skip
MAPPING = ColumnMapping("old", "ID", COLUMNS, delimiter=";", date_format="%d.%m.%Y")
HEADER = "ID;FIRST;LAST;BORN;PLACE;STREET;NO;ZIP;TOWN;SSN;DIED\n"
GOOD = "1;Mara;Okafor;27.03.1984;Lagos;Mill Lane;12;4021;Testford;A1;\n"


def reading(text: str | bytes, **mapped: Any) -> Reading:
    """A file with this text, read as MAPPING says."""
    data = text if isinstance(text, bytes) else text.encode()
    return Reading(io.BytesIO(data), replace(MAPPING, **mapped), TODAY)


def load(text: str | bytes, **mapped: Any) -> importing.Outcome:
    return service.load(the_node("load"), "old", reading(text, **mapped))


@pytest.mark.django_db
def test_good_rows_enter_and_a_rerun_changes_nothing() -> None:
    text = HEADER + GOOD + GOOD.replace("1;Mara", "2;Ola").replace("A1", "A2")
    assert (load(text).registered, models.Entry.objects.count()) == (2, 2)
    again = load(text)
    assert (again.registered, again.updated, again.unchanged, again.problems) == (0, 0, 2, [])
    assert models.Entry.objects.count() == 2


@pytest.mark.django_db
def test_a_changed_row_updates_its_person_only() -> None:
    load(HEADER + GOOD)
    outcome = load(HEADER + GOOD.replace("Okafor", "Okafor-Bell").replace("Mill Lane;12", "Elm Street;3"))
    assert (outcome.registered, outcome.updated) == (0, 1)
    (found,) = service.search(REGISTRAR, "Okafor-Bell", KEEPING)
    seen = service.read(REGISTRAR, found.person, KEEPING)
    assert str(seen.address).startswith("3 Elm Street")
    assert [str(name) for name in seen.names or ()] == ["Mara Okafor-Bell", "Mara Okafor"]


@pytest.mark.django_db
def test_an_identifier_of_somebody_else_stops_its_row_only() -> None:
    load(HEADER + GOOD)
    outcome = load(HEADER + GOOD.replace("1;Mara", "9;Eve") + GOOD.replace("1;Mara", "3;Ola").replace("A1", "A3"))
    assert outcome.registered == 1
    assert [(problem.line, problem.field) for problem in outcome.problems] == [(2, "identifier")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        (GOOD.replace("27.03.1984", "31.02.1984"), "BORN", "write it like 27.03.1984"),
        (GOOD.replace("27.03.1984", "01.01.2999"), "BORN", "between 1850 and today"),
        (GOOD.replace("Okafor", ""), "LAST", "fill it in"),
        (GOOD.replace("Okafor", "O" * 121), "LAST", "at most 120"),
        (GOOD.replace("Okafor", "Oka\ufffdfor"), "LAST", "encoding"),
        (GOOD.replace("A1;", "A1;01.01.1970"), "DIED", "before the date of birth"),
        (GOOD.replace(";A1;", ";A1"), "row", "fields"),
        (GOOD.replace("1;Mara", ";Mara"), "ID", "needs its id"),
        (GOOD + GOOD, "ID", "line 2 already"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_load(row: str, field: str, says: str) -> None:
    outcome = load(HEADER + row + GOOD.replace("1;Mara", "7;Ola").replace("A1", "A7"))
    assert outcome.registered == 1 + (row == GOOD + GOOD)
    (problem,) = outcome.problems
    assert problem.field == field
    assert says in problem.says
    assert problem.line == (3 if row == GOOD + GOOD else 2)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BadMapping, match="no column 'LAST'"):
        list(reading("ID;FIRST\n1;a\n"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "`source` is missing"),
        ('source="a"\nrow_id="ID"', r"\[columns\] is missing"),
        ('source="a"\nrow_id="ID"\n[columns]\ngiven="A"', "has no `family`"),
        ("source=", "Invalid value"),
    ],
)
def test_a_bad_mapping_names_the_setting(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(BadMapping, match=says):
        read_mapping(path)


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_no_text_breaks_the_reader(text: str) -> None:
    no_trouble(HEADER.encode() + text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    no_trouble(HEADER.encode() + data)


def no_trouble(data: bytes) -> None:
    for row in reading(data):
        assert isinstance(row, Row) or all(problem.line >= 1 and problem.says for problem in row)


# Re-runs as differences


@pytest.mark.django_db
def test_rows_that_a_complete_file_lost_are_reported_and_nobody_is_changed() -> None:
    ola = GOOD.replace("1;Mara", "2;Ola").replace("A1", "A2")
    load(HEADER + GOOD + ola)
    assert load(HEADER + ola).missing == 0  # a file of changes holds only some
    outcome = load(HEADER + ola, complete=True)
    assert (outcome.missing, outcome.missing_rows, outcome.unchanged) == (1, ["1"], 1)
    assert models.Entry.objects.filter(died=None).count() == 2
    assert len(service.search(REGISTRAR, "Mara", KEEPING)) == 1


@pytest.mark.django_db
def test_a_bad_row_is_not_missing_and_a_cut_file_reports_nobody() -> None:
    load(HEADER + GOOD)
    assert load(HEADER + GOOD.replace("Okafor", ""), complete=True).missing == 0
    assert load(HEADER + "x" * 70_000, complete=True).missing == 0


@pytest.mark.django_db
def test_a_death_and_its_correction_reach_the_entry_and_the_feed() -> None:
    load(HEADER + GOOD)
    load(HEADER + GOOD.replace("A1;", "A1;01.02.2026"))
    assert models.Entry.objects.get().died == date(2026, 2, 1)
    load(HEADER + GOOD)
    assert models.Entry.objects.get().died is None
    assert list(models.Change.objects.values_list("kind", flat=True)) == ["registered", "died", "moved", "corrected"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ours", "field", "says"),
    [("A2", "identifier", "somebody else"), ("A9", "identifier", "an officer changes identifiers")],
)
def test_an_identifier_is_never_changed_by_a_file(ours: str, field: str, says: str) -> None:
    load(HEADER + GOOD + GOOD.replace("1;Mara", "2;Ola").replace("A1", "A2"))
    outcome = load(HEADER + GOOD.replace("A1", ours).replace("Okafor", "Bell"))
    assert (outcome.updated, outcome.rejected) == (0, 1)
    assert (outcome.problems[0].field, says in outcome.problems[0].says) == (field, True)


@pytest.mark.django_db
def test_an_identifier_may_come_later() -> None:
    load(HEADER + GOOD.replace("A1", ""))
    assert load(HEADER + GOOD).updated == 1
    assert identity.identify("national", "A1")


@pytest.mark.django_db
def test_a_check_finds_what_a_load_finds_and_changes_nothing() -> None:
    load(HEADER + GOOD)
    text = HEADER + (
        GOOD.replace("Okafor", "Bell")  # changed
        + GOOD.replace("1;Mara", "2;Eve")  # the identifier of somebody else
        + GOOD.replace("1;Mara", "3;Ola").replace("A1", "A3")  # new
        + GOOD.replace("1;Mara", "4;Ida").replace("A1", "A3")  # an identifier twice
        + GOOD.replace("1;Mara", "5;Uma").replace("27.03.1984", "30.02.1984")
    )
    before = models.Change.objects.count()
    checked = service.check_load("old", reading(text, complete=True))
    assert (checked.registered, checked.updated, checked.rejected) == (1, 1, 3)
    assert models.Change.objects.count() == before
    assert load(text, complete=True) == checked


# Encodings


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-15", "cp850", "utf-16", "utf-16-le", "utf-8-sig", "utf-8"])
def test_old_encodings(encoding: str) -> None:
    text = HEADER + GOOD.replace("Mara", "Zoë").replace("Okafor", "Müller-Ærø")
    assert load(text.encode(encoding), encoding=encoding).registered == 1
    assert models.Name.objects.get().family == "Müller-Ærø"


def test_a_byte_that_the_encoding_does_not_know_is_named_where_it_stands() -> None:
    data = (HEADER + GOOD + GOOD).encode().replace(b"Okafor", b"Ok\x81for", 1)
    for encoding in ("cp1252", "utf-8"):
        (bad, _good) = list(reading(data, encoding=encoding))
        assert isinstance(bad, list)
        assert (bad[0].line, bad[0].field) == (2, "character 10")
        assert f"0x81 cannot be read as {encoding}; set `encoding`" in bad[0].says


def test_utf_16_that_breaks_off_is_named() -> None:
    data = (HEADER + GOOD).encode("utf-16-le")[:-5] + b"\x00\xd8x\x00\n\x00"
    rows = list(reading(data, encoding="utf-16-le"))
    assert isinstance(rows[-1], list)
    assert "cannot be read as utf-16-le" in rows[-1][0].says


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1", "cp850"])
def test_utf_8_declared_as_something_else_is_named(encoding: str) -> None:
    (row,) = reading((HEADER + GOOD.replace("Okafor", "Müller")).encode(), encoding=encoding)
    assert isinstance(row, list)
    assert any('encoding = "utf-8"' in problem.says or "set `encoding`" in problem.says for problem in row)


# Hostile files


class Endless(io.RawIOBase):
    """A file that begins well and goes on with one line of `length` bytes; it notes how many were read."""

    def __init__(self, start: bytes, length: int) -> None:
        self.start, self.left, self.given = start, length, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self.start[: len(buffer)] or b"x" * min(len(buffer), self.left)
        self.left -= 0 if self.start else len(part)
        self.start = self.start[len(part) :]
        buffer[: len(part)] = part
        self.given += len(part)
        return len(part)


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["", '5;"'])
def test_a_line_of_ten_gigabytes_is_refused_without_reading_it(start: str) -> None:
    stream = Endless((HEADER + GOOD + start).encode(), 10 * 1024**3)
    outcome = service.load(the_node("load"), "old", Reading(io.BufferedReader(stream), MAPPING, TODAY))
    assert (outcome.registered, outcome.rejected) == (1, 1)
    assert (outcome.problems[0].line, outcome.problems[0].stops) == (3, True)
    assert stream.given < 1_000_000


def test_a_quoted_field_over_ever_so_many_lines_is_refused() -> None:
    rows = list(reading(HEADER + '1;"' + '";"\n' * 200_000))
    assert isinstance(rows[-1], list)
    assert "longer than 262,144 characters" in rows[-1][0].says


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "＝"])
@pytest.mark.parametrize("field", ["Mara", "Okafor", "Mill Lane", "A1", "1;"])
def test_formulas_do_not_enter(sign: str, field: str) -> None:
    row = GOOD.replace(field, f"{sign}{field}", 1)
    (found,) = reading(HEADER + row)
    assert isinstance(found, list)
    assert "formula" in found[0].says


@pytest.mark.parametrize("control", ["\0", "\x1b", "\x85", "\u202e", "\ufeff"])
def test_control_characters_do_not_enter(control: str) -> None:
    (found,) = reading(HEADER + GOOD.replace("Oka", f"O{control}ka"))
    assert isinstance(found, list)


def test_mixed_line_ends_count_as_one_line_each() -> None:
    rows = [GOOD.replace("1;Mara", f"{n};Ola").replace("A1", f"A{n}").strip("\n") for n in range(1, 5)]
    bad = GOOD.replace("1;Mara", "9;Ola").replace("Okafor", "")
    text = HEADER.strip("\n") + "\r\n" + rows[0] + "\n" + rows[1] + "\r" + rows[2] + "\r\n\n" + rows[3] + "\r" + bad
    found = list(reading(text))
    assert [type(row) for row in found] == [Row] * 4 + [list]
    assert [row.line for row in found[:4] if isinstance(row, Row)] == [2, 3, 4, 6]


def test_an_open_quote_names_the_lines_that_it_swallowed() -> None:
    two = GOOD.replace("1;Mara", '2;"Ola').replace("A1", "A2")
    three = GOOD.replace("1;Mara", '3;"Ida"').replace("A1", "A3")
    (swallowed, good) = list(reading(HEADER + two + three + GOOD))
    assert isinstance(swallowed, list)
    assert isinstance(good, Row)
    assert (swallowed[0].line, "line 2 to 3" in swallowed[0].says) == (2, True)


def test_an_identifier_twice_in_one_file_is_named() -> None:
    (_, second) = list(reading(HEADER + GOOD + GOOD.replace("1;Mara", "2;Ola")))
    assert isinstance(second, list)
    assert (second[0].field, second[0].line, "line 2" in second[0].says) == ("SSN", 3, True)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files_are_not_opened(pack: Any) -> None:
    with pytest.raises(BadMapping, match="unpack it first"):
        Reading(io.BufferedReader(io.BytesIO(pack(HEADER.encode()))), MAPPING, TODAY)  # type: ignore[arg-type]


def test_a_mapping_that_does_not_fit_stops_early() -> None:
    rows = list(reading(HEADER + GOOD.replace("27.03.1984", "1984-03-27") * 5_000))
    assert len(rows) == 101
    assert isinstance(rows[-1], list)
    assert rows[-1][0].stops


@pytest.mark.django_db
def test_a_million_problems_are_counted_and_a_thousand_kept() -> None:
    good = "".join(GOOD.replace("1;Mara", f"g{n};Mara").replace("A1", "") for n in range(10))
    bad = "".join(GOOD.replace("1;Mara", f"b{n};").replace("A1", "") for n in range(2_000))
    outcome = load(HEADER + good + bad)
    assert (outcome.registered, outcome.rejected, len(outcome.problems)) == (10, 2_000, importing.KEPT)


@pytest.mark.django_db
def test_the_command_checks_then_loads_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, mapping = tmp_path / "people.csv", tmp_path / "people.toml"
    file.write_text(HEADER + GOOD + GOOD.replace("1;Mara", "2;Eve"))
    columns = "\n".join(f'{name} = "{column}"' for name, column in COLUMNS.items())
    mapping.write_text(f'source="old"\nrow_id="ID"\ndelimiter=";"\ndate_format="%d.%m.%Y"\n[columns]\n{columns}')
    options = argparse.Namespace(file=file, mapping=mapping, check=True)
    assert command.run(options) == 1
    assert (models.Entry.objects.count(), capsys.readouterr().out.split()[:2]) == (0, ["would", "be"])
    assert command.run(argparse.Namespace(file=file, mapping=mapping, check=False)) == 1
    said = capsys.readouterr()
    assert said.out == "1 registered, 0 updated, 0 unchanged, 1 rejected\n"
    assert said.err == "line 3, SSN: stood in line 2 already; correct one of them\n"
    mapping.write_text("source = 1")
    assert command.run(options) == 2
