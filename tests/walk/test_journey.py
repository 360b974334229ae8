"""One whole errand, by keyboard alone, on a small screen, in Arabic: with scripts and without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from commonweal.services.registry import service as registry
from commonweal.services.registry.models import Correction
from commonweal.services.registry.purposes import BENEFITS
from tests import town
from tests.core.portal import page_checks
from tests.walk.cast import Cast, publish
from tests.walk.visitors import choose, press, tab_to, visitor, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
]


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_an_errand(browser: Browser, live_server: Any, cast: Cast, script: bool) -> None:
    site = live_server.url
    registry.read(town.BENEFIT_OFFICER, cast.people["resident"], BENEFITS, case="B-44")
    with (
        visitor(browser, script=script) as mara,
        visitor(browser, script=script) as registrar,
        visitor(browser, script=script) as benefits,
    ):
        for page, role in ((mara, "resident"), (registrar, "registrar"), (benefits, "benefit-officer")):
            sign_in(page, site, cast, role)
        ask_for_a_correction(mara, site)
        decide(registrar, site)
        read_the_decision(mara, site)
        ask_about_a_use(mara, site)
        answer(benefits, site)
        read_the_answer(mara)
        publish()
        check_the_record(mara, site, script)


def sign_in(page: Page, site: str, cast: Cast, role: str) -> None:
    """By the demo page, like whoever tries the town."""
    page.goto(f"{site}/sign-in/demo/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    press(page, page.locator(f"button[name=account][value='{cast.accounts[role].id}']"))
    press(page, page.locator(".cw-brand"))


def ask_for_a_correction(page: Page, site: str) -> None:
    press(page, page.locator("main a[href='/registry/']"))
    press(page, page.locator("main a[href='/registry/mine/correct/']"))
    choose(page, "field", "born")
    write(page, "proposed", "27 March 84")
    write(page, "explanation", "My birth certificate says so.")
    press(page, page.locator("main form button"))
    mistake = page.locator(".govuk-error-summary")
    expect(mistake).to_be_focused()
    press_in_page(page, mistake.get_by_role("link"))
    expect(page.locator("[name=proposed]")).to_be_focused()
    assert page.locator("[name=explanation]").input_value() == "My birth certificate says so."
    page.keyboard.press("Control+a")
    page.keyboard.type("1985-03-27")
    send_twice(page)
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()
    assert Correction.objects.filter(proposed="1985-03-27").count() == 1


def send_twice(page: Page) -> None:
    """The page is sent, and the same page once more, as with a double press or the back button."""
    fields = page.evaluate(FIELDS)
    press(page, page.locator("main form button"))
    again = page.request.post(page.url.replace("/mine/", "/mine/correct/"), form=fields, headers={"Referer": page.url})
    assert again.ok


FIELDS = "() => Object.fromEntries(new FormData(document.querySelector('main form')))"


def press_in_page(page: Page, link: Any) -> None:
    tab_to(page, link)
    page.keyboard.press("Enter")


def decide(page: Page, site: str) -> None:
    press(page, page.locator("main a[href='/registry/']"))
    press(page, page.locator("main a[href='/cases/']"))
    press(page, page.locator("main table a[href^='/cases/']").last)
    press(page, page.locator("main form button"))
    choose(page, "outcome", "accepted")
    choose(page, "text", "own")
    write(page, "reason", "The certificate was shown.")
    press(page, page.locator("main form button").first)
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()


def read_the_decision(page: Page, site: str) -> None:
    page.reload()
    expect(page.get_by_text("The certificate was shown.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1985")


def ask_about_a_use(page: Page, site: str) -> None:
    press(page, page.locator("main a[href='/your-data/']"))
    card = page.locator(".cw-evidence").filter(has_text="Ben Benefit")
    press(page, card.get_by_role("link"))
    press(page, page.locator("main a[href$='/ask/']"))
    write(page, "text", "Which benefit was this for?")
    press(page, page.locator("main form button"))
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()


def answer(page: Page, site: str) -> None:
    page.goto(f"{site}/questions/")
    press(page, page.locator("main a[href^='/questions/']").last)
    expect(page.get_by_text("Which benefit was this for?")).to_be_visible()
    write(page, "text", "For the housing benefit, case B-44.")
    press(page, page.locator("main form button"))


def read_the_answer(page: Page) -> None:
    page.reload()
    expect(page.get_by_text("For the housing benefit, case B-44.")).to_be_visible()


def check_the_record(page: Page, site: str, script: bool) -> None:
    press(page, page.locator("main a[href='/your-data/check/']"))
    if script:
        press_in_page(page, page.locator("#check-now"))
        expect(page.locator("#check-result")).to_have_attribute("data-ok", "true")
        expect(page.locator("#check-result")).to_be_focused()
    else:
        press(page, page.locator("main form button"))
        expect(page.locator(".govuk-panel--confirmation")).to_be_visible()
