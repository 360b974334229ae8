"""The style sheets: ours in colour and type, mirrored for right-to-left, with a style for every class in use."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path

import pytest

from commonweal.core.portal import build_styles
from commonweal.core.portal.build_styles import BUILD, BuildError, build, check

COMMONWEAL = Path(build_styles.__file__).parents[2]
# Names without a rule of their own: hooks for scripts and tests, or rows whose cells carry the style.
BARE = {"govuk-radios", "govuk-table__body", "govuk-table__head", "govuk-table__row", "cw-person__details"}
LARGEST = 16 * 1024

pytestmark = pytest.mark.skipif(
    not build_styles.SCRIPT.exists() or not shutil.which("node"), reason="node or npm's packages are not installed"
)


@pytest.fixture(scope="module")
def css() -> str:
    build()
    return (BUILD / "portal.css").read_text()


def test_a_second_build_has_nothing_to_do(css: str) -> None:
    assert build() is False


def test_sheets_are_small_and_ours(css: str) -> None:
    for name in ("portal.css", "portal.rtl.css"):
        sheet = (BUILD / name).read_text()
        check(sheet)
        assert len(gzip.compress(sheet.encode(), 9)) <= LARGEST


def test_the_second_sheet_is_mirrored(css: str) -> None:
    mirrored = (BUILD / "portal.rtl.css").read_text()
    assert css.count("margin-left") > 10
    assert mirrored != css
    assert mirrored.count("margin-right") == css.count("margin-left")


@pytest.mark.parametrize("leftover", ["@use 'x'", "color:#1D70B8", "url(govuk-crest.svg)", "font:GDS Transport"])
def test_a_leftover_of_another_brand_stops_the_build(css: str, leftover: str) -> None:
    with pytest.raises(BuildError):
        check(css + leftover)


def test_a_truncated_sheet_stops_the_build() -> None:
    with pytest.raises(BuildError, match="characters"):
        check("a{}")


def test_every_class_in_a_template_has_a_style(css: str) -> None:
    styled = {name.replace("\\", "") for name in re.findall(r"\.((?:cw|govuk)-[\w\\!-]+)", css)}
    unknown = {
        f"{name} in {template.relative_to(COMMONWEAL)}"
        for template in COMMONWEAL.rglob("*.html")
        if "portal/components" not in template.as_posix()
        for attribute in re.findall(r'class="([^"{]*)"', template.read_text())
        for name in attribute.split()
        if name.startswith(("cw-", "govuk-")) and name not in styled | BARE
    }
    assert unknown == set()
