"""People with browsers, who use nothing but the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

from tests.walk.cast import Cast

FURTHEST = 120
# How Chromium notes that the page itself was answered with a refusal.
REFUSAL = re.compile(r"^Failed to load resource: the server responded with a status of 40[34]")


@contextmanager
def visitor(browser: Browser, *, script: bool = True, width: int = 320, language: str = "ar") -> Iterator[Page]:
    """Somebody at a small screen."""
    context = browser.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 640}, locale=language, accept_downloads=True
    )
    yield context.new_page()
    context.close()


@contextmanager
def at_home(browser: Browser, site: str, cast: Cast, role: str, language: str) -> Iterator[tuple[Page, list[str]]]:
    """A page of somebody's browser, signed in as they are, and what its console complains about."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    cookies = {"language": language}
    if "session" in cast.clients[role].cookies:
        cookies["session"] = cast.clients[role].cookies["session"].value
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.extend(serious(said)))
    yield page, complaints
    context.close()


def serious(said: ConsoleMessage) -> list[str]:
    """What the console says, if it is an error and not Chromium's note that the page itself is a refusal."""
    return [said.text] if said.type == "error" and not REFUSAL.search(said.text) else []


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, as a person without a mouse does."""
    target.wait_for(state="visible")
    wanted = target.element_handle()
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if page.evaluate("target => document.activeElement === target", wanted):
            return
    raise AssertionError(f"the keyboard does not reach {target} on {page.url}")


def press(page: Page, target: Locator) -> None:
    """Go to a link or button by Tab, press Enter, and wait for the page that follows."""
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, name: str, value: str) -> None:
    """Choose a radio button: Tab to its group, then the arrow keys."""
    group = page.locator(f"input[type=radio][name={name}]")
    tab_to(page, group.locator("xpath=self::*[@checked]").or_(group.first).first)
    page.keyboard.press("Space")
    for _ in range(group.count()):
        if page.locator(f"[name={name}][value={value}]").is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrow keys do not choose {value}")


def write(page: Page, name: str, text: str) -> None:
    """Go to a field by Tab and replace what stands in it."""
    tab_to(page, page.locator(f"main [name={name}]"))
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
