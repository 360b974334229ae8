"""Values in COBOL records: bytes worked out by hand from IBM's formats, and every value that an encoder can write."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.services.registry.engine import cobol
from commonweal.services.registry.engine.cobol import BadValue, Value, value, written
from commonweal.services.registry.engine.copybook import Item, parse


def item(clauses: str) -> Item:
    """A data item with these clauses."""
    return parse(f"       01 R.\n         05 A {clauses}.\n").records[0].inside[0]


@pytest.mark.parametrize(
    ("clauses", "data", "expected"),
    [
        # packed decimal: two digits a byte, the last half byte is the sign: C plus, D minus, F none
        ("PIC S9(5) COMP-3", "12345C", "12345"),
        ("PIC S9(5) COMP-3", "12345D", "-12345"),
        ("PIC 9(5) COMP-3", "12345F", "12345"),
        ("PIC S9(5) COMP-3", "12345A", "12345"),
        ("PIC S9(5) COMP-3", "12345B", "-12345"),
        ("PIC S9(5) COMP-3", "12345E", "12345"),
        ("PIC S9(3)V99 COMP-3", "00199D", "-1.99"),
        ("PIC 9(4) COMP-3", "00042F", "42"),
        # zoned decimal: a digit a byte, the zone of the last one is the sign
        ("PIC 9(4)", "F0F0F4F2", "42"),
        ("PIC S9(4)", "F1F2F3C4", "1234"),
        ("PIC S9(4)", "F1F2F3D4", "-1234"),
        ("PIC S9(4)", "F1F2F3F4", "1234"),
        ("PIC S9(4) SIGN LEADING", "D1F2F3F4", "-1234"),
        ("PIC S9(3) SIGN TRAILING SEPARATE", "F1F2F360", "-123"),
        ("PIC S9(3) SIGN LEADING SEPARATE", "4EF1F2F3", "123"),
        ("PIC S9(3)V9", "F1F2F3D4", "-123.4"),
        ("PIC 9(2)PP", "F1F2", "1200"),
        ("PIC VPP99", "F1F2", "0.0012"),
        # binary: big-endian two's complement
        ("PIC S9(4) COMP", "FFFE", "-2"),
        ("PIC 9(4) COMP", "04D2", "1234"),
        ("PIC S9(9) COMP", "FFFFFF85", "-123"),
        ("PIC S9(7)V99 COMP-4", "000004D2", "12.34"),
        ("PIC 9(4) COMP-5", "FFFF", "65535"),
        # hexadecimal floating: 1 is 0.1 (hex) times 16 to the power 1, and 118.625 the textbook's example
        ("COMP-1", "41100000", "1"),
        ("COMP-1", "C276A000", "-118.625"),
        ("COMP-2", "4110000000000000", "1"),
    ],
)
def test_numbers(clauses: str, data: str, expected: str) -> None:
    assert value(item(clauses), bytes.fromhex(data), "cp037") == Decimal(expected)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"123D", 1234), (b"123M", -1234), (b"123{", 1230), (b"123}", -1230), (b"1234", 1234), (b"123t", -1234)],
)
def test_overpunched_signs_in_ascii(data: bytes, expected: int) -> None:
    assert value(item("PIC S9(4)"), data, "cp1252") == expected


@pytest.mark.parametrize(
    ("clauses", "data", "expected"),
    [
        ("PIC X(5)", "C896404040", "Ho"),
        ("PIC X(3)", "000000", ""),
        ("PIC X(3)", "FFFFFF", ""),
        ("PIC 9(3)", "404040", None),
        ("PIC 9(3)", "000000", None),
        ("PIC 9(3) COMP-3", "0000", None),
        ("PIC N(2)", "00C40020", "Ä"),
    ],
)
def test_characters_and_what_is_not_filled_in(clauses: str, data: str, expected: Value) -> None:
    assert value(item(clauses), bytes.fromhex(data), "cp037") == expected


def test_code_pages_differ() -> None:
    """X'4A' is a cent sign in the United States and a capital A with diaeresis in Germany; X'9F' became the euro."""
    assert [value(item("PIC X"), b"\x4a", page) for page in ("cp037", "cp273", "cp500")] == ["¢", "Ä", "["]
    assert [value(item("PIC X"), b"\x9f", page) for page in ("cp037", "cp1140")] == ["¤", "€"]


@pytest.mark.parametrize(
    ("clauses", "data", "says"),
    [
        ("PIC 9(5) COMP-3", "123456", "no packed decimal"),
        ("PIC 9(5) COMP-3", "1A345C", "no packed decimal"),
        ("PIC 9(4) COMP-3", "12345C", "no packed decimal"),
        ("PIC 9(5) COMP-3", "12345D", "below zero"),
        ("PIC 9(3)", "F1C1F3", "no number"),
        ("PIC S9(3)", "F1F2FA", "no number"),
        ("PIC S9(3)", "F1F213", "no number"),
        ("PIC S9(2) SIGN LEADING SEPARATE", "40F1F2", "no number"),
        ("PIC 9(2) COMP", "04D2", "more than its 2 digits"),
        ("PIC N", "D800", "cannot be read as utf-16-be"),
    ],
)
def test_bytes_that_do_not_fit_are_named(clauses: str, data: str, says: str) -> None:
    with pytest.raises(BadValue, match=says):
        value(item(clauses), bytes.fromhex(data), "cp037")


def test_written_as_the_mapping_sees_it() -> None:
    date = item("PIC 9(8) COMP-3")
    assert written(date, value(date, bytes.fromhex("019840327F"), "cp037")) == "19840327"
    assert written(item("PIC 9(4)"), Decimal(7)) == "0007"
    assert written(item("PIC S9(4)V9"), Decimal("-7.0")) == "-7.0"
    assert written(item("PIC 9(2)PP"), Decimal("1200")) == "1200"
    assert written(date, None) == ""


def test_the_code_pages_are_those_that_python_has() -> None:
    for page in cobol.EBCDIC:
        assert "0".encode(page) == b"\xf0"


@dataclass(frozen=True)
class Written:
    """An item's clauses, a value, and the bytes that our own encoder writes for it."""

    clauses: str
    expected: Decimal | str
    data: bytes


