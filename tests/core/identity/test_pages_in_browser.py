"""Identity's pages in a real browser, in every state: accessible, narrow, right-to-left, valid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from commonweal.core.identity import models, service
from commonweal.core.identity.actors import Actor
from commonweal.core.portal import build_styles
from tests.core.identity.soft_passkey import SoftPasskey, browser
from tests.core.identity.test_passkeys import sign_up
from tests.core.identity.test_sign_in import add_app
from tests.core.portal import page_checks

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not page_checks.AXE.exists(), reason="npm's axe-core is not installed"),
]
STRANGER = ["/account/sign-in/", "/account/sign-up/", "/account/sign-up/by-mail/", "/account/recovery/",
            "/sign-in/demo/"]  # fmt: skip
SIGNED_IN = ["/account/", "/account/address/", "/account/passkeys/add/", "/account/passkeys/{passkey}/name/",
             "/account/passkeys/{passkey}/remove/", "/account/app/remove/", "/account/recovery-codes/",
             "/account/recovery-codes/new/", "/account/sessions/", "/account/connect/", "/account/posts/",
             "/account/sign-out/", "/account/confirm/code/", "/account/confirm/passkey/",
             "/identity/codes/", "/identity/staff/", "/identity/machines/"]  # fmt: skip
CHECKS = [page_checks.axe, page_checks.reflow, page_checks.target_sizes, page_checks.one_title,
          page_checks.language_parts]  # fmt: skip


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = page_checks.launch(playwright)
        yield chromium.new_page()
        chromium.close()


@pytest.fixture
def site(live_server: Any) -> str:
    build_styles.build()
    return str(live_server.url.replace("127.0.0.1", "localhost"))


@pytest.fixture
def someone(town: str, node: Actor, code_in: Any) -> Client:
    """Signed in as an officer with a passkey, an app, recovery codes and two sessions."""
    client = browser()
    sign_up(client, code_in, SoftPasskey())
    account = add_app("ada@example.org")
    service.appoint(node, account.pk, town, "identity-officer")
    service.appoint(node, account.pk, town, "administrator")
    service.issue_token(node, "Sensor bridge", town, frozenset({"sensor-writer"}))
    service.offer_demo_sign_in(account.pk, "An officer of the identity office")
    service.add_identifier(service.create_person(), "national", "880214-123")
    browser().post("/sign-in/demo/", {"account": str(account.pk)})
    return client


def faults(page: Page, checks: list[Callable[[Page], list[str]]] = CHECKS) -> list[str]:
    page.wait_for_load_state()
    found = [fault for check in checks for fault in check(page)]
    return [f"{page.url}: {fault}" for fault in found]


def post_for(path: str) -> int:
    """The post that opens a page."""
    role = "administrator" if path in ("/identity/staff/", "/identity/machines/") else "identity-officer"
    return models.Post.objects.get(role=role).pk


def take_over(page: Page, site: str, client: Client) -> None:
    cookie = client.cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": cookie, "url": site}])


@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages(page: Page, site: str, someone: Client, language: str) -> None:
    found = []
    for path in STRANGER:
        page.goto(f"{site}{path}?lang={language}")
        found += faults(page)
    take_over(page, site, someone)
    passkey = Authenticator.objects.get(type="webauthn").pk
    for path in SIGNED_IN:
        someone.post("/account/posts/", {"post": post_for(path)})
        answer = page.goto(f"{site}{path.format(passkey=passkey)}?lang={language}")
        assert answer
        assert answer.status == 200, path
        found += faults(page)
    assert found == []


def test_pages_that_say_what_is_wrong(page: Page, site: str, someone: Client) -> None:
    found = []
    for path in ("/account/sign-in/", "/account/sign-up/", "/account/recovery/"):
        page.goto(f"{site}{path}")
        page.locator("input[type=email]").fill("nonsense")
        page.locator("main form:has(input[type=email]) button[type=submit]").click()
        page.locator(".govuk-error-summary:focus").wait_for()
        assert page.title().startswith("Error:"), path
        found += faults(page)
    take_over(page, site, someone)
    someone.post("/account/posts/", {"post": post_for("/identity/codes/")})
    for path, field in (("/account/connect/", "code"), ("/identity/codes/", "value")):
        page.goto(f"{site}{path}")
        page.locator(f"[name={field}]").fill("00000")
        page.locator("main form button[type=submit]").first.click()
        page.locator(".govuk-error-summary:focus").wait_for()
        assert page.title().startswith("Error:"), path
        found += faults(page)
    assert found == []


def test_pages_on_the_way_in(page: Page, site: str, someone: Client, mailoutbox: list[Any], code_in: Any) -> None:
    page.goto(f"{site}/account/sign-in/")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_role("button", name="Send me a code").click()
    found = faults(page)
    page.get_by_label("Code").fill(code_in())
    page.get_by_role("button", name="Continue").click()
    found += faults(page)
    page.get_by_role("link", name="I have lost all of these").click()
    found += faults(page)
    assert found == []


@pytest.mark.skipif(not page_checks.JAVA, reason="no Java")
def test_html_is_valid(someone: Client) -> None:
    passkey = Authenticator.objects.get(type="webauthn").pk
    pages = {}
    for client, paths in ((browser(), STRANGER), (someone, SIGNED_IN)):
        for path in paths:
            address = path.format(passkey=passkey)
            someone.post("/account/posts/", {"post": post_for(path)})
            pages[address] = client.get(address).content.decode()
    assert page_checks.valid_html(pages) == []
