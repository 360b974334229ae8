"""The page with its script: the answer before the plainer words, without a reload; the form where that fails."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from commonweal.core.identity.actors import the_node
from commonweal.services.assistant import models
from commonweal.services.assistant.publishing import service as publishing
from tests.core.portal import page_checks
from tests.services.assistant.conftest import PAGES
from tests.services.assistant.model_double import running
from tests.services.assistant.test_plainly import HOW_MUCH, PARTS, TRUE
from tests.walk.cast import Cast
from tests.walk.visitors import press, visitor, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
]


def ask(page: Page, text: str = HOW_MUCH) -> None:
    expect(page.locator("textarea")).to_have_value("")
    write(page, "text", text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_words_appear_as_they_come(browser: Browser, live_server: Any, cast: Cast) -> None:
    publishing.publish(the_node("command"), PAGES)
    with running(*PARTS, pause=1.0) as model, visitor(browser, language="en") as page:
        model.arrange(timeout=20)
        page.goto(f"{live_server.url}/assistant/")
        page.evaluate("document.body.dataset.same = 'yes'")
        ask(page)
        expect(page.locator("blockquote")).to_contain_text("45 euros")
        expect(page.locator("#talk")).to_contain_text("as published on")
        assert not page.locator("[data-plainer]").count()  # the model still thinks
        expect(page.locator("[data-plainer]")).to_have_text(TRUE + " ", timeout=10_000)
        expect(page.locator("[data-plainer]")).to_contain_text("blue zone", timeout=10_000)
        expect(page.locator("textarea")).to_have_value("")
        expect(page.locator(".govuk-character-count__status")).to_contain_text("2,000")
        model.say = lambda _asked: iter(())
        ask(page, "When is bulky waste collected?")
        expect(page.locator("#talk li.cw-talk__said")).to_have_count(4)
        assert page.evaluate("document.body.dataset.same") == "yes"  # never loaded anew
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.reload()
        expect(page.locator("#talk li.cw-talk__said")).to_have_count(4)
        expect(page.locator("#talk")).to_contain_text("blue zone")


def test_where_the_script_fails_the_form_asks_once(browser: Browser, live_server: Any, cast: Cast) -> None:
    publishing.publish(the_node("command"), PAGES)
    with visitor(browser, language="en") as page:
        page.goto(f"{live_server.url}/assistant/")
        ask(page)
        expect(page.locator("blockquote")).to_contain_text("45 euros")
        page.wait_for_timeout(1_100)  # within a second the button takes a press for a slip of the hand
        page.route("**/assistant/stream/", lambda route: (route.fetch(), route.abort()))  # asked, and the line breaks
        ask(page, "When is bulky waste collected?")
        expect(page.locator("#talk li.cw-talk__said")).to_have_count(4)
        assert models.Message.objects.filter(text="When is bulky waste collected?").count() == 1
        page.unroute("**/assistant/stream/")
        ask(page, "I want to kill myself")
        expect(page.locator("h1")).to_contain_text("You are not alone")
        page.goto(f"{live_server.url}/assistant/")
        write(page, "text", " ")
        press(page, page.locator("#talk-ask button"))
        expect(page.locator(".govuk-error-summary")).to_be_visible()
