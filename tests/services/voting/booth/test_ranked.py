"""A ranked election whose trustees have nothing but browsers: they make its key, shuffle its ballots and open them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.election import Question, RankedQuestion
from tests.services.voting import processes
from tests.services.voting.booth.desk import Trustee, make_threshold_key
from tests.services.voting.life import Life, begin
from tests.services.voting.test_command_line import assert_belenios_agrees

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]
COUNCIL = RankedQuestion("Rank the candidates", ("Ada", "Ben", "Cy"))
PLAN = Question("Adopt the plan?", ("Yes", "No"), 1, 1, blank=True)
LISTEN = """told = []
addEventListener('DOMContentLoaded', () =>
  new MutationObserver((changes) => changes.forEach(({ target }) => told.push(target.textContent)))
    .observe(document.body, { subtree: true, childList: true }))"""
RANKS = [(1, 2, 3), (3, 1, 2), (1, 3, 2)]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a ballot server with nothing in it yet."""
    with processes.Box(tmp_path / "box", processes.free_port()) as box:
        yield box.address


@pytest.fixture
def people(browser: Browser, tmp_path: Path, served: str) -> list[Trustee]:
    """Three trustees with a browser and a folder each; `uuid` is still to come."""
    folders = [tmp_path / f"t{index}" for index in (1, 2, 3)]
    for folder in folders:
        folder.mkdir()
    return [Trustee(browser.new_context(locale="en-GB").new_page(), folder, served, "") for folder in folders]


@pytest.fixture
def life(people: list[Trustee], tmp_path: Path, served: str) -> Life:
    """Closed, with a ranked question beside another, three voters, one of whom voted twice; 2 of 3 trustees suffice."""

    def make_keys(uuid: str) -> tuple[list[object], list[Path]]:
        for who in people:
            who.uuid = uuid
        return make_threshold_key(people, 2), []

    life = begin(tmp_path, COUNCIL, PLAN, box=served, make_keys=make_keys)
    life.vote(0, (2, 2, 2), (1, 0, 0))
    for voter, ranks in enumerate(RANKS):
        life.vote(voter, ranks, (0, 1, 0))
    life.close()
    return life


def test_browsers_shuffle_and_open_the_ballots(people: list[Trustee], life: Life, tmp_path: Path) -> None:
    first, second, third = people
    known = life.package.plan.digest, life.logged[0].digest
    expect(first.decrypt(*known)).to_contain_text("0 of 2 trustees have shuffled")
    first.page.add_init_script(LISTEN)
    expect(first.shuffle(*known)).to_have_text("Your shuffle is ready")
    assert "Your shuffle and its proof: 95%." in first.page.evaluate("told")  # 20 of 7 steps for each of three
    expect(first.page.get_by_text("all true: 4. Counted, the last of each code: 3.")).to_be_visible()
    assert "1 of 2 trustees have shuffled" in first.send("shuffle")
    assert "1 of 2 trustees have shuffled" in first.send("shuffle")  # the same again is the same
    expect(first.shuffle(*known)).to_contain_text("You have shuffled already")
    expect(third.decrypt(*known)).to_contain_text("1 of 2 trustees have shuffled")
    expect(second.shuffle(*known)).to_have_text("Your shuffle is ready")
    assert "2 of 2 trustees have shuffled" in second.send("shuffle")
    expect(third.shuffle(*known)).to_contain_text("As many trustees as are needed have shuffled")
    pretend_one_made_all_shuffles(third.page)
    expect(third.decrypt(*known)).to_contain_text("not a signature of trustee 1 over their shuffle")
    third.page.unroute("**/ceremony.json")
    for who, says in ((third, "waits for other trustees"), (first, "the result is on the board")):
        expect(who.decrypt(*known)).to_have_text("Your part is ready")
        assert says in who.send()
    record = life.board("record.bel")
    report = audit(record)
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert report.result is not None
    ranks, plan = report.result.questions
    assert (sorted(ranks), plan) == (sorted(RANKS), (0, 3, 0))
    assert_belenios_agrees(record, tmp_path / "belenios")


def pretend_one_made_all_shuffles(page: Page) -> None:
    """Let the ballot server show the second trustee's signature in place of the first's."""

    def swap(route: Route) -> None:
        ceremony = route.fetch().json()
        ceremony["signatures"]["1"] = ceremony["signatures"]["2"]
        route.fulfill(body=json.dumps(ceremony))

    page.route("**/ceremony.json", swap)
