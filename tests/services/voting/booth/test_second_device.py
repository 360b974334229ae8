"""Cast as intended: a second device rebuilds an opened ballot, and catches a booth that encrypts another choice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.services.voting.booth import voter
from tests.services.voting.booth.box import Box, serving
from tests.services.voting.engine.elections import poll

pytestmark = pytest.mark.browser
SEALING = "election/sealing.js"
# Encrypts the first answer whatever was chosen, and opens the ballot as if it had encrypted the choice.
LIE = (b"makeBallot(election, secret, choices,", b"makeBallot(election, secret, [[1, 0, 0]],")


@pytest.fixture
def box() -> Iterator[Box]:
    with serving(Box(poll())) as running:
        yield running


@pytest.fixture
def second(browser: Browser) -> Iterator[Page]:
    """The second device: a browser that shares nothing with the first."""
    with browser.new_context(locale="en-GB") as context:
        yield context.new_page()


def lying(box: Box) -> Box:
    truth, lie = LIE
    assert truth in box.files[SEALING]
    box.files = {**box.files, SEALING: box.files[SEALING].replace(truth, lie)}
    return box


def copied(box: Box) -> str:
    """An observer's page to check ballots of this box."""
    return f"{box.copy}/index.html?page=check&box={box.address}"


def check(second: Page, address: str, opening: str, noted: str) -> str:
    """What the second device says after the voter has typed what they noted."""
    second.goto(address)
    second.fill("#opening", opening)
    second.fill("#noted", noted[:8])
    voter.press(second, "Check")
    second.wait_for_selector("#tracker")
    return second.inner_text("h1")


def test_an_honest_booth(page: Page, second: Page, box: Box) -> None:
    noted = voter.to_review(page, box, 0, "Mill")
    voter.press(page, "Open this ballot to check it")
    link = page.input_value("#link")
    assert check(second, copied(box), link, noted) == "The ballot is right"
    assert second.inner_text("#tracker") == noted
    assert second.locator(".choices dd").first.inner_text() == "Mill"
    assert link.split("#")[1] not in second.url


def test_a_booth_that_encrypts_another_choice_is_caught(page: Page, second: Page, box: Box) -> None:
    noted = voter.to_review(page, lying(box), 0, "Mill")
    voter.press(page, "Open this ballot to check it")
    assert page.locator(".choices dd").first.inner_text() == "Mill"
    link = page.input_value("#link")
    box.files = Box(box.poll).files  # the observer's copy is honest
    assert check(second, copied(box), link, noted) == "The ballot is NOT right"


def test_a_lie_about_the_choice_shows_in_what_the_ballot_holds(page: Page, second: Page, box: Box) -> None:
    """A booth that opens its ballot truthfully shows on the second device another choice than the voter's."""
    box.files = {
        **box.files,
        SEALING: box.files[SEALING].replace(b"code, choices) {", b"code, _) {\n  const choices = [[1, 0, 0]]"),
    }
    noted = voter.to_review(page, box, 0, "Mill")
    voter.press(page, "Open this ballot to check it")
    link = page.input_value("#link")
    assert check(second, copied(box), link, noted) == "The ballot is right"
    assert second.locator(".choices dd").first.inner_text() == "Harbour"


def test_an_opened_ballot_is_never_cast(page: Page, box: Box) -> None:
    """Not by going on, not by going back, and its opening never reaches a server."""
    opened = voter.to_review(page, box, 0, "Mill")
    voter.press(page, "Open this ballot to check it")
    opening = page.input_value("#link").split("#")[1]
    assert page.get_by_role("button", name="Cast my ballot").count() == 0
    page.go_back()
    page.get_by_role("button", name="Cast my ballot").wait_for()
    assert voter.tracker(page) != opened
    voter.cast(page)
    assert opened not in box.taken
    assert len(box.taken) == 1
    assert opening.split(".")[2][:20] not in "\n".join(box.requests)


def test_a_sealed_ballot_is_cast_or_opened_never_both(page: Page, box: Box) -> None:
    page.goto(f"{box.copy}/texts/en.json")
    outcomes = page.evaluate(
        """async ([text, fingerprint, code]) => {
          await (await import('/crypto/sodium.js')).loadSodium()
          const { readElection } = await import('/election/election.js')
          const election = readElection(text, fingerprint, JSON.parse(text).uuid)
          const { sealBallot } = await import('/election/sealing.js')
          const seal = () => sealBallot(election, code, [[0, 1, 0]])
          const attempt = (work) => { try { work(); return 'done' } catch (error) { return error.message } }
          const opened = seal(), cast = seal()
          opened.open(), cast.toCast()
          return [attempt(opened.toCast), attempt(opened.open), attempt(cast.open), attempt(cast.toCast)]
        }""",
        [box.setup()["election"], box.setup()["fingerprint"], box.poll.voters[0]],
    )
    assert outcomes == [
        "an opened ballot is never cast",
        "a ballot that was cast is never opened",
        "a ballot that was cast is never opened",
        "done",
    ]


def test_any_other_opening_is_not_right(page: Page, second: Page, box: Box) -> None:
    """A changed seed, credential, challenge, response or choice; an opening that is none."""
    noted = voter.to_review(page, box, 0, "Mill")
    voter.press(page, "Open this ballot to check it")
    version, uuid, encoded = page.input_value("#link").split("#")[1].split(".")
    changed = [f"{encoded[:at]}{'B' if encoded[at] == 'A' else 'A'}{encoded[at + 1 :]}" for at in (0, 50, 90, 130, 171)]
    openings = [f"{version}.{uuid}.{each}" for each in changed]
    second.goto(copied(box))
    for opening in (*openings, "", "nonsense", f"1.{uuid}.AAAA", f"2.{uuid}.{encoded}", f"1.AAAAAAAAAAAAAA.{encoded}"):
        second.fill("#opening", opening)
        second.fill("#noted", noted[:8])
        second.evaluate("document.getElementById('errors')?.remove()")
        voter.press(second, "Check")
        second.locator("#errors, #tracker").wait_for()
        assert second.locator(".status.cast").count() == 0
        if second.locator("#tracker").count():
            voter.press(second, "Check another ballot")
