"""Answers read aloud by the browser: each in its language, one at a time; nothing where it cannot speak."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from commonweal.core.identity.actors import the_node
from commonweal.services.assistant.publishing import service as publishing
from tests.core.portal import page_checks
from tests.services.assistant.conftest import PAGES
from tests.services.assistant.test_streaming import ask
from tests.walk.cast import Cast
from tests.walk.visitors import tab_to, visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
]
VOICE = """
window.spoken = []
window.cut = 0
const queue = []
Object.defineProperty(window, 'speechSynthesis', { value: {
  speak (words) { window.spoken.push([words.lang, words.text]); queue.push(words) },
  cancel () { window.cut++; for (const words of queue.splice(0)) setTimeout(() => words.onerror?.({}), 50) }
} })
window.finish = () => { for (const words of queue.splice(0)) words.onend?.({}) }
"""
"""Speaks only into a list; what is cut off says so a little later, as browsers do."""


def push(page: Page, button: Locator) -> None:
    """Press a button that stays on the page."""
    tab_to(page, button)
    page.keyboard.press("Enter")


def spoken(page: Page) -> list[list[str]]:
    """Languages and words since the last look."""
    found: list[list[str]] = page.evaluate("window.spoken.splice(0)")
    return found


def test_each_answer_is_read_in_its_language_one_at_a_time(browser: Browser, live_server: Any, cast: Cast) -> None:
    publishing.publish(the_node("command"), PAGES)
    with visitor(browser, language="ar") as page:
        page.add_init_script(VOICE)
        page.goto(f"{live_server.url}/assistant/")
        ask(page)
        first = page.locator("#talk [data-aloud]").first
        expect(first).to_be_visible()
        read, idle = first.inner_text(), page.locator("#talk-search")
        push(page, first)
        (language, words), *_beside = spoken(page)
        assert language == "en"
        assert "45 euros" in words
        expect(first).to_be_focused()
        expect(first).not_to_have_text(read)
        expect(idle).not_to_be_empty()
        page.evaluate("finish()")
        expect(first).to_have_text(read)
        expect(idle).to_be_empty()

        page.wait_for_timeout(1_100)  # within a second the button takes a press for a slip of the hand
        ask(page, "Xylophones on Mars")
        expect(page.locator("#talk [data-aloud]")).to_have_count(2)
        second = page.locator("#talk [data-aloud]").last
        push(page, first)
        spoken(page)
        push(page, second)
        assert [language for language, _words in spoken(page)] == ["ar"]
        page.wait_for_timeout(200)  # the first says late that it was cut off
        expect(first).to_have_text(read)
        expect(second).not_to_have_text(read)
        page.keyboard.press("Enter")
        expect(second).to_have_text(read)
        assert not spoken(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("script", [True, False])
def test_without_a_voice_or_a_script_there_is_no_button(
    browser: Browser, live_server: Any, cast: Cast, script: bool
) -> None:
    publishing.publish(the_node("command"), PAGES)
    with visitor(browser, language="en", script=script) as page:
        page.add_init_script("delete window.speechSynthesis")
        page.goto(f"{live_server.url}/assistant/")
        ask(page)
        expect(page.locator("blockquote")).to_contain_text("45 euros")
        assert page.locator("[data-aloud]").count() == 0
