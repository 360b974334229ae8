"""Every page of the town in every state and language: first by a plain client, then in a browser."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Error, Page

from tests.core.portal import page_checks
from tests.walk.cast import Cast
from tests.walk.scenes import NAMES_IN_ARABIC, Scene, town
from tests.walk.scenes import stage as whole_stage
from tests.walk.visitors import at_home

pytestmark = pytest.mark.django_db(transaction=True)
without_chromium = pytest.mark.skipif(
    not (page_checks.CHROMIUM and page_checks.AXE.exists()), reason="Debian's chromium or npm's axe-core is missing"
)
LANGUAGES = ("en", "fr", "es", "ar")
# The checker guesses languages; made-up names and pages that are not translated yet mislead it.
GUESS = "This document appears to be written in"
HEAVIEST = {"start", "sign in", "your data", "check", "own entry", "an entry, long", "audit"}
NEXT_PAGE = 20 * 1024


@pytest.fixture
def stage(cast: Cast) -> list[Scene]:
    return whole_stage(cast)


def test_pages_are_sound_without_a_script(cast: Cast, stage: list[Scene]) -> None:
    faults, pages = [], {}
    for language in LANGUAGES:
        for scene in stage:
            answer = played(cast, scene, language)
            html = answer.content.decode()
            faults += [f"{language}, {scene}: {fault}" for fault in plain_faults(scene, language, answer, html)]
            pages[f"{language}, {scene}"] = html
    if page_checks.JAVA and page_checks.VNU.exists():
        faults += [fault for fault in page_checks.valid_html(pages) if GUESS not in fault]
    assert not faults, "\n".join(faults)


def played(cast: Cast, scene: Scene, language: str) -> HttpResponse:
    """The scene by a plain client: the page, or what follows when its form is sent with the words filled in."""
    client = cast.clients[scene.role]
    client.cookies["language"] = language
    page: Any = client.get(scene.path)
    if scene.fill is None:
        return page
    given = Fields.of(page.content.decode()) | scene.fill
    return client.post(scene.path, given, follow=True)  # type: ignore[return-value]


def plain_faults(scene: Scene, language: str, answer: HttpResponse, html: str) -> Iterator[str]:
    if answer.status_code != scene.status:
        yield f"answered {answer.status_code}"
    title = re.search(r"<title>\s*(.*?)</title>", html, re.DOTALL)
    with translation.override(language):
        if not title or title[1].startswith(gettext("Error:")) != scene.error:
            yield f"the title is {title and title[1]!r}"
    if f'<html lang="{language}"' not in html:
        yield "is not in its language"
    if re.search(r"\son[a-z]+=|\sstyle=|<script(?![^>]*(?:src=|application/json))", html):
        yield "has a style or script in the page, which the content security policy forbids"
    if (size := len(gzip.compress(html.encode(), 9))) > NEXT_PAGE:
        yield f"weighs {size} bytes compressed"


class Fields(HTMLParser):
    """What a form on a page would send if nobody touched it; its last form, which is the one in `main`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    @classmethod
    def of(cls, html: str) -> dict[str, str]:
        fields = cls()
        fields.feed(html)
        return fields.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.found[given["name"] or ""] = given.get("value") or ""


@pytest.mark.browser
@without_chromium
@pytest.mark.parametrize("language", ["fr", "es"])
def test_pages_work_in_a_browser(browser: Browser, live_server: Any, cast: Cast, language: str) -> None:
    faults = []
    with at_home(browser, live_server.url, cast, "resident", language) as (page, complaints):
        for scene in (*town.anonymous(), *town.own_pages()):
            page.goto(live_server.url + scene.path)
            faults += [f"{language}, {scene}: {fault}" for fault in (*page_checks.one_title(page), *complaints)]
            complaints.clear()
    assert not faults, "\n".join(faults)


@pytest.mark.browser
@without_chromium
def test_the_first_view_is_light(browser: Browser, live_server: Any, cast: Cast, stage: list[Scene]) -> None:
    """Of one page of each kind; what any further page adds is weighed above."""
    faults = []
    for scene in (scene for scene in stage if scene.name in HEAVIEST):
        with at_home(browser, live_server.url, cast, scene.role, "ar") as (page, _complaints):
            page.goto(live_server.url + scene.path)
            faults += [f"{scene}: {fault}" for fault in page_checks.weight(page).faults()]
    assert not faults, "\n".join(faults)


@pytest.mark.browser
@pytest.mark.slow
@without_chromium
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_are_accessible(
    browser: Browser, live_server: Any, cast: Cast, stage: list[Scene], language: str
) -> None:
    faults = []
    for role in dict.fromkeys(scene.role for scene in stage):
        with at_home(browser, live_server.url, cast, role, language) as (page, complaints):
            for scene in (scene for scene in stage if scene.role == role):
                faults += [f"{language}, {scene}: {fault}" for fault in seen_faults(page, live_server.url, scene)]
                faults += [f"{language}, {scene}: {complaint}" for complaint in complaints]
                complaints.clear()
    assert not faults, "\n".join(faults)


CHECKS = (page_checks.axe, page_checks.one_title, page_checks.language_parts, page_checks.target_sizes,
          page_checks.keyboard_path, page_checks.reflow)  # fmt: skip


def seen_faults(page: Page, site: str, scene: Scene) -> list[str]:
    """What a browser finds wrong with a scene."""
    page.goto(site + scene.path)
    if scene.fill is not None:
        send(page, scene.fill)
    found = [fault for check in CHECKS for fault in check(page)]
    return [fault for fault in found if not any(name in fault for name in NAMES_IN_ARABIC)]


def send(page: Page, fill: dict[str, str]) -> None:
    """Fill in the form of a page and send it."""
    form = page.locator("main form").last
    for name, value in fill.items():
        field = form.locator(f"[name={name}]")
        if field.first.get_attribute("type") == "radio":
            form.locator(f"[name={name}][value={value}]").check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.evaluate("window.sent = true")
    form.locator("button[type=submit]").last.click()
    last = time.monotonic() + 30
    while not answered(page):
        assert time.monotonic() < last, f"nothing followed on {page.url}"
        page.wait_for_timeout(50)
    page.wait_for_load_state()


def answered(page: Page) -> bool:
    """Whether another page has come, or this one shows the answer that was streamed into it."""
    try:
        return bool(page.evaluate("!window.sent || document.querySelector('[data-stream] form')?.ariaBusy === 'false'"))
    except Error:  # between two pages
        return False


@pytest.mark.browser
@without_chromium
def test_planted_faults_are_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<p style='width: 900px; color: #ddd'>Pale and wide</p><img src='a.png'>")
    found = " ".join(fault for check in (page_checks.axe, page_checks.reflow) for fault in check(page))
    assert "image-alt" in found
    assert "color-contrast" in found
    assert "too wide" in found
    page.close()
