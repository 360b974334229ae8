"""A ballot server that takes a ballot and never shows it: the voter's receipt proves it to anybody."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from commonweal import cli
from commonweal.services.voting.box import promises
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.receipts import Receipt, key_in
from tests.services.voting.life import Life, begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return begin(tmp_path, voters=2)


def cast(life: Life, voter: int) -> Receipt:
    """A ballot, and what the server promises for it."""
    receipt = life.box.receipt(life.uuid, life.vote(voter, (1, 0, 0)).tracker)
    assert receipt is not None
    receipt.verify(life.uuid, life.package.receipt_key)
    return receipt


def test_a_ballot_that_was_dropped_after_it_was_taken(life: Life) -> None:
    kept, dropped = cast(life, 0), cast(life, 1)
    assert not kept.require_kept(life.board())  # it waits for its batch
    with life.box.store.writing() as db:
        db.execute("DELETE FROM ballot WHERE tracker = ?", [dropped.tracker])
    life.close()
    record = life.tally()
    assert audit(record).verdict is Verdict.ACCEPTED  # the record alone cannot tell
    assert kept.require_kept(record)
    with pytest.raises(Refused, match=dropped.tracker.replace("+", r"\+")) as error:
        dropped.require_kept(record)
    assert error.value.reason is Reason.RECEIPT


def test_the_command_shows_it(life: Life, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    receipts = [cast(life, 0), Receipt.make(life.uuid, "A" * 43, private_key(life))]
    paths = [tmp_path / f"tracker-{n}.txt" for n in range(2)]
    for path, receipt in zip(paths, receipts, strict=True):
        path.write_text(f"Parks\nTracker: {receipt.tracker}\n{json.dumps(receipt.as_json())}\n", "utf-8")
    life.close()
    package = tmp_path / "package.json"
    package.write_bytes(life.package.content())
    words = ["voting", "audit", str(life.tally()), "--package", str(package), "--receipt"]
    assert cli.main([*words, str(paths[0])]) == 0
    assert cli.main([*words, str(paths[1])]) != 0
    said = capsys.readouterr()
    assert "the ballot is on the board" in said.err
    assert "AAAAA" in said.err + said.out


def test_receipts_of_nobody(life: Life) -> None:
    true, other = cast(life, 0), Receipt.make(life.uuid, "A" * 43, SYSTEM.scalar())
    forged = [other, dataclasses.replace(true, tracker=other.tracker), dataclasses.replace(true, uuid="1" * 14)]
    for receipt in forged:
        with pytest.raises(Refused) as error:
            receipt.verify(life.uuid, life.package.receipt_key)
        assert error.value.reason is Reason.RECEIPT
    with pytest.raises(Refused):
        true.verify(life.uuid, None)


def test_a_server_without_the_key_takes_no_election(life: Life, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no key"):
        BallotBox(tmp_path / "other").install(life.package)
    promises.make_key(tmp_path / "other", life.uuid)
    with pytest.raises(Refused, match="another key"):
        BallotBox(tmp_path / "other").install(life.package)


def test_a_plan_without_a_key_is_still_a_plan(life: Life, tmp_path: Path) -> None:
    plan = dataclasses.replace(life.package.plan, receipt_key="")
    package = Package.read(dataclasses.replace(life.package, plan=plan).content())
    assert package.receipt_key is None
    box = BallotBox(tmp_path / "older")
    box.install(package)
    assert box.receipt(life.uuid, "A" * 43) is None


def test_two_keys_are_one_too_many(life: Life) -> None:
    message = {"move": "ballot-server", "machine": "", "value": life.package.plan.receipt_key}
    with pytest.raises(Refused, match="one key"):
        key_in([message, message])


def private_key(life: Life) -> int:
    return int(json.loads((life.folder / "box" / f"receipt-key-{life.uuid}.json").read_text())["private_key"])
