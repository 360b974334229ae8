"""The page checks themselves: each finds the fault it is for, and nothing on a sound page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.core.portal import page_checks
from tests.core.portal.page_checks import (
    Weight,
    axe,
    keyboard_path,
    language_parts,
    launch,
    one_title,
    reflow,
    target_sizes,
    valid_html,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not page_checks.AXE.exists(), reason="npm's axe-core is not installed"),
]

SOUND = """<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>Sound – Town</title></head>
<body><main><h1>Sound</h1>
<p>Read <a href="/a">all about it</a> or <a href="/b" lang="fr" hreflang="fr">en français</a>.</p>
<p><label for="name">Name</label> <input id="name" name="name"></p></main></body></html>"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


@pytest.mark.parametrize("check", [axe, reflow, target_sizes, keyboard_path, language_parts, one_title])
def test_a_sound_page_has_no_faults(page: Page, check: Callable[[Page], list[str]]) -> None:
    page.set_content(SOUND)
    assert check(page) == []


@pytest.mark.parametrize(
    ("check", "change", "fault"),
    [
        (axe, ('<label for="name">Name</label>', ""), "label"),
        (reflow, ("<p>", '<p style="width: 500px">'), "too wide"),
        (target_sizes, ("<p><label", '<button>.</button><button style="all: unset">x</button><p><label'), "too small"),
        (keyboard_path, ("</main>", "<a tabindex='5' href='/c'>Last</a></main>"), "not reached by Tab"),
        (keyboard_path, ("<p>", "<a style='outline: none' href='/c'>Where</a><p>"), "focus cannot be seen"),
        (keyboard_path, ("<main>", "<main onfocusin='this.querySelector(\"input\").focus()'>"), "not reached by Tab"),
        (language_parts, (' lang="en"', ""), "does not name its language"),
        (language_parts, (' lang="fr"', ""), "marked as nothing"),
        (language_parts, ('dir="ltr"', 'dir="rtl"'), "direction"),
        (language_parts, ("all about it", "العربية"), "Arabic text is marked as en"),
        (one_title, ("<h1>Sound</h1>", ""), "0 main headings"),
        (one_title, ("Sound – Town", " – Town"), "no title"),
        (one_title, ("<p>", "<p class='govuk-error-message'>"), "does not say that there are errors"),
    ],
)
def test_a_planted_fault_is_found(
    page: Page, check: Callable[[Page], list[str]], change: tuple[str, str], fault: str
) -> None:
    assert change[0] in SOUND
    page.set_content(SOUND.replace(*change, 1))
    assert any(fault in found for found in check(page)), check(page)


@pytest.mark.skipif(not page_checks.JAVA, reason="java is not installed")
def test_invalid_html_is_found() -> None:
    faults = valid_html({"sound": SOUND, "unsound": SOUND.replace("<h1>", '<h1 id="name">')})
    assert any("duplicate" in fault.lower() for fault in faults)
    assert all(fault.startswith("unsound, line") for fault in faults)


def test_a_heavy_page_is_named() -> None:
    assert Weight({"/": 1_000}).faults() == []
    assert "/big.js" in Weight({"/": 1_000, "/big.js": 60_000}).faults()[0]
    assert "7 requests" in Weight({f"/{n}": 1 for n in range(7)}).faults()[0]
