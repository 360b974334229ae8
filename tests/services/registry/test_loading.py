"""Loading an outside register: bad rows are named with line, field and remedy; a re-run changes nothing twice."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.core.identity.actors import the_node
from commonweal.services.registry import importing, models, service
from commonweal.services.registry.engine import rows
from commonweal.services.registry.purposes import KEEPING
from tests.town import REGISTRAR

TODAY = date(2026, 11, 25)
COLUMNS = {
    "given": "FIRST", "family": "LAST", "born": "BORN", "birth_place": "PLACE", "street": "STREET", "number": "NO",
    "postcode": "ZIP", "town": "TOWN", "identifier": "SSN", "died": "DIED",
}  # fmt: skip
MAPPING = rows.ColumnMapping("old", "ID", COLUMNS, delimiter=";", date_format="%d.%m.%Y")
HEADER = "ID;FIRST;LAST;BORN;PLACE;STREET;NO;ZIP;TOWN;SSN;DIED\n"
GOOD = "1;Mara;Okafor;27.03.1984;Lagos;Mill Lane;12;4021;Testford;A1;\n"


def load(text: str) -> importing.Outcome:
    return service.load(the_node("load"), "old", rows.rows(io.StringIO(text, newline=""), MAPPING, TODAY))


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
    with pytest.raises(rows.BadMapping, match="no column 'LAST'"):
        list(rows.rows(io.StringIO("ID;FIRST\n1;a\n"), MAPPING, TODAY))


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
    with pytest.raises(rows.BadMapping, match=says):
        rows.read_mapping(path)


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_no_file_breaks_the_reader(text: str) -> None:
    for row in rows.rows(io.StringIO(HEADER + text, newline=""), MAPPING, TODAY):
        assert isinstance(row, rows.Row) or all(problem.line >= 1 and problem.says for problem in row)
