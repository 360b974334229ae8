"""Whole journeys through the booth: to the ballot in the box, or to the plain word that nobody has voted."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page

from commonweal.services.voting.engine.credentials import public_credential, secret_of
from commonweal.services.voting.engine.decryption import Result
from commonweal.services.voting.engine.election import Question, RankedQuestion
from commonweal.services.voting.engine.group import ORDER, base, text
from commonweal.services.voting.engine.randomness import SEED_BYTES, SeededRandomness
from tests.services.voting.booth import voter
from tests.services.voting.booth.box import Box, base64url, serving
from tests.services.voting.engine.elections import poll, single
from tests.services.voting.engine.test_elections import accepted

pytestmark = pytest.mark.browser
QUESTIONS = (
    Question("Which works?", ("Lanes", "Shelters", "Crossings"), 0, 2),
    Question("Adopt the plan?", ("Yes", "No"), 1, 1, blank=True),
    RankedQuestion("Rank the parks", ("Harbour", "Mill", "Station"), {"type": "STV", "value": {"seats": 1}}),
)


NOTE_RANDOM_BYTES = """
  globalThis.noted = []
  const draw = crypto.getRandomValues.bind(crypto)
  crypto.getRandomValues = (array) => {
    draw(array)
    if (array instanceof Uint8Array) noted.push(Array.from(array))
    return array
  }
"""


@pytest.fixture
def box() -> Iterator[Box]:
    with serving(Box(poll())) as running:
        yield running


@pytest.fixture
def long_box() -> Iterator[Box]:
    with serving(Box(poll(*QUESTIONS, voters=2, keys=single(2)), order=["drawn", "listed", "drawn"])) as running:
        yield running


def to_long_review(page: Page, box: Box) -> None:
    voter.keep_pass(page, box)
    voter.press(page, "Start")
    voter.enter_credential(page, box.poll.voters[0])
    voter.choose(page, "Crossings", "Lanes")
    voter.choose(page, "Blank vote")
    page.get_by_label("Station").select_option("1")
    page.get_by_label("Harbour").select_option("2")
    voter.press(page, "Continue")
    voter.tracker(page)


def test_a_ballot_of_every_kind_is_cast_and_counted(page: Page, long_box: Box, tmp_path: Path) -> None:
    to_long_review(page, long_box)
    tracker = voter.tracker(page)
    assert "NOT YET CAST" in page.title()
    assert not long_box.taken
    voter.cast(page)
    assert list(long_box.taken) == [tracker] == [voter.tracker(page)]
    assert page.title().startswith("You have voted – CAST")
    voter.press(page, "Look for it on the board")
    page.get_by_text("with the next batch").wait_for()
    long_box.poll.cast.append((0, long_box.taken[tracker]))
    result = accepted(long_box.poll.write(tmp_path / "record.bel"))
    assert result == Result(((1, 0, 1), (1, 0, 0), ((2, 0, 1),)))


def test_keyboard_alone(page: Page, box: Box) -> None:
    """From the first page to CAST with Tab, Space, Enter and typing."""
    page.goto(box.booth)
    page.wait_for_selector(".primary")
    reach(page, "Start")
    page.keyboard.press("Enter")
    reach(page, "Sign in and get my pass")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pass?**")
    reach(page, "Confirm")
    page.keyboard.press("Enter")
    page.wait_for_selector("#credential")
    reach(page, None, "#credential")
    page.keyboard.type(box.poll.voters[1].replace("-", ""))
    page.keyboard.press("Enter")
    page.wait_for_selector("#choice-1")
    assert page.evaluate("document.activeElement.textContent") == "Which park first?"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tracker")
    reach(page, "Cast my ballot")
    page.keyboard.press("Enter")
    page.wait_for_selector(voter.CAST)
    assert len(box.taken) == 1


def reach(page: Page, words: str | None, selector: str = "") -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        here = "document.activeElement"
        if page.evaluate(f"{here}.matches('{selector}')" if selector else f"{here}.textContent.trim() === '{words}'"):
            return
    raise AssertionError(f"Tab does not reach {words or selector}")


def test_what_is_sent_or_kept_holds_no_choice_seed_randomness_or_credential(
    page: Page, browser: Browser, box: Box
) -> None:
    """Everything that box, node and copy received in a journey with an opening, a check and a vote."""
    page.add_init_script(NOTE_RANDOM_BYTES)
    voter.draw_pass(page, box)
    voter.enter_credential(page, box.poll.voters[0])
    voter.choose(page, "Mill")
    noted = voter.tracker(page)
    voter.press(page, "Open this ballot to check it")
    link = page.input_value("#link")
    with browser.new_context() as second:
        check(second.new_page(), link, noted)
    voter.press(page, "Make a new ballot and go on")
    voter.cast(page)

    posted = [request for request in box.requests if request.startswith("POST") and "/ballots " in request]
    assert len(posted) == 1
    body = json.loads(posted[0].split("\n\n", 1)[1])
    assert sorted(body) == ["ballot", "pass"]
    assert sorted(body["pass"]) == ["message", "signature"]
    assert noted not in box.taken
    assert "Cookie" not in "\n".join(box.requests)
    assert "Referer" not in posted[0]

    private = box.poll.voters[0]
    drawn: list[list[int]] = page.evaluate("noted")
    seeds = [bytes(numbers) for numbers in drawn if len(numbers) == SEED_BYTES]
    others = [bytes(numbers) for numbers in drawn if len(numbers) > SEED_BYTES]
    assert len(seeds) == 2  # the opened ballot's, and the cast one's
    secrets = [number for seed in seeds for number in secrets_of_a_ballot(seed)]
    assert text(base(secrets[-7])) in posted[0]  # they are indeed those of the cast ballot
    secrets += [int.from_bytes(number, "big") % ORDER for number in others] + [secret_of(private, box.uuid)]
    forbidden = ["Mill", private, private.replace("-", ""), link.split("#")[1], *map(str, secrets)]
    for raw in (*seeds, *others, *(number.to_bytes(32, order) for number in secrets for order in ("big", "little"))):
        forbidden += [raw.hex(), base64.b64encode(raw).decode().rstrip("="), base64url(raw)]
    kept = page.evaluate("Object.entries(localStorage).concat(Object.entries(sessionStorage)).join()")
    for place in (*box.requests, kept):
        assert not [words for words in forbidden if words in place]


def secrets_of_a_ballot(seed: bytes) -> list[int]:
    """Randomness and nonces of three marks, the second chosen, and of their sum; a simulated branch's are public."""
    randomness = SeededRandomness(seed)
    numbers = [randomness.scalar() for _ in range(3 * 4 + 1)]
    return [numbers[index] for index in (0, 1, 4, 7, 8, 9, 12)]


