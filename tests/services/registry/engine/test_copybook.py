"""Copybooks: layouts worked out by hand, refusals with their remedies."""

from __future__ import annotations

import pytest

from commonweal.services.registry.engine.copybook import BadCopybook, Layout, parse, picture


def copybook(*lines: str) -> Layout:
    """A copybook of these lines, each put into columns 8 to 72."""
    return parse("\n".join(f"000100 {line}" for line in lines))


def places(layout: Layout) -> dict[str, tuple[int, int]]:
    """Where each item stands: name with subscripts -> (start, end)."""
    return {
        place.item.name + (str(list(place.subscripts)) if place.subscripts else ""): (place.start, place.end)
        for place in layout.places()
    }


def test_sizes_by_usage() -> None:
    layout = copybook(
        "01  PERSON.",
        "    05  NAME         PIC X(10).",
        "    05  ZONED        PIC S9(5)V99.",
        "    05  APART      PIC S9(4) SIGN IS LEADING SEPARATE CHARACTER.",
        "    05  PACKED-ODD   PIC S9(7) COMP-3.",
        "    05  PACKED-EVEN  PIC 9(6) USAGE IS PACKED-DECIMAL.",
        "    05  HALF         PIC S9(4) COMP.",
        "    05  FULL         PIC 9(9) BINARY.",
        "    05  DOUBLE       PIC S9(10) COMP-5.",
        "    05  FLOAT        COMP-1.",
        "    05  LONG         COMP-2.",
        "    05  SHOWN        PIC ZZ,ZZ9.99-.",
        "    05  WIDE         PIC N(3).",
        "    05  FILLER       PIC X(2) VALUE SPACES.",
    )
    assert places(layout) == {
        "NAME": (0, 10), "ZONED": (10, 17), "APART": (17, 22), "PACKED-ODD": (22, 26), "PACKED-EVEN": (26, 30),
        "HALF": (30, 32), "FULL": (32, 36), "DOUBLE": (36, 44), "FLOAT": (44, 48), "LONG": (48, 56),
        "SHOWN": (56, 66), "WIDE": (66, 72), "FILLER": (72, 74),
    }  # fmt: skip
    assert layout.longest == layout.shortest == 74


def test_usage_of_a_group_holds_inside_it() -> None:
    assert places(copybook("01 R.", "  05 G COMP-3.", "    10 A PIC 9(3).", "    10 B PIC 9(3) DISPLAY.")) == {
        "A": (0, 2),
        "B": (2, 5),
    }


def test_redefines_and_tables() -> None:
    layout = copybook(
        "01  R.",
        "    05  KIND          PIC X.",
        "        88  PERSON    VALUE 'P' 'Q'.",
        "    05  BODY          PIC X(12).",
        "    05  AS-DATES      REDEFINES BODY.",
        "        10  DAY-OF    PIC 9(6) OCCURS 2 TIMES INDEXED BY I.",
        "    05  GRID OCCURS 2.",
        "        10  CELL      PIC 9 OCCURS 3 TIMES.",
        "    05  LAST-ONE      PIC X.",
    )
    found = places(layout)
    assert found["BODY"] == (1, 13)
    assert (found["DAY-OF[1]"], found["DAY-OF[2]"]) == ((1, 7), (7, 13))
    assert (found["CELL[1, 1]"], found["CELL[2, 3]"]) == ((13, 14), (18, 19))
    assert found["LAST-ONE"] == (19, 20)


def test_a_table_that_depends_moves_what_follows() -> None:
    layout = copybook(
        "01 R.",
        "   05 N PIC 9.",
        "   05 CHILD PIC X(4) OCCURS 0 TO 3 TIMES DEPENDING ON N.",
        "   05 TAIL PIC X.",
    )
    assert (layout.shortest, layout.longest) == (2, 14)
    assert {place.item.name: place.start for place in layout.places(lambda item, before: 2)}["TAIL"] == 9


def test_columns_comments_and_periods() -> None:
    text = (
        "000100*05  NOT-THIS   PIC X.                                             ABCDEFGH\n"
        "000200 01  R.                                                            ABCDEFGH\r\n"
        "000300/ a new page\n"
        "000400     05  A PIC 9(3)V9,\n"
        "000500         VALUE 1.5. 05 B PIC X(3) VALUE 'a. b'.\n"
        "\n"
    )
    assert places(parse(text)) == {"A": (0, 4), "B": (4, 7)}


def test_several_records_describe_the_same_bytes() -> None:
    layout = copybook("01 A.", "  05 X PIC X(3).", "01 B.", "  05 Y PIC X(8).")
    assert places(layout) == {"X": (0, 3), "Y": (0, 8)}
    assert (layout.shortest, layout.longest) == (3, 8)


@pytest.mark.parametrize(
    ("text", "digits", "scale", "signed"),
    [("S9(7)V99", 9, 2, True), ("9", 1, 0, False), ("V999", 3, 3, False), ("9(3)PP", 3, -2, False),
     ("VPP99", 2, 4, False), ("PP99", 2, 4, False), ("S99V", 2, 0, True)],
)  # fmt: skip
def test_pictures_of_numbers(text: str, digits: int, scale: int, signed: bool) -> None:
    found = picture(text)
    assert (found.kind, found.digits, found.scale, found.signed) == ("number", digits, scale, signed)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["01 R.", "   05 A PIC Q(3)."], r"line 2: PIC Q"),
        (["01 R.", "   05 A."], "A has neither a PICTURE"),
        (["01 R.", "   05 A PIC X", "   05 B PIC X."], "line 2: 05 is not understood"),
        (["01 R.", "   05 A PIC X(3)"], "does not end with a period"),
        (["01 R.", "   05 A PIC X REDEFINES B."], "B, which does not stand before it"),
        (["01 R.", "   05 A PIC X OCCURS 2 TO 5."], "DEPENDING ON"),
        (["01 R.", "   05 A PIC X OCCURS 1 TO 5 DEPENDING ON N."], "depends on N"),
        (["01 R.", "   05 A PIC 9(4) COMP SYNC."], "slack bytes"),
        (["01 R.", "   05 A POINTER."], "POINTER is not understood"),
        (["01 R.", "   05 A PIC 9(40)."], "at most 31 digits"),
        (["01 R.", "   05 A PIC X(99999)."], "no size"),
        (["01 R.", "   05 A PIC G(4)."], "double-byte"),
        (["01 R.", "   05 A PIC X(9) OCCURS 30000."], "at most 32760"),
        (["01 R.", "   05 T OCCURS 999.", "     10 U OCCURS 999.", "       15 A PIC X."], "items in one record"),
        (["COPY OTHER."], "begins with COPY"),
        (["01 R.", "   10 A PIC X.", "   05 B PIC X."], "level 05 beside level 10"),
        ([""], "columns 8 to 72"),
    ],
)
def test_what_cannot_be_used_is_named(lines: list[str], says: str) -> None:
    with pytest.raises(BadCopybook, match=says):
        copybook(*lines)


def test_a_copybook_without_its_sequence_area_is_named() -> None:
    with pytest.raises(BadCopybook, match="columns"):
        parse("01 R.\n  05 A PIC X.\n")
