"""The line breaks in the middle of a form: what was written survives, and arrives once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from commonweal.services.registry.models import Correction
from tests.core.portal import page_checks
from tests.walk.cast import Cast
from tests.walk.line import Line
from tests.walk.visitors import at_home

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
]
WRITTEN = {"proposed": "12 Elm Street, 4021 Testford", "explanation": "I moved there.\nOn the first of May."}
ERROR_PAGE = "chrome-error://**"


@pytest.fixture
def line(live_server: Any) -> Iterator[Line]:
    line = Line(urlsplit(live_server.url).port or 0)
    yield line
    line.close()


@pytest.fixture
def form(browser: Browser, line: Line, cast: Cast) -> Iterator[Page]:
    """Mara's request for a correction, written and not sent yet."""
    with at_home(browser, line.address, cast, "resident", "en") as (page, _complaints):
        page.goto(f"{line.address}/registry/mine/correct/?field=address")
        for name, text in WRITTEN.items():
            page.locator(f"[name={name}]").fill(text)
        yield page


def send(form: Page) -> None:
    form.get_by_role("button", name="Send the request").click()


def asked() -> int:
    return Correction.objects.filter(proposed=WRITTEN["proposed"]).count()


def test_nothing_leaves_while_the_line_is_down(form: Page) -> None:
    form.context.set_offline(True)
    send(form)
    form.wait_for_url(ERROR_PAGE)
    form.context.set_offline(False)
    go_back_and_send_again(form)
    assert asked() == 1


def test_the_answer_is_lost_and_the_form_is_sent_again(form: Page, line: Line) -> None:
    lose_the_answer(form, line)
    go_back_and_send_again(form)
    assert asked() == 1


def test_the_answer_is_lost_and_the_page_is_loaded_again(form: Page, line: Line) -> None:
    lose_the_answer(form, line)
    form.reload()  # the browser sends the same form again
    expect(form.locator(".govuk-notification-banner--success").first).to_be_visible()
    assert asked() == 1


def test_a_mistake_then_a_broken_line(form: Page, line: Line) -> None:
    form.locator("[name=explanation]").fill("")
    send(form)
    expect(form.locator(".govuk-error-summary")).to_be_visible()
    form.locator("[name=explanation]").fill(WRITTEN["explanation"])
    lose_the_answer(form, line)
    form.reload()
    expect(form.locator(".govuk-notification-banner--success").first).to_be_visible()
    assert asked() == 1


def lose_the_answer(form: Page, line: Line) -> None:
    """The request arrives at the node; the line breaks before the answer is back."""
    line.broken = True
    send(form)
    form.wait_for_url(ERROR_PAGE)
    line.broken = False
    assert asked() == 1, "it did not arrive"


def go_back_and_send_again(form: Page) -> None:
    form.go_back()
    for name, text in WRITTEN.items():
        expect(form.locator(f"[name={name}]")).to_have_value(text)
    expect(form.locator("[name=field][value=address]")).to_be_checked()
    send(form)
    expect(form.locator(".govuk-notification-banner--success").first).to_be_visible()
