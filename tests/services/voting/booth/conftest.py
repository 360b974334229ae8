"""A browser for the booth, and the bundle complete."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from commonweal.services.voting.booth import VENDOR, build
from tests.core.portal.page_checks import CHROMIUM, launch
from tests.services.voting.booth.box import Box, serving
from tests.services.voting.engine.elections import poll


@pytest.fixture(scope="session", autouse=True)
def complete_bundle() -> None:
    if not VENDOR.is_dir():
        build.build()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new browser profile in English, in which no page may complain."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def workbench(browser: Browser) -> Iterator[Page]:
    """A page of the bundle's origin with libsodium loaded and nothing else."""
    with serving(Box(poll())) as box:
        page = browser.new_page()
        page.goto(f"{box.copy}/texts/en.json")
        page.evaluate("import('/crypto/sodium.js').then(({ loadSodium }) => loadSodium())")
        yield page
        page.close()