def check(page: Page, link: str, noted: str) -> None:
    page.goto(link)
    page.fill("#noted", noted[:8])
    voter.press(page, "Check")
    page.wait_for_selector("#tracker")


def test_the_signer_of_passes_learns_nothing_of_the_ballot(page: Page, box: Box) -> None:
    voter.draw_pass(page, box)
    voter.enter_credential(page, box.poll.voters[0])
    voter.choose(page, "Mill")
    voter.cast(page)
    asked = [request for request in box.requests if "/pass?" in request]
    sent = next(request for request in box.requests if request.startswith("POST") and "/ballots" in request)
    blinded = asked[0].split("blinded=")[1].split("&")[0]
    used = json.loads(sent.split("\n\n", 1)[1])["pass"]
    assert blinded not in sent
    assert used["message"] not in "".join(asked)
    assert used["signature"] not in "".join(asked)


def test_closing_before_casting(page: Page, box: Box) -> None:
    """The browser asks; whoever leaves all the same is told on return that they have not voted."""
    voter.to_review(page, box, 0, "Mill")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.close(run_before_unload=True)
    page.wait_for_event("close") if not page.is_closed() else None
    assert asked == ["beforeunload"]
    assert not box.taken
    again = page.context.new_page()
    again.goto(box.booth)
    again.wait_for_selector("main .status")
    assert "You left before casting." in again.inner_text("main .status")
    assert "with it you have not voted" in again.inner_text("main .status")
    assert "NOT YET CAST" in again.inner_text("#state")


def test_after_casting_nothing_holds_the_voter_back(page: Page, box: Box) -> None:
    voter.to_review(page, box, 0, "Mill")
    voter.cast(page)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.reload()
    page.wait_for_selector(".primary")
    assert dialogs == []
    assert page.locator("main .status").count() == 0
    page.go_back()
    page.wait_for_timeout(100)
    assert len(box.taken) == 1


