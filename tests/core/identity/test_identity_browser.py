"""A real browser with a virtual authenticator, over HTTP."""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from commonweal.core.identity import models

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser.new_page(locale="en-GB")
        browser.close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    return live_server.url.replace("127.0.0.1", "localhost")


def authenticator(page: Page, *, verified: bool = True) -> tuple[CDPSession, str]:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verified, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def newest_code(mailoutbox: list[Any]) -> str:
    found = re.search(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]+)*)$", mailoutbox[-1].body, re.MULTILINE)
    assert found, mailoutbox[-1].body
    return found.group(1)


def sign_up(page: Page, site: str, mailoutbox: list[Any]) -> None:
    page.goto(f"{site}/account/sign-up/")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.get_by_label("Code").fill(newest_code(mailoutbox))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/your-data/**")


def test_sign_up_and_in_with_a_passkey(page: Page, site: str, mailoutbox: list[Any], evidence: Any) -> None:
    authenticator(page)
    sign_up(page, site, mailoutbox)
    page.goto(f"{site}/account/")
    expect(page.get_by_text("My passkey").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/account/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/your-data/**")
    assert models.SignIn.objects.count() == 2
    sign_ins = evidence(action="identity.sign-in")
    assert [entry["actor"]["assurance"] for entry in sign_ins] == [2, 2]
    assert evidence(action="identity.method.add")[0]["object"] == "passkey"


def test_passkey_without_user_verification_is_refused(page: Page, site: str, mailoutbox: list[Any]) -> None:
    cdp, device = authenticator(page)
    sign_up(page, site, mailoutbox)
    page.goto(f"{site}/account/")
    page.get_by_role("button", name="Sign out").click()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"{site}/account/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="The passkey did not work")).to_be_visible()
    assert models.SignIn.objects.filter(account__email="ada@example.org").count() <= 1
