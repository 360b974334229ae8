"""A correction from the resident's phone to the officer's decision to the appeal: in Arabic, by keyboard alone, on a
small screen, and the line breaks in the middle of the forms. Nothing is lost, and everything is sent once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from commonweal.core.cases import models
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import the_node
from commonweal.core.ledger.models import Record
from commonweal.services.registry.models import Correction
from tests.core.portal import page_checks
from tests.walk.cast import Cast, sign_in
from tests.walk.line import Line
from tests.walk.visitors import choose, press, tab_to, visitor, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
]
ERROR_PAGE = re.compile("^chrome-error://")
BIRTHPLACE, BECAUSE, REASON, APPEAL = "بيروت", "هكذا في شهادة الميلاد", "لا تظهر الشهادة ذلك", "الشهادة واضحة"


@pytest.fixture
def line(live_server: Any) -> Iterator[Line]:
    line = Line(urlsplit(live_server.url).port or 0)
    yield line
    line.close()


def test_from_the_phone_to_the_appeal(browser: Browser, live_server: Any, line: Line, cast: Cast) -> None:
    _a_second_registrar(cast)
    with (
        visitor(browser) as mara,
        visitor(browser, width=1280) as first,
        visitor(browser, width=1280) as second,
    ):
        _enter(mara, line.address, cast, "resident")
        _enter(first, live_server.url, cast, "registrar")
        _enter(second, live_server.url, cast, "second registrar")

        press(mara, mara.locator("main a[href='/registry/']"))
        press(mara, mara.locator("main a[href='/registry/mine/correct/']"))
        choose(mara, "field", "birth_place")
        write(mara, "proposed", BIRTHPLACE)
        write(mara, "explanation", BECAUSE)
        _through_a_broken_line(mara, line, lambda: Correction.objects.filter(proposed=BIRTHPLACE).count())

        _take(first, live_server.url)
        expect(first.get_by_text(BECAUSE)).to_be_visible()
        _decide(first, "rejected", REASON)

        mara.reload()
        tab_to(mara, mara.locator(".govuk-service-navigation__toggle"))
        mara.keyboard.press("Enter")
        press(mara, mara.locator("nav a[href='/inbox/']"))
        press(mara, mara.locator("main ul a[href^='/inbox/']").first)
        expect(mara.get_by_text(REASON)).to_be_visible()
        press(mara, mara.locator("main a.govuk-button"))
        press(mara, mara.locator("main a[href$='/appeal/']"))
        write(mara, "text", APPEAL)
        _through_a_broken_line(mara, line, lambda: models.Step.objects.filter(kind="appealed", text=APPEAL).count())

        first.goto(f"{live_server.url}/cases/?show=appeals")
        press(first, first.locator("main table a").first)
        expect(first.locator("main form")).to_have_count(0)  # whoever decided has nothing to press here

        _take(second, f"{live_server.url}", "?show=appeals")
        expect(second.get_by_text(APPEAL)).to_be_visible()
        _decide(second, "accepted", "ظهر ذلك")

        mara.goto(f"{line.address}/registry/mine/")
        expect(mara.locator("main .govuk-summary-list, main dl").first).to_contain_text(BIRTHPLACE)
    _is_written_down_once(cast)


def _a_second_registrar(cast: Cast) -> None:
    """A tax officer moves to the register."""
    account = cast.accounts["tax-officer"]
    for post in identity.posts_of(account.id):
        identity.end_post(the_node("set-up"), post)
    identity.appoint(the_node("set-up"), account.id, "register", "registrar")
    cast.accounts["second registrar"], cast.clients["second registrar"] = account, sign_in(account)


def _enter(page: Page, site: str, cast: Cast, role: str) -> None:
    page.goto(f"{site}/sign-in/demo/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    press(page, page.locator(f"button[name=account][value='{cast.accounts[role].id}']"))
    press(page, page.locator(".cw-brand"))


def _through_a_broken_line(page: Page, line: Line, arrived: Callable[[], int]) -> None:
    """The form arrives, its answer does not; the person goes back, finds everything as it was, and sends it again."""
    written = page.locator("main textarea").first.input_value()
    line.broken = True
    tab_to(page, page.locator("main form button"))
    with page.expect_event("requestfailed"):
        page.keyboard.press("Enter")
    expect(page).to_have_url(ERROR_PAGE)
    line.broken = False
    assert arrived() == 1
    page.go_back()
    expect(page.locator("main textarea").first).to_have_value(written)
    press(page, page.locator("main form button"))
    expect(page.locator(".govuk-notification-banner--success").first).to_be_visible()
    assert arrived() == 1


def _take(page: Page, site: str, narrowed: str = "") -> None:
    page.goto(f"{site}/cases/{narrowed}")
    press(page, page.locator("main table a").last)
    press(page, page.locator("main form button"))


def _decide(page: Page, outcome: str, reason: str) -> None:
    choose(page, "outcome", outcome)
    choose(page, "text", "own")
    write(page, "reason", reason)
    press(page, page.locator("main form button").first)
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()


def _is_written_down_once(cast: Cast) -> None:
    """Each thing that happened to the case has one entry in Mara's chain."""
    case = models.Case.objects.get(appeal=True)
    bodies = [bytes(row.body).decode() for row in Record.objects.filter(chain=cast.people["resident"].chain)]
    entries = sum(f'"cases/case/{case.id}"' in body for body in bodies)
    assert entries == models.Step.objects.filter(case=case).count() == 6
