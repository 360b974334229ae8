"""Trustees in the browser: keys that Python's trustees and auditors accept, decryptions that end in a result, and what
the page refuses to decrypt.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from commonweal.services.voting.box import ceremony
from commonweal.services.voting.engine.archive import steps
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.ballots import read_ballot
from commonweal.services.voting.engine.decryption import Result
from commonweal.services.voting.engine.election import Question
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.record import Record
from commonweal.services.voting.engine.tally import Accumulator
from commonweal.services.voting.roles import trustee
from tests.services.voting import processes
from tests.services.voting.booth.desk import Trustee
from tests.services.voting.life import PARKS, Life, begin
from tests.services.voting.test_command_line import assert_belenios_agrees

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
WORKS = Question("Which works?", ("Lanes", "Shelters", "Crossings"), 0, 2)
PLAN = Question("Adopt the plan?", ("Yes", "No"), 1, 1, blank=True)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a ballot server with nothing in it yet."""
    port = processes.free_port()
    with processes.Box(tmp_path / "box", port) as box:
        yield box.address


def single(page: Page, tmp_path: Path, box: str, *questions: Any, **more: Any) -> tuple[Life, Trustee]:
    """A frozen election whose one key a trustee made in the browser."""
    made: list[Trustee] = []

    def make_keys(uuid: str) -> tuple[list[object], list[Path]]:
        made.append(Trustee(page, tmp_path, box, uuid))
        return [made[0].make_key()], []

    return begin(tmp_path, *questions, box=box, make_keys=make_keys, **more), made[0]


def show(page: Page, board: bytes) -> None:
    """Let the ballot server show this board to the trustee's page."""
    page.unroute("**/board.bel")
    page.route("**/board.bel", lambda route: route.fulfill(body=board))


def test_one_key_weights_blanks_and_revotes(page: Page, tmp_path: Path, served: str) -> None:
    life, who = single(page, tmp_path, served, WORKS, PLAN, PARKS, voters=4, weights=(1, 250, 30, 7))
    life.vote(0, (1, 0, 1), (1, 0, 0), (1, 0, 0))
    life.vote(1, (0, 0, 0), (0, 1, 0), (1, 0, 0))
    life.vote(2, (0, 1, 0), (0, 0, 1), (0, 1, 0))
    life.vote(1, (1, 1, 0), (0, 0, 1), (0, 0, 1))
    life.close()
    expect(who.decrypt(life.package.plan.digest, life.logged[0].digest)).to_have_text("Your part is ready")
    expect(page.get_by_text("all true: 4. Counted, the last of each code: 3.")).to_be_visible()
    assert "the result is on the board" in who.send()
    record = life.board("record.bel")
    report = audit(record)
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert report.result == Result(((251, 280, 1), (1, 0, 280), (1, 30, 250)))
    assert_belenios_agrees(record, tmp_path / "belenios")


def test_a_threshold_key_of_two_browsers_and_a_command_line(browser: Browser, tmp_path: Path, served: str) -> None:
    size, needed = 3, 2
    people: list[Trustee] = []

    def make_keys(uuid: str) -> tuple[list[object], list[Path]]:
        own = tmp_path / "third"
        for index in (1, 2):
            (tmp_path / f"t{index}").mkdir()
            page = browser.new_context(locale="en-GB").new_page()
            people.append(Trustee(page, tmp_path / f"t{index}", served, uuid))
        said: list[Any] = [who.certify(size, needed, index) for index, who in enumerate(people, 1)]
        paths = [who.files["certificate"] for who in people] + [trustee.certify(own, uuid, size, needed, 3)]
        said.append(_read(paths[-1]))
        certificates = list(said)
        shares = [who.go_on("shares", *paths) for who in people]
        paths += [who.files["shares"] for who in people] + [trustee.share(own, uuid, certificates)]
        said += [*shares, _read(paths[-1])]
        finished = [who.go_on("finished", *paths) for who in people]
        said += [*finished, _read(trustee.finish(own, uuid, said))]
        return said, [own]

    life = begin(tmp_path, box=served, make_keys=make_keys, voters=2)
    life.vote(0, (0, 1, 0))
    life.vote(1, (1, 0, 0))
    life.close()
    expect(people[0].decrypt(life.package.plan.digest, life.logged[0].digest)).to_have_text("Your part is ready")
    expect(people[0].page.get_by_text("You are trustee 1.")).to_be_visible()
    assert "waits for other trustees" in people[0].send()
    assert "waits for other trustees" in people[0].send()  # the same again is the same
    ceremony.contribute(life.box, life.uuid, life.decrypted_by(life.trustees[0]))
    record = life.board("record.bel")
    report = audit(record)
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert report.result == Result(((1, 1, 0),))
    assert_belenios_agrees(record, tmp_path / "belenios")


def test_the_key_is_in_no_request_and_not_kept(page: Page, tmp_path: Path, served: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.headers} {request.post_data}"))
    life, who = single(page, tmp_path, served, voters=1)
    life.vote(0, (1, 0, 0))
    life.close()
    expect(who.decrypt(life.package.plan.digest, life.logged[0].digest)).to_have_text("Your part is ready")
    who.send()
    key = _read(who.files["secret"])["private_key"]
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    assert len(key) > 60
    assert key not in "\n".join([*sent, kept])
    assert f"{int(key):x}" not in "\n".join([*sent, kept])


