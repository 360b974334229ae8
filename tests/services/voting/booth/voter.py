"""A voter at the booth: what the tests of whole journeys do again and again."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from tests.services.voting.booth.box import Box, signed_pass

CAST = "#state.cast"


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def draw_pass(page: Page, box: Box) -> None:
    """From the start page to the node and back."""
    page.goto(box.booth)
    press(page, "Start")
    press(page, "Sign in and get my pass")
    press(page, "Confirm")
    page.wait_for_selector("#credential")


def keep_pass(page: Page, box: Box) -> None:
    """A device that drew its pass earlier, on the start page."""
    page.goto(f"{box.booth}texts/en.json")
    name, value = f"commonweal-booth/{box.uuid}/pass", json.dumps(signed_pass())
    page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, value])
    page.goto(box.booth)


def enter_credential(page: Page, credential: str) -> None:
    page.fill("#credential", credential)
    press(page, "Continue")


def choose(page: Page, *answers: str) -> None:
    for answer in answers:
        page.get_by_label(answer, exact=True).check()
    press(page, "Continue")


def to_review(page: Page, box: Box, voter: int, answer: str) -> str:
    """The tracker on the review page of the election with one question."""
    keep_pass(page, box)
    press(page, "Start")
    enter_credential(page, box.poll.voters[voter])
    choose(page, answer)
    return tracker(page)


def tracker(page: Page) -> str:
    page.wait_for_selector("#tracker")
    return page.inner_text("#tracker")


def cast(page: Page) -> None:
    press(page, "Cast my ballot")
    page.wait_for_selector(CAST)
