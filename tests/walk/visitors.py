"""People with browsers, who use nothing but the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page

FURTHEST = 120


@contextmanager
def visitor(browser: Browser, *, script: bool = True, width: int = 320, language: str = "ar") -> Iterator[Page]:
    """Somebody at a small screen."""
    context = browser.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 640}, locale=language, accept_downloads=True
    )
    yield context.new_page()
    context.close()


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