def test_nothing_is_decrypted_but_the_closed_board_of_the_frozen_election(
    page: Page, tmp_path: Path, served: str
) -> None:
    life, who = single(page, tmp_path, served, voters=2)
    ballots = [life.ballot(0, (1, 0, 0)), life.ballot(1, (0, 1, 0))]
    life.vote(0, (1, 0, 0))
    plan, end = life.package.plan.digest, life.logged[0].digest
    expect(who.decrypt(plan, end)).to_contain_text("is not closed")
    expect(who.decrypt("0" * 64, end)).to_contain_text("not the plan with this hash")
    expect(who.decrypt(plan[:-1], end)).to_contain_text("Write the whole fingerprint")
    expect(who.decrypt(plan, end[:-1])).to_contain_text("Write the whole fingerprint")
    other = begin(tmp_path / "other", box=served, voters=1)
    expect(dataclasses.replace(who, uuid=other.uuid).decrypt(plan, end)).to_contain_text("your own secret file")
    stranger = tmp_path / "stranger.json"
    stranger.write_text(json.dumps({"private_key": "4711"}))
    expect(dataclasses.replace(who, files={"secret": stranger}).decrypt(plan, end)).to_contain_text(
        "not one of this election"
    )
    life.close()
    expect(dataclasses.replace(who, now=life.opened).decrypt(plan, end)).to_contain_text("its hour has not come")
    true, before, end = life.board(), end, life.logged[0].digest
    expect(who.decrypt(plan, before)).to_contain_text("not the closed board whose end is in the public log")
    for board, says in _spoilt(life, ballots, true):
        show(page, board)
        expect(who.decrypt(plan, end)).to_contain_text(says)
    assert page.evaluate("localStorage.length") == 0


def _spoilt(life: Life, ballots: list[bytes], true: Path) -> list[tuple[bytes, str]]:
    """Boards of a dishonest server, and what the page calls them: cut, changed, forged, one vote alone, doubled."""
    whole, forged = true.read_bytes(), json.loads(ballots[1])
    first, second, _third = forged["answers"][0]["choices"]
    forged["answers"][0]["choices"][:2] = [second, first]
    return [
        (whole[:-600], "not a whole record"),
        (whole.replace(b'"num_tallied":1', b'"num_tallied":2'), "another hash"),
        (_closed(life, [ballots[0], canonical(forged)]), "not signed with its code"),
        (_closed(life, ballots, ballots[:1]), "not the sum of the ballots"),
        (_closed(life, [ballots[0], ballots[0]]), "without doubled ballots"),
        (_closed(life, ballots), "whose end is in the public log"),
    ]


def _closed(life: Life, ballots: list[bytes], counted: list[bytes] | None = None) -> bytes:
    """A board with these ballots whose encrypted tally is that of `counted`, a dishonest server's."""
    package, stream = life.package, io.BytesIO()
    record = Record(stream, int(package.plan.opens.timestamp()))
    record.set_up(package.election, package.trustees, package.credentials)
    for ballot in ballots:
        record.cast(ballot)
    record.end_ballots()
    sums = Accumulator(package.election)
    for ballot in counted or ballots:
        sums.add(read_ballot(package.election, ballot))
    tally = sums.tally()
    record.encrypted_tally(tally, sums.sized(tally))
    return stream.getvalue()


def test_a_second_total_is_refused(page: Page, tmp_path: Path, served: str) -> None:
    life, who = single(page, tmp_path, served, voters=2)
    life.vote(0, (1, 0, 0))
    life.vote(1, (0, 1, 0))
    life.close()
    plan, end = life.package.plan.digest, life.logged[0].digest
    expect(who.decrypt(plan, end)).to_have_text("Your part is ready")
    expect(who.decrypt(plan, end)).to_have_text("Your part is ready")
    fewer = _closed(life, [life.ballot(0, (1, 0, 0))])
    show(page, fewer)
    *_, last = steps(io.BytesIO(fewer))
    expect(who.decrypt(plan, last.digest)).to_contain_text("another total of this election before")


def test_without_ranked_questions_there_is_nothing_to_shuffle(page: Page, tmp_path: Path, served: str) -> None:
    life, who = single(page, tmp_path, served, voters=1)
    life.close()
    expect(who.shuffle(life.package.plan.digest, life.logged[0].digest)).to_contain_text("nothing to shuffle")


def test_files_that_do_not_fit_are_named(page: Page, tmp_path: Path, served: str) -> None:
    who = Trustee(page, tmp_path, served, "1" * 14)
    who.certify(2, 2, 1)
    who.open()
    who.go("Go on with a threshold key")
    who.go("Make my next move")
    expect(page.locator("#errors")).to_contain_text("your own secret file")
    who.choose("secret", who.files["secret"])
    who.choose("files", who.files["certificate"])
    who.go("Make my next move")
    expect(page.locator("#errors")).to_contain_text("not the certificates of 2 trustees")
    who.open()
    who.go("Begin a threshold key")
    who.write(size=3, threshold=4, index=1)
    who.go("Make the certificate")
    expect(page.locator("#errors")).to_contain_text("from 1 to the number of trustees")


def test_leaving_without_the_secret_file_is_asked_about(page: Page, tmp_path: Path, served: str) -> None:
    who = Trustee(page, tmp_path, served, "1" * 14)
    who.open()
    who.go("Make a key of which all are needed")
    who.go("Make the key")
    page.get_by_role("heading", name="Your files").wait_for()
    who.go("Back")
    expect(page.locator("#errors")).to_contain_text("Save your secret file first")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    page.get_by_role("heading", name="The trustee’s work").wait_for()
    assert asked == ["beforeunload"]


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
