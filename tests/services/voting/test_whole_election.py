"""A whole election: voters and three trustees in browsers with the keyboard alone, a real box, an observer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from commonweal.core.identity import accounts
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.core.portal import build_styles
from commonweal.services.voting import service
from commonweal.services.voting.commands import watch
from commonweal.services.voting.engine.decryption import Result
from tests.core.portal import page_checks
from tests.services.voting.booth.desk import Trustee, make_threshold_key
from tests.services.voting.life import Life, begin
from tests.services.voting.processes import Box, free_port
from tests.services.voting.test_command_line import assert_belenios_agrees
from tests.walk.cast import own_node, publish, sign_in
from tests.walk.visitors import press, tab_to

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not page_checks.CHROMIUM, reason="Debian's chromium is missing"),
]
CHOICES = ("Mill", "Station")


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = page_checks.launch(playwright)
        yield chromium
        chromium.close()


def test_by_keyboard_with_three_trustees_and_an_observer(browser: Browser, live_server: Any, tmp_path: Path) -> None:
    build_styles.build()
    open_chain(NODE_CHAIN, NODE_LABEL)
    port = free_port()
    with own_node(tmp_path / "node"):
        node = dataclasses.replace(settings.COMMONWEAL, address=live_server.url)
        with override_settings(COMMONWEAL=node):
            people: list[Trustee] = []

            def make_keys(uuid: str) -> tuple[list[object], list[Path]]:
                people.extend(trustee(browser, tmp_path / f"t{index}", box.address, uuid) for index in (1, 2, 3))
                return make_threshold_key(people, 2), []

            with Box(tmp_path / "box", port) as box:
                life = begin(tmp_path, voters=2, box=box.address, make_keys=make_keys)
                trackers = [vote(browser, live_server.url, life, voter, name) for voter, name in enumerate(CHOICES)]
                life.close()
                service.follow(life.uuid)
                publish()
                assert not watch.look(tmp_path / "observer", life.package)
                plan = life.package.plan.digest
                for who, says in ((people[0], "waits for other trustees"), (people[2], "the result is on the board")):
                    expect(who.decrypt(plan, life.logged[0].digest)).to_have_text("Your part is ready")
                    assert says in who.send()
                service.follow(life.uuid)
                publish()
                assert watch.look(tmp_path / "observer", life.package)
            assert_belenios_agrees(tmp_path / "observer" / watch.BOARD, tmp_path / "belenios")
            found = service.finished(life.uuid)
            assert found is not None
            assert (found.accepted, found.result) == (True, Result(((0, 1, 1),)))
            look_for(browser, live_server.url, life, trackers[0])


def trustee(browser: Browser, folder: Path, box: str, uuid: str) -> Trustee:
    """Somebody with a browser and a folder of their own."""
    folder.mkdir()
    page = browser.new_context(viewport={"width": 320, "height": 900}, accept_downloads=True).new_page()
    return Trustee(page, folder, box, uuid)


def vote(browser: Browser, site: str, life: Life, voter: int, choice: str) -> str:
    """From the election's page through the booth and the pass to "You have voted"; returns the tracker."""
    context = browser.new_context(viewport={"width": 320, "height": 900})
    account = accounts.create_account(f"v{voter}@mail.example", f"Voter {voter}", person=life.people[voter])
    session = sign_in(account).cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/voting/{life.uuid}/")
    press(page, page.get_by_role("button", name="Open the booth"))
    go_on(page, "Start", "Get your voting pass")
    press(page, page.get_by_role("button", name="Sign in and get my pass"))
    press(page, page.get_by_role("button", name="Draw my pass and return to the booth"))
    heading(page, "Your voting code")
    tab_to(page, page.locator("main input").first)
    page.keyboard.type(life.code(voter))
    go_on(page, "Continue", "Which park first?")
    tab_to(page, page.get_by_role("radio").first)
    page.keyboard.press("Space")
    while not page.get_by_role("radio", name=choice).is_checked():
        page.keyboard.press("ArrowDown")
    go_on(page, "Continue", "Check your choices")
    expect(page.get_by_text("NOT YET CAST", exact=False).first).to_be_visible()
    go_on(page, "Cast my ballot", "You have voted")
    tracker = page.locator("main code").first.inner_text()
    assert choice not in page.url
    context.close()
    return tracker.replace(" ", "")


def go_on(page: Page, button: str, then: str) -> None:
    """Tab to a button of the booth, press Enter, and wait for the screen that follows."""
    tab_to(page, page.get_by_role("button", name=button))
    page.keyboard.press("Enter")
    heading(page, then)


def heading(page: Page, words: str) -> None:
    """The booth shows this screen."""
    expect(page.get_by_role("heading", level=1, name=words)).to_be_visible(timeout=20_000)


def look_for(browser: Browser, site: str, life: Life, tracker: str) -> None:
    """Anybody finds the result, and a voter their ballot."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/voting/{life.uuid}/board/")
    expect(page.get_by_text("All proofs verified")).to_be_visible()
    tab_to(page, page.locator("main [name=tracker]"))
    page.keyboard.type(tracker)
    press(page, page.get_by_role("button", name="Search"))
    expect(page.get_by_text("This ballot is on the board and counts.")).to_be_visible()
    context.close()
