"""Records written by Inria's belenios-tool, and mutations of them, get the verdict that their index expects."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from commonweal.services.voting.engine.archive import Checkpoint, steps
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.credentials import public_credential
from commonweal.services.voting.engine.refusal import Reason

DATA = Path(os.environ.get("COMMONWEAL_TEST_DATA", Path(__file__).resolve().parents[5] / "shared/data"))
FOLDER = DATA / "voting"
INDEX = FOLDER / "index.json"
RECORDS: list[dict[str, Any]] = json.loads(INDEX.read_text())["records"] if INDEX.exists() else []
ALLOWED = {
    "accept": {Verdict.ACCEPTED},
    "refuse": {Verdict.REFUSED},
    "either": {Verdict.ACCEPTED, Verdict.REFUSED},
    "prefix": {Verdict.UNFINISHED},
    "unseen": {Verdict.ACCEPTED},
}
NAMED = {  # every refusal must come from the one thing that was changed
    "ballot-swapped-ciphertexts": Reason.BALLOT_PROOF,
    "ballot-altered-proof": Reason.BALLOT_PROOF,
    "ballot-replayed-proof": Reason.BALLOT_PROOF,
    "ballot-unlisted-credential": Reason.CREDENTIAL_UNKNOWN,
    "ballot-copied-under-other-credential": Reason.BALLOT_PROOF,
    "ballot-duplicated": Reason.BALLOT_DUPLICATE,
    "ballot-out-of-range-choice": Reason.BALLOT_SHAPE,
    "ballot-wrong-uuid": Reason.BALLOT_ELECTION,
    "ballot-wrong-fingerprint": Reason.BALLOT_FINGERPRINT,
    "ballot-noncanonical-scalar": Reason.SCALAR_ENCODING,
    "ballot-identity-point": Reason.POINT_NEUTRAL,
    "ballot-noncanonical-point": Reason.POINT_NOT_CANONICAL,
    "ballot-order-8-point": Reason.POINT_OUTSIDE_GROUP,
    "ballot-blank-and-choice": Reason.BALLOT_PROOF,
    "trustee-key-without-proof": Reason.MALFORMED,
    "trustee-keys-order-8": Reason.POINT_OUTSIDE_GROUP,
    "tally-missing-ballot": Reason.TALLY,
    "tally-wrong-count": Reason.TALLY_COUNT,
    "decryption-wrong-factor": Reason.DECRYPTION_PROOF,
    "decryption-order-8": Reason.POINT_OUTSIDE_GROUP,
    "decryption-uppercase-point": Reason.POINT_ENCODING,
    "threshold-wrong-share": Reason.DECRYPTION_PROOF,
    "shuffle-replaced-ciphertext": Reason.SHUFFLE_PROOF,
    "shuffle-none": Reason.SHUFFLE_MISSING,
    "result-false": Reason.RESULT,
    "chain-wrong-parent": Reason.CHAIN_PARENT,
    "chain-wrong-height": Reason.CHAIN_HEIGHT,
    "chain-late-ballot-alone": Reason.CHAIN_ORDER,
    "tar-trailing-zero-blocks": Reason.ARCHIVE_FORMAT,
    "tar-mtime-changed": Reason.ARCHIVE_FORMAT,
    "threshold-2-of-3-by-2.5.1": Reason.TRUSTEE_SIGNATURE,
    "lists": Reason.UNSUPPORTED,
}

pytestmark = pytest.mark.skipif(not RECORDS, reason="no election records; set COMMONWEAL_TEST_DATA")


@pytest.mark.parametrize("entry", RECORDS, ids=lambda entry: entry["file"])
def test_verdict(entry: dict[str, Any]) -> None:
    report = audit(FOLDER / entry["file"])
    assert report.verdict in ALLOWED[entry["expect"]], report.findings
    named = NAMED.get(Path(entry["file"]).stem)
    assert {finding.reason for finding in report.findings} == ({named} if named else set())
    if report.verdict is Verdict.ACCEPTED:
        assert report.ballots == entry["ballots"]


@pytest.mark.parametrize("entry", [entry for entry in RECORDS if entry.get("private")], ids=lambda entry: entry["file"])
def test_result_and_credentials(entry: dict[str, Any]) -> None:
    private = json.loads((FOLDER / entry["private"]).read_text())
    report = audit(FOLDER / entry["file"])
    if report.verdict is not Verdict.ACCEPTED:
        pytest.skip("refused by rule, see test_verdict")
    assert report.result is not None
    assert report.result.as_json()["result"] == private["result"]
    assert report.election is not None
    with (FOLDER / entry["file"]).open("rb") as stream:
        listed = json.loads(next(steps(stream)).data[2].content)
    derived = {public_credential(item["private"], private["uuid"])[::-1].hex() for item in private["credentials"]}
    assert {item.partition(",")[0] for item in listed} == derived


def heads(name: str) -> list[Checkpoint]:
    """What an observer would have kept of a record after each event."""
    with (FOLDER / name).open("rb") as stream:
        return [Checkpoint(step.event.height, step.digest) for step in steps(stream)]


@pytest.mark.parametrize("name", ["chain-ballots-reordered", "chain-ballot-dropped"])
def test_only_an_earlier_checkpoint_shows_what_was_rewritten(name: str) -> None:
    before = heads("valid/three-trustees.bel")
    alone = audit(FOLDER / f"mutated/{name}.bel")
    assert (alone.verdict, alone.complete_since) == (Verdict.ACCEPTED, None)
    compared = audit(FOLDER / f"mutated/{name}.bel", checkpoints=[before[6]])
    assert compared.verdict is Verdict.REFUSED
    assert [finding.reason for finding in compared.findings] == [Reason.CHECKPOINT]


def test_a_record_that_contains_the_checkpoint_is_complete_up_to_it() -> None:
    before = heads("valid/three-trustees.bel")
    report = audit(FOLDER / "valid/three-trustees.bel", checkpoints=[before[2], before[6]])
    assert (report.verdict, report.complete_since) == (Verdict.ACCEPTED, before[6])


@pytest.mark.parametrize("name", ["truncated-after-4-ballots", "truncated-before-result"])
def test_truncation_is_refused_against_a_later_checkpoint(name: str) -> None:
    report = audit(FOLDER / f"mutated/{name}.bel", checkpoints=heads("valid/three-trustees.bel")[-1:])
    assert [finding.reason for finding in report.findings] == [Reason.CHECKPOINT]


def test_many_cores_say_the_same_as_one() -> None:
    path = FOLDER / "mutated/ballot-altered-proof.bel"
    assert audit(path, cores=2) == audit(path)