def test_an_answer_that_never_comes(page: Page, box: Box) -> None:
    """The booth does not say CAST; the same ballot is sent again and counted once; it can no longer be opened."""
    voter.to_review(page, box, 0, "Mill")
    box.cut = 1
    voter.press(page, "Cast my ballot")
    page.wait_for_selector("#errors")
    assert "NOT CONFIRMED" in page.inner_text("#state")
    voter.press(page, "Open this ballot to check it")
    assert "cannot be opened" in page.inner_text("#errors")
    voter.cast(page)
    assert len(box.taken) == 1


def test_leaving_without_an_answer(page: Page, box: Box) -> None:
    """On return the voter is not told that nothing was sent, but that nobody can be sure."""
    voter.to_review(page, box, 0, "Mill")
    box.cut = 1
    voter.press(page, "Cast my ballot")
    page.wait_for_selector("#errors")
    again = page.context.new_page()
    again.goto(box.booth)
    again.get_by_text("You cannot be sure that you have voted. Vote again").wait_for()
    assert again.get_by_text("you have not voted. Please").count() == 0


def test_a_box_that_confirms_another_ballot_is_not_believed(page: Page, box: Box) -> None:
    voter.to_review(page, box, 0, "Mill")
    page.route("**/ballots", lambda route: route.fulfill(status=201, json={"tracker": "A" * 43}))
    voter.press(page, "Cast my ballot")
    page.wait_for_selector("#errors")
    assert "NOT CONFIRMED" in page.inner_text("#state")


def test_voting_again_with_the_pass_that_is_kept(page: Page, box: Box) -> None:
    voter.to_review(page, box, 0, "Mill")
    voter.cast(page)
    voter.press(page, "Vote again")
    voter.enter_credential(page, box.poll.voters[0])
    voter.choose(page, "Harbour")
    voter.cast(page)
    passes = {
        json.loads(request.split("\n\n", 1)[1])["pass"]["message"] for request in box.requests if "/ballots " in request
    }
    assert (len(box.taken), len(passes)) == (2, 1)
    voter.press(page, "Delete the pass from this device")
    page.get_by_text("The pass is deleted.").wait_for()
    assert page.evaluate("localStorage.length") == 0


def test_the_same_blinded_pass_is_asked_for_again(page: Page, box: Box) -> None:
    """Whoever turns back at the node and tries once more asks for the signature of the same pass."""
    page.goto(box.booth)
    for _ in range(2):
        voter.press(page, "Start")
        voter.press(page, "Sign in and get my pass")
        page.wait_for_url("**/pass?**")
        page.goto(box.booth)
    asked = {request.split("blinded=")[1].split("&")[0] for request in box.requests if "/pass?" in request}
    assert len(asked) == 1


def test_a_false_blind_signature_is_refused(page: Page, box: Box) -> None:
    page.goto(box.booth)
    voter.press(page, "Start")
    voter.press(page, "Sign in and get my pass")
    page.wait_for_url("**/pass?**")
    page.goto(f"{box.booth}#blind_signature={'A' * 342}")
    page.wait_for_selector("#errors")
    assert "not a valid pass" in page.inner_text("#errors")


def test_a_mistyped_credential(page: Page, box: Box) -> None:
    voter.keep_pass(page, box)
    voter.press(page, "Start")
    for typed, said in (
        ("", "Number that you typed: 0"),
        ("12345-abcdef-12345-abcde", "Number that you typed: 21"),
        ("0O2345-abcdef-12345-abcdeI", "these characters: 0 O I"),
    ):
        voter.enter_credential(page, typed)
        page.get_by_text(said).first.wait_for()
        assert page.title().startswith("Error:")
        assert page.evaluate("document.activeElement.id") == "errors"
        assert page.input_value("#credential") == typed


def test_a_credential_that_is_not_listed_loses_no_choice(page: Page, box: Box) -> None:
    box.poll.voters.append("11111-222222-33333-444444")
    assert text(public_credential(box.poll.voters[-1], box.uuid))
    voter.to_review(page, box, -1, "Mill")
    voter.press(page, "Cast my ballot")
    page.wait_for_selector("#credential")
    assert "not on the list" in page.inner_text("#errors")
    voter.enter_credential(page, box.poll.voters[0])
    assert "Mill" in page.inner_text(".choices")
    voter.cast(page)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("not-open", "voting is closed"),
        ("pass", "is not one of this election"),
        ("pass-bound", "were not first used together"),
        ("ballot-proof", "The ballot box said: It was not cast."),
    ],
)
def test_a_ballot_that_is_not_taken(page: Page, box: Box, kind: str, said: str) -> None:
    voter.to_review(page, box, 0, "Mill")
    problem = {"type": f"about:blank#{kind}", "title": "Conflict", "detail": "It was not cast."}
    page.route("**/ballots", lambda route: route.fulfill(status=409, json=problem))
    voter.press(page, "Cast my ballot")
    page.get_by_text(said).first.wait_for()
    assert "NOT YET CAST" in page.inner_text("#state")


