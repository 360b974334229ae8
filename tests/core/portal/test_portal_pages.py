"""The page frame and every component in a real browser: accessible, narrow, right-to-left, without script."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, Page, sync_playwright

from commonweal.core.portal import build_styles
from tests.core.portal import page_checks
from tests.core.portal.page_checks import (
    axe,
    keyboard_path,
    language_parts,
    launch,
    one_title,
    reflow,
    target_sizes,
    valid_html,
    weight,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not page_checks.AXE.exists(), reason="npm's axe-core is not installed"),
]

PAGES = {
    "gallery": "/",
    "gallery with errors": "/?state=errors",
    "refused": "/refused/",
    "bad request": "/bad/",
    "not found": "/nowhere/",
    "too many": "/too-many/",
    "broken": "/broken/",
    "sign in": "/account/login/",
    "sign up": "/account/signup/",
    "code": "/account/login/code/",
}
LANGUAGES = ("en", "ar")
EVERY_PAGE = [pytest.param(f"{path}{'&' if '?' in path else '?'}lang={lang}", id=f"{name}, {lang}")
              for name, path in PAGES.items() for lang in LANGUAGES]  # fmt: skip


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Says nothing: the tests speak."""


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def town() -> Iterator[str]:
    """The address of a small server with the pages of `gallery_urls`; it needs no database."""
    build_styles.build()
    changed = override_settings(
        ROOT_URLCONF="tests.core.portal.gallery_urls",
        ALLOWED_HOSTS=["localhost"],
        STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    )
    with changed:
        application = StaticFilesHandler(get_wsgi_application())
        with make_server("127.0.0.1", 0, application, Threaded, Quiet) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://localhost:{server.server_port}"
            server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails the test if anything breaks the content security policy or throws."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    fresh = context.new_page()
    problems: list[str] = []
    fresh.on("pageerror", lambda error: problems.append(str(error)))
    fresh.on("console", lambda message: problems.append(message.text) if "Content Security" in message.text else None)
    yield fresh
    context.close()
    assert problems == []


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_page_is_accessible(town: str, page: Page, path: str) -> None:
    page.goto(town + path)
    assert axe(page) == []
    assert one_title(page) == []
    assert language_parts(page) == []
    assert target_sizes(page) == []
    assert reflow(page) == []
    assert keyboard_path(page) == []


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_page_fits_a_phone(town: str, page: Page, path: str) -> None:
    page.set_viewport_size({"width": page_checks.NARROWEST, "height": 640})
    page.goto(town + path)
    assert reflow(page) == []
    assert target_sizes(page) == []
    assert axe(page) == []


@pytest.mark.skipif(not page_checks.JAVA, reason="java is not installed")
def test_pages_are_valid_html(town: str) -> None:
    assert valid_html({name: source(town + path) for name, path in PAGES.items()}) == []


def source(address: str) -> str:
    try:
        with urlopen(Request(address)) as answer:
            return answer.read().decode()
    except HTTPError as answer:
        return answer.read().decode()


@pytest.mark.parametrize("path", ["/", "/account/login/"])
def test_first_view_is_light(town: str, page: Page, path: str) -> None:
    page.goto(town + path)
    assert weight(page).faults() == []


def test_page_works_without_script(town: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(town)
    page.get_by_role("button", name="Send").click()
    page.locator(".govuk-error-summary").wait_for()
    assert page.title().startswith("Error: ")
    # With the focus on the summary, one Tab leads to the first thing that is wrong.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("Sara Haddad")
    assert page.get_by_label("Full name").input_value() == "Sara Haddad"
    page.get_by_role("link", name="العربية").click()
    page.locator("html[dir=rtl]").wait_for()
    context.close()


def test_error_summary_takes_the_focus_and_leads_to_the_fields(town: str, page: Page) -> None:
    page.goto(town)
    page.get_by_label("Year").fill("1984")
    page.get_by_role("button", name="Send").click()
    page.locator(".govuk-error-summary:focus").wait_for()
    page.get_by_role("link", name="The date must include a day").click()
    assert page.evaluate("document.activeElement.id") == "id_born-day"
    assert page.get_by_label("Year").input_value() == "1984"
    page.get_by_role("link", name="Choose an answer for “How should we answer?”").click()
    assert page.evaluate("document.activeElement.type") == "radio"


def test_arabic_is_mirrored(town: str, page: Page) -> None:
    page.goto(town + "/?lang=ar")
    brand = page.locator(".cw-brand").bounding_box()
    languages = page.locator(".cw-header nav").bounding_box()
    assert brand is not None
    assert languages is not None
    assert brand["x"] > languages["x"]
    assert page.locator("link[rel=stylesheet]").get_attribute("href").endswith("portal.rtl.css")


def test_a_passkey_that_fails_is_said_in_the_page(town: str, page: Page) -> None:
    page.goto(town + "/account/login/")
    page.route("**/webauthn/**", lambda route: route.fulfill(status=500))
    page.get_by_role("button", name="passkey").click()
    problem = page.locator("#passkey-problem")
    problem.wait_for()
    assert page.evaluate("document.activeElement.id") == "passkey-problem"
    assert axe(page) == []


def test_page_prints_without_navigation(town: str, page: Page) -> None:
    page.goto(town)
    page.emulate_media(media="print")
    assert not page.locator(".govuk-service-navigation").is_visible()
    assert not page.get_by_role("button", name="Send").is_visible()
    assert page.locator(".cw-evidence").first.is_visible()
