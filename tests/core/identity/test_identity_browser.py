"""A real browser with a virtual authenticator, over HTTP."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect, sync_playwright

from commonweal.core.identity import models
from commonweal.core.portal import build_styles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser.new_page(locale="en-GB")
        browser.close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    build_styles.build()
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
    assert models.SignIn.objects.count() == 1
    sign_ins = evidence(action="identity.sign-in")
    assert [entry["actor"]["assurance"] for entry in sign_ins] == [2, 2]
    assert evidence(action="identity.method.add")[0]["object"] == "passkey"


def test_a_button_waits_for_its_script(page: Page, site: str) -> None:
    """On a slow line the page is read before its script is here; a press then would be lost."""
    held_back: list[Route] = []

    def hold_back(route: Route) -> None:
        held_back.append(route)

    page.route("**/passkeys.js", hold_back)
    page.goto(f"{site}/account/sign-in/", wait_until="commit")
    button = page.get_by_role("button", name="Sign in with a passkey")
    expect(button).to_be_disabled()
    held_back[0].continue_()
    expect(button).to_be_enabled()


@pytest.fixture
def signed_out(page: Page, site: str, mailoutbox: list[Any]) -> tuple[CDPSession, str]:
    """A browser that holds a passkey of an account, and is on the sign-in page."""
    held = authenticator(page)
    sign_up(page, site, mailoutbox)
    page.goto(f"{site}/account/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/account/sign-in/")
    return held


def nobody_is_signed_in() -> bool:
    return not models.SignIn.objects.exists()


def test_refused_without_user_verification(page: Page, signed_out: tuple[CDPSession, str]) -> None:
    cdp, device = signed_out
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="The passkey did not work")).to_be_visible()
    assert nobody_is_signed_in()


def test_refused_when_a_page_asks_for_weaker_verification(page: Page, signed_out: tuple[CDPSession, str]) -> None:
    """A script that drops the demand for verification gets an answer from the device, but not past the node."""
    cdp, device = signed_out
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    options = page.evaluate(FETCH)["request_options"]
    options["publicKey"]["userVerification"] = "discouraged"
    credential = page.evaluate(ANSWER, options)
    assert credential["response"]["userHandle"]
    post_answer(page, credential)
    expect(page.get_by_text("Incorrect code")).to_be_visible()
    assert nobody_is_signed_in()


def test_refused_from_another_origin(page: Page, site: str, signed_out: tuple[CDPSession, str]) -> None:
    """Another server on the same host asks the device for an answer to our challenge, and brings it to us."""
    options = page.evaluate(FETCH)
    other = Elsewhere()
    try:
        page.goto(f"http://localhost:{other.port}/")
        credential = page.evaluate(ANSWER, options["request_options"])
        assert credential["response"]["userHandle"]
        page.goto(f"{site}/account/sign-in/")
        post_answer(page, credential)
        assert nobody_is_signed_in()
    finally:
        other.stop()


def test_refused_on_a_replayed_challenge(page: Page, site: str, signed_out: tuple[CDPSession, str]) -> None:
    options = page.evaluate(FETCH)
    credential = page.evaluate(ANSWER, options["request_options"])
    post_answer(page, credential)
    assert not nobody_is_signed_in()
    page.goto(f"{site}/account/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/account/sign-in/")
    post_answer(page, credential)
    assert nobody_is_signed_in()


def post_answer(page: Page, credential: dict[str, Any]) -> None:
    page.locator("#mfa_credential").evaluate("(input, value) => { input.value = value }", json.dumps(credential))
    with page.expect_navigation():
        page.locator("#mfa_login").evaluate("form => form.submit()")


FETCH = "fetch('/account/sign-in/passkey/', {headers: {Accept: 'application/json'}}).then(r => r.json())"
ANSWER = """async (options) => {
    const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
    const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=/g, '')
    const publicKey = {...options.publicKey, challenge: bytes(options.publicKey.challenge)}
    const made = await navigator.credentials.get({publicKey})
    const response = {}
    for (const name of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle']) {
        response[name] = text(made.response[name])
    }
    return {id: made.id, rawId: text(made.rawId), type: made.type, response}
}"""


class Elsewhere:
    """A site on another port: same host, so the device answers, but another origin."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Elsewhere</title>")

    def log_message(self, *args: Any) -> None:
        pass