@st.composite
def numbers(draw: st.DrawFn) -> Written:
    usage = draw(st.sampled_from(["", "COMP-3", "COMP", "COMP-5", "apart", "leading"]))
    digits = draw(st.integers(1, 18))
    scale = draw(st.integers(0, digits))
    signed = usage in ("apart", "leading") or draw(st.booleans())
    whole = draw(st.integers(-(10**digits) + 1 if signed else 0, 10**digits - 1))
    pic = ("S" if signed else "") + ("9" * (digits - scale)) + (f"V{'9' * scale}" if scale else "")
    clauses = {"apart": " SIGN TRAILING SEPARATE", "leading": " SIGN LEADING"}.get(usage, f" {usage}")
    data = _encoded(usage, digits, whole, signed=signed)
    return Written(f"PIC {pic}{clauses}", Decimal(whole).scaleb(-scale), data)


def _encoded(usage: str, digits: int, whole: int, *, signed: bool) -> bytes:
    text = str(abs(whole)).zfill(digits)
    if usage in ("COMP", "COMP-5"):
        return whole.to_bytes(2 if digits < 5 else 4 if digits < 10 else 8, "big", signed=signed)
    mark = "D" if whole < 0 else "C" if signed else "F"
    if usage == "COMP-3":
        return bytes.fromhex((text + mark).zfill(2 * (digits // 2 + 1)))
    zoned = ["F" + digit for digit in text]
    if usage == "apart":
        return bytes.fromhex("".join(zoned) + ("60" if whole < 0 else "4E"))
    place = 0 if usage == "leading" else -1
    zoned[place] = mark + zoned[place][1]
    return bytes.fromhex("".join(zoned))


@st.composite
def texts(draw: st.DrawFn) -> Written:
    letters = st.text(st.sampled_from("abcXYZ ÄÖÜßéñ0189.-'"), max_size=12)
    text = draw(letters).rstrip(" ")
    size = draw(st.integers(max(len(text), 1), 14))
    return Written(f"PIC X({size})", text, text.ljust(size).encode("cp273"))


@given(st.lists(st.one_of(numbers(), texts()), min_size=1, max_size=12), st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_what_an_encoder_writes_is_read_back(fields: list[Written], times: int) -> None:
    """Any record of any copybook, also as a table that occurs several times with a redefinition over it."""
    lines = ["       01 R.", f"         05 T OCCURS {times}."]
    lines += [f"           10 F{n}\n               {field.clauses}." for n, field in enumerate(fields)]
    record = b"".join(field.data for field in fields) * times
    lines += ["         05 WHOLE REDEFINES T.", *(f"           10 G{n} PIC X." for n in range(times))]
    layout = parse("\n".join(lines))
    assert layout.longest == len(record)
    for place in layout.places():
        if place.item.name.startswith("F"):
            found = value(place.item, record[place.start : place.end], "cp273")
            expected = fields[int(place.item.name[1:])].expected
            assert found == expected, place


@given(st.binary(min_size=1, max_size=12), st.sampled_from(["PIC S9(9) COMP-3", "PIC S9(5)", "PIC X(9)", "PIC N(4)"]))
def test_no_bytes_break_the_reader(data: bytes, clauses: str) -> None:
    try:
        found = value(item(clauses), data, "cp500")
    except BadValue:
        return
    assert found is None or isinstance(found, Decimal | str)
