"""Every screen of the booth in a language of each direction of writing: accessible, valid, and right at 320 px."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from commonweal.services.voting.box.ceremony import SHUFFLE, claim
from commonweal.services.voting.engine.archive import EventType, steps
from commonweal.services.voting.engine.election import Question, RankedQuestion
from commonweal.services.voting.engine.encoding import JSON, canonical
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.keys import sign
from tests.core.portal import page_checks
from tests.services.voting.booth import voter
from tests.services.voting.booth.box import Box, serving
from tests.services.voting.engine.elections import ONE_OF_THREE, Poll, poll, single

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUESTIONS = (
    Question("Which works should come first in the old harbour?", ("Lanes", "Shelters", "Crossings"), 0, 2),
    Question("Adopt the plan?", ("Yes", "No"), 1, 1, blank=True),
    RankedQuestion("Rank the parks", ("Harbour", "Mill"), {"type": "Schulze", "value": {"blank": True}}),
    RankedQuestion("Judge", ("Harbour",), {"type": "MajorityJudgment", "value": {"grades": ["Good", "Poor"]}}),
    RankedQuestion("Fund", ("Trees", "Benches"), {"type": "EqualShares"}),
)
ARABIC = {
    "name": "الحدائق والمسارات",
    "questions": [{"question": "ما الأعمال التي تبدأ أولًا؟", "answers": ["ممرات", "مظلات", "معابر"]}],
}


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with serving(Box(poll(*QUESTIONS, voters=2), texts={"ar": ARABIC}, order=["drawn"])) as running:
        yield running


class Screens:
    """Looks at each screen that it is shown; the Nu HTML checker reads all of them at the end, in one run."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.pages: dict[str, str] = {}

    def look(self, page: Page, name: str) -> None:
        checks = (
            page_checks.axe,
            page_checks.reflow,
            page_checks.target_sizes,
            page_checks.keyboard_path,
            page_checks.language_parts,
        )
        self.faults += [f"{name}: {fault}" for check in checks for fault in check(page)]
        if page.locator("h1").count() != 1:
            self.faults.append(f"{name}: not one main heading")
        self.pages[name] = f"<!doctype html>\n{page.evaluate('document.documentElement.outerHTML')}"

    def all_faults(self) -> list[str]:
        return self.faults + page_checks.valid_html(self.pages)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_screen(browser: Browser, box: Box, language: str) -> None:
    screens = Screens()
    with browser.new_context(locale=language, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(box.booth)
        forward(page)
        page.wait_for_selector("text=127.0.0.1")
        screens.look(page, "pass")
        page.go_back()
        page.locator("details").first.wait_for()
        for summary in page.locator("summary").all():
            summary.click()
        screens.look(page, "start")
        voter.keep_pass(page, box)
        forward(page)
        screens.look(page, "credential")
        forward(page)
        page.wait_for_selector("#errors")
        screens.look(page, "credential-error")
        page.fill("#credential", box.poll.voters[0])
        forward(page)
        answer_all(page, screens)
        page.wait_for_selector("#tracker")
        screens.look(page, "review")
        noted = voter.tracker(page)
        page.locator(".actions").nth(1).locator("button").first.click()
        page.wait_for_selector("#link")
        screens.look(page, "opened")
        second = context.new_page()
        second.goto(page.input_value("#link"))
        second.wait_for_selector("#noted")
        screens.look(second, "check")
        for name, words in (("checked", noted), ("different", "abcdefgh")):
            second.fill("#noted", words)
            second.fill("#opening", page.input_value("#link"))
            forward(second)
            second.wait_for_selector("#tracker")
            screens.look(second, name)
            second.locator(".actions button").click()
            second.wait_for_selector("#noted")
        forward(page)
        box.cut = 1
        page.locator(".big").click()
        page.wait_for_selector("#errors")
        screens.look(page, "unconfirmed")
        page.locator(".big").click()
        page.wait_for_selector(voter.CAST)
        screens.look(page, "cast")
        page.evaluate("localStorage.clear()")
        page.goto(f"{box.booth}#blind_signature=AAAA")
        page.reload()
        page.wait_for_selector("#code")
        screens.look(page, "carry")
        page.goto(f"{box.copy}/index.html?box={box.address}&election={box.uuid}")
        forward(page)
        page.wait_for_selector("#carried")
        screens.look(page, "pass-copy")
        page.route("**/setup.json", lambda route: route.fulfill(status=404, json={}))
        page.goto(box.booth)
        page.wait_for_selector("main form")
        screens.look(page, "unusable")
    screens.pages["static-index"] = box.files["index.html"].decode()
    assert screens.all_faults() == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_screen_of_a_trustee(browser: Browser, tmp_path: Path, language: str) -> None:
    screens, made = Screens(), poll(ONE_OF_THREE, RankedQuestion("Rank", ("Harbour", "Mill")), keys=single(2))
    made.vote(0, (1, 0, 0), (1, 2))
    plan, package = frozen(made)
    board = made.write(tmp_path / "board.bel")
    end, size, signatures = closing(made, board)
    shown = [board.read_bytes()[:size], board.read_bytes()]
    secret = {"name": "s.json", "mimeType": "application/json", "buffer": b""}
    with serving(Box(made)) as box, browser.new_context(locale=language, reduced_motion="reduce") as context:
        page = context.new_page()
        page.route("**/package.json", lambda route: route.fulfill(json=package))
        page.route("**/board.bel", lambda route: route.fulfill(body=shown[0]))
        page.route("**/ceremony.json", lambda route: route.fulfill(json={"signatures": signatures}))
        page.goto(f"{box.copy}/index.html?page=trustee&box={box.address}&election={box.uuid}")
        page.locator("main h2").first.wait_for()
        screens.look(page, "desk")
        for number, name in enumerate(("key", "certificate", "next", "shuffle", "decrypt")):
            page.locator(".actions button").nth(number).click()
            page.locator(".primary").wait_for()
            screens.look(page, name)
            forward(page)
            page.locator("#errors" if name != "key" else "main h2").first.wait_for()
            screens.look(page, f"{name}-then")
            if name == "key":
                page.locator(".actions button").first.click()
            page.locator(".actions").last.locator("button").last.click()
        for number, name in ((3, "shuffled"), (4, "decrypted")):
            page.locator(".actions button").nth(number).click()
            page.set_input_files(
                "#secret", secret | {"buffer": json.dumps({"private_key": str(made.keys.private[1])}).encode()}
            )
            page.fill("#plan", plan)
            page.fill("#end", end)
            forward(page)
            page.locator("#said").wait_for(state="attached")
            screens.look(page, name)
            shown.pop(0)
            page.reload()
            page.locator("main h2").first.wait_for()
    assert screens.all_faults() == []


def closing(made: Poll, board: Path) -> tuple[str, int, dict[int, JSON]]:
    """The event that closes the board, how long the board was then, and what the shufflers signed afterwards."""
    closed, signatures = ("", 0), {}
    with board.open("rb") as stream:
        for step in steps(stream):
            if step.event.type is EventType.ENCRYPTED_TALLY:
                closed = step.digest, stream.tell()
            elif step.event.type is EventType.SHUFFLE:
                owner = len(signatures) + 1
                words = claim(SHUFFLE, made.election.fingerprint(), step.data[0].content)
                signatures[owner] = sign(words, made.keys.private[owner]).signature.as_json()
    return *closed, signatures


def frozen(made: Poll) -> tuple[str, dict[str, str]]:
    """The hash of a plan, and the package as the ballot server gives it, as far as trustees read it."""
    parts = {
        "election": made.election.content(),
        "trustees": made.keys.trustees.content(),
        "credentials": made.credentials.content(),
    }
    setup = {name: sha256_hex(content) for name, content in parts.items()}
    plan = canonical({"uuid": made.election.uuid, "setup": setup, "closes": "2026-01-01T00:00:00Z", "shuffles": 2})
    return sha256_hex(plan), {name: content.decode() for name, content in {"plan": plan, **parts}.items()}


def forward(page: Page) -> None:
    page.locator(".primary").click()


def answer_all(page: Page, screens: Screens) -> None:
    """Each question is looked at, the second with its error."""
    for number, selector in enumerate(("#choice-1", "#choice-blank", "#rank-1", "#grade-0-2", "#choice-0")):
        page.get_by_text(f"{number + 1}").first.wait_for()
        page.locator(selector).wait_for()
        if number == 1:
            forward(page)
            page.wait_for_selector("#errors")
        if selector.startswith("#rank"):
            page.select_option(selector, "1")
        else:
            page.check(selector)
        screens.look(page, f"question-{number}")
        forward(page)
