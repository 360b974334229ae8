"""The booth against the real ballot server in a process of its own, with passes that the room's service signs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route

from commonweal.services.voting import service
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.decryption import Result
from commonweal.services.voting.engine.passes import base64url, from_base64url
from commonweal.services.voting.receipts import Receipt
from tests import town
from tests.services.voting import processes
from tests.services.voting.booth import voter
from tests.services.voting.life import Life, begin

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def start(page: Page, life: Life, number: int) -> None:
    """Open the booth, go to the node with a blinded pass, and come back with what the node signed for this person."""
    node = life.package.plan.node
    page.route(f"{node}/**", lambda route: route.fulfill(content_type="text/html", body="The node"))
    page.goto(f"{life.package.plan.box}/booth/{life.uuid}/")
    voter.press(page, "Start")
    voter.press(page, "Sign in and get my pass")
    page.wait_for_url(f"{node}/**")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    person = life.people[number]
    signature = service.draw_pass(town.resident(person), person, life.uuid, from_base64url(asked["blinded"]))
    page.goto(f"{asked['return']}#blind_signature={base64url(signature)}")


def test_an_election_through_the_booth_ends_verified(page: Page, tmp_path: Path) -> None:
    port = processes.free_port()
    life = begin(tmp_path, box=f"http://127.0.0.1:{port}")
    with processes.Box(tmp_path / "box", port):
        start(page, life, 0)
        voter.enter_credential(page, life.code(0))
        voter.choose(page, "Mill")
        voter.cast(page)
        first = voter.tracker(page)
        receipt = saved(page, tmp_path)
        receipt.verify(life.uuid, life.package.receipt_key)
        assert receipt.tracker == first
        voter.press(page, "Look for it on the board")
        page.get_by_text("with the next batch").wait_for()

        voter.press(page, "Vote again")
        voter.enter_credential(page, life.code(1))
        voter.choose(page, "Harbour")
        voter.press(page, "Cast my ballot")
        page.get_by_text("were not first used together").first.wait_for()
        voter.enter_credential(page, life.code(0))
        voter.cast(page)
        assert voter.tracker(page) != first

        assert life.box.tick(life.uuid, life.opened + timedelta(hours=2))
        assert life.box.state_of(life.uuid, first) == "replaced"
        voter.press(page, "Look for it on the board")
        page.get_by_text("will be counted").wait_for()
    life.close()
    record = life.tally()
    assert receipt.require_kept(record)
    report = audit(record)
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert (report.ballots, report.result) == (2, Result(((1, 0, 0),)))


def saved(page: Page, folder: Path) -> Receipt:
    """The receipt in the file that the page saves."""
    with page.expect_download() as download:
        voter.press(page, "Save the tracker")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return Receipt.load(path)


def test_a_server_that_promises_nothing_is_noticed(page: Page, tmp_path: Path) -> None:
    port = processes.free_port()
    life = begin(tmp_path, box=f"http://127.0.0.1:{port}")

    def promise_another(route: Route) -> None:
        answer = route.fetch()
        value = answer.json()
        value["receipt"]["signature"]["response"] = "1"
        route.fulfill(response=answer, json=value)

    with processes.Box(tmp_path / "box", port):
        start(page, life, 0)
        page.route("**/ballots", promise_another)
        voter.enter_credential(page, life.code(0))
        voter.choose(page, "Mill")
        voter.cast(page)
        page.get_by_text("gave no valid receipt").wait_for()


def test_a_credential_of_nobody(page: Page, tmp_path: Path) -> None:
    port = processes.free_port()
    life = begin(tmp_path, box=f"http://127.0.0.1:{port}")
    with processes.Box(tmp_path / "box", port):
        start(page, life, 0)
        voter.enter_credential(page, "11111-222222-33333-444444")
        voter.choose(page, "Mill")
        voter.press(page, "Cast my ballot")
        page.get_by_text("is not on the list of this election").first.wait_for()
        assert "NOT YET CAST" in page.inner_text("#state")
