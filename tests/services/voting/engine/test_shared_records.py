"""Records written by Inria's belenios-tool, and mutations of them, get the verdict that their index expects."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from commonweal.services.voting.engine.archive import Checkpoint, EventType, steps
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.credentials import public_credential
from commonweal.services.voting.engine.decryption import PartialDecryption, decrypt_partially
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import base
from commonweal.services.voting.engine.hashing import sha256_base64
from commonweal.services.voting.engine.keys import SignedMessage
from commonweal.services.voting.engine.pedersen import Shares, Trustee, receive
from commonweal.services.voting.engine.proofs import Proof
from commonweal.services.voting.engine.refusal import Reason
from commonweal.services.voting.engine.tally import EncryptedTally

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


@pytest.mark.parametrize("name", ["threshold-2-of-3", "threshold-with-single"])
def test_our_trustee_takes_part_in_a_key_generation_of_the_tool(name: str) -> None:
    """From the seed and what the tool's trustees sent, over the encrypted channel, comes the tool's private key."""
    private = json.loads((FOLDER / f"valid/{name}.private.json").read_text())["threshold_trustees"]
    certificates = [SignedMessage.from_json(item) for item in private["certificates"]]
    shares = [
        Shares(
            tuple(item["secrets"] if isinstance(item["secrets"][0], str) else map(canonical, item["secrets"])),
            SignedMessage.from_json(item["coefexps"]),
            Proof.from_json(item["signature"]),
        )
        for item in private["polynomials"]
    ]
    for member in private["members"]:
        trustee = Trustee(member["seed"])
        finished = trustee.finish(certificates, private["threshold"], shares)
        assert str(finished.private_key) == member["decryption_key"]
        sealed = canonical(member["encrypted_decryption_key"]).decode()
        kept = json.loads(receive(sealed, base(trustee.signing_key), trustee.decryption_key))
        assert member["decryption_key"] in (kept, *(kept.values() if isinstance(kept, dict) else ()))


@pytest.mark.parametrize("name", ["three-trustees", "weights", "two-questions"])
def test_the_private_keys_of_the_tool_give_its_factors(name: str) -> None:
    private = json.loads((FOLDER / f"valid/{name}.private.json").read_text())
    keys = {item["trustee_id"]: int(item["private_key"]) for item in private["single_trustees"]}
    with (FOLDER / f"valid/{name}.bel").open("rb") as stream:
        found = {step.event.type: step for step in steps(stream)}
    tally = EncryptedTally.from_json(json.loads(found[EventType.ENCRYPTED_TALLY].data[0].content))
    content, owned = found[EventType.PARTIAL_DECRYPTION].data
    key = keys[json.loads(owned.content)["owner"]]
    fingerprint = sha256_base64(found[EventType.SETUP].data[0].content)
    theirs, ours = PartialDecryption.read(content.content), decrypt_partially(tally, fingerprint, key)
    assert theirs.factors == ours.factors
    ours.verify(tally, fingerprint, base(key))


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