def test_changing_the_language_loses_nothing(page: Page, long_box: Box) -> None:
    voter.keep_pass(page, long_box)
    voter.press(page, "Start")
    voter.enter_credential(page, long_box.poll.voters[0])
    page.get_by_label("Lanes").check()
    page.get_by_role("button", name="العربية").click()
    page.get_by_text("السؤال 1 من 3").wait_for()
    assert page.evaluate("[document.documentElement.dir, document.activeElement.lang]") == ["rtl", "ar"]
    assert page.get_by_label("Lanes").is_checked()
    page.get_by_role("button", name="متابعة").click()
    page.wait_for_selector("#choice-blank")


def test_changing_a_choice_makes_another_ballot(page: Page, long_box: Box) -> None:
    to_long_review(page, long_box)
    before = voter.tracker(page)
    page.get_by_role("button", name="Change").first.click()
    assert page.get_by_label("Lanes").is_checked()
    page.get_by_label("Lanes").uncheck()
    voter.press(page, "Continue")
    assert voter.tracker(page) != before
    assert "Lanes" not in page.inner_text(".choices")


def test_only_an_open_election_can_be_voted_in(page: Page, box: Box) -> None:
    box.state = "closed"
    page.goto(box.booth)
    page.get_by_text("Voting is not open now.").wait_for()
    assert page.get_by_role("button", name="Start").count() == 0


def test_an_election_that_is_not_the_one_it_names(page: Page, box: Box) -> None:
    changed = {**box.setup(), "election": box.setup()["election"].replace("Mill", "Bill")}
    page.route("**/setup.json", lambda route: route.fulfill(json=changed))
    page.goto(box.booth)
    page.get_by_text("is not the election that it names").wait_for()


def test_a_box_cannot_smuggle_a_script_into_a_copy(page: Page, box: Box) -> None:
    hostile = {**box.setup(), "pass_url": "javascript:alert(1)"}
    page.route("**/setup.json", lambda route: route.fulfill(json=hostile))
    page.goto(f"{box.copy}/index.html?box={box.address}&election={box.uuid}")
    page.get_by_text("You cannot vote with this page now").first.wait_for()


def test_voting_from_an_observers_copy(page: Page, box: Box) -> None:
    """The signer returns to the box's own booth alone: the voter carries the code, which is useless there."""
    page.goto(f"{box.copy}/index.html?box={box.address}&election={box.uuid}")
    voter.press(page, "Start")
    with page.context.expect_page() as opened:
        voter.press(page, "Sign in and get my pass")
    other = opened.value
    voter.press(other, "Confirm")
    other.wait_for_selector("#code")
    carried = other.input_value("#code")
    page.fill("#carried", "A" * 342)
    voter.press(page, "Continue")
    page.get_by_text("not a valid pass").first.wait_for()
    page.fill("#carried", carried)
    voter.press(page, "Continue")
    voter.enter_credential(page, box.poll.voters[0])
    voter.choose(page, "Mill")
    voter.cast(page)
    assert len(box.taken) == 1
    assert carried not in box.taken[voter.tracker(page)].decode()


def test_an_order_is_drawn_or_as_listed(page: Page, box: Box) -> None:
    """Drawn for many voters, every order comes about equally often; as listed, there is one."""
    page.goto(f"{box.copy}/texts/en.json")
    orders = page.evaluate(
        """async (address) => {
          const { orderOf } = await import(`${address}/election/order.js`)
          return Array.from({ length: 300 }, () => orderOf(['a', 'b', 'c'], 'drawn').join(''))
            .concat(orderOf(['a', 'b', 'c'], 'listed').join(''), orderOf(['a', 'b', 'c'], undefined).join(''))
        }""",
        box.copy,
    )
    assert len(set(orders[:300])) == 6
    assert min(orders[:300].count(order) for order in set(orders)) > 20
    assert orders[300:] == ["012", "012"]


def test_without_javascript_there_is_another_way_and_no_form(browser: Browser, box: Box) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(box.booth)
        shown = page.inner_text("main")
        assert all(words in shown for words in ("town hall", "mairie", "ayuntamiento", "مبنى البلدية"))
        assert page.locator("form, input").count() == 0
