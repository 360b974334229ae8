"""What the trustees' page verifies before it decrypts is what the auditors verify: the same ballots pass, no others."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.archive import steps
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import base58
from commonweal.services.voting.engine.election import Election, Question
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import ORDER, base
from commonweal.services.voting.engine.hashing import sha256_base64, sha256_hex
from commonweal.services.voting.engine.proofs import prove_knowledge
from commonweal.services.voting.engine.randomness import SYSTEM
from tests.services.voting.engine.test_shared_records import FOLDER, RECORDS

pytestmark = pytest.mark.browser
CLOSES = "2026-01-01T00:00:00Z"
CHECKED = ("ballot-", "trustee-", "tally-", "shuffle-replaced", "chain-")
SHUFFLES = {"nonhomomorphic-1-shuffle-by-2.5.1": 1, "nonhomomorphic-2-shuffles": 2, "mixed": 2}
PARTS = ("election", "trustees", "credentials")
SECRET = SYSTEM.scalar()
ELECTION = Election(
    "Both", "", base(SYSTEM.scalar()), (Question("A", ("x", "y", "z"), 0, 2), Question("B", ("x", "y"), 1, 1, True)),
    base58(14),
)  # fmt: skip
BALLOT = make_ballot(ELECTION, SECRET, ((1, 0, 1), (0, 1, 0))).content()

VERIFY = """async ([election, fingerprint, credential, contents]) => {
  const { readElection } = await import('/election/election.js')
  const { verifyBallot } = await import('/trustee/ballots.js')
  const read = readElection(election, fingerprint, JSON.parse(election).uuid)
  return contents.map((content) => {
    try {
      return verifyBallot(read, new Map([[credential, 1n]]), content).credential === credential
    } catch {
      return false
    }
  })
}"""
AUDIT = """async ([parts, plan, uuid, record]) => {
  const { readPackage } = await import('/trustee/setup.js')
  const { verifiedTally } = await import('/trustee/tally.js')
  const { verifiedShuffles } = await import('/trustee/mixing.js')
  const { steps } = await import('/trustee/record.js')
  try {
    const bytes = Uint8Array.from(atob(record), (character) => character.charCodeAt(0))
    const end = [...steps(bytes)].at(-1).digest // as the public log would have it
    const frozen = readPackage(parts, plan, uuid)
    const tally = await verifiedTally(bytes, frozen, end, async () => {})
    const { shuffles } = await verifiedShuffles(tally, frozen, async () => {})
    return { ballots: tally.ballots, shuffles: shuffles.length }
  } catch ({ message }) {
    return { message }
  }
}"""


def verified(workbench: Page, contents: list[bytes]) -> list[bool]:
    credential = group.text(base(SECRET))
    asked = [ELECTION.content().decode(), ELECTION.fingerprint(), credential, [one.decode() for one in contents]]
    answers: list[bool] = workbench.evaluate(VERIFY, asked)
    return answers


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every text of a ballot stands."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    return [so_far] if inside is None else [path for key, item in inside for path in paths(item, (*so_far, key))]


def changed(path: tuple[Any, ...]) -> bytes:
    """The ballot with one text changed to another well-formed one, signed anew: a malicious voter's."""
    value = json.loads(BALLOT)
    place = value
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    if path[-1] in ("challenge", "response"):
        place[path[-1]] = str((int(old) + 1) % ORDER)
    elif len(old) == 64:
        place[path[-1]] = group.text(group.add(group.point(old), group.GENERATOR))
    else:
        place[path[-1]] = old[:-1] + ("A" if old[-1] != "A" else "B")
    return canonical(value) if path[0] == "signature" else signed_anew(value)


def signed_anew(value: dict[str, Any]) -> bytes:
    del value["signature"]
    signed_hash = sha256_base64(canonical(value))
    proof = prove_knowledge(f"sig|{signed_hash}|", SECRET, SYSTEM)
    return canonical(value | {"signature": {"hash": signed_hash, "proof": proof.as_json()}})


def test_every_field_of_a_ballot_is_bound(workbench: Page) -> None:
    everywhere = paths(json.loads(BALLOT))
    answers = verified(workbench, [BALLOT, *map(changed, everywhere)])
    assert answers[0]
    assert [path for path, passed in zip(everywhere, answers[1:], strict=True) if passed] == []


def test_other_spellings_and_shapes_are_refused(workbench: Page) -> None:
    value = json.loads(BALLOT)
    neutral = json.loads(BALLOT)
    neutral["answers"][0]["choices"][0]["alpha"] = group.text(group.NEUTRAL)
    fewer = json.loads(BALLOT)
    fewer["answers"] = fewer["answers"][:1]
    more = json.loads(BALLOT)
    more["answers"][0]["blank_proof"] = more["answers"][1]["blank_proof"]
    spaced = json.dumps(value).encode()
    reordered = canonical(dict(reversed(value.items())))
    upper = BALLOT.replace(value["credential"].encode(), value["credential"].upper().encode())
    forged = [signed_anew(one) for one in (neutral, fewer, more)]
    assert not any(verified(workbench, [spaced, reordered, upper, b"{}", b"[]", b"null", *forged]))


@pytest.mark.skipif(not RECORDS, reason="no election records; set COMMONWEAL_TEST_DATA")
@pytest.mark.parametrize("entry", RECORDS, ids=lambda entry: entry["file"])
def test_records_of_another_program(workbench: Page, entry: dict[str, Any]) -> None:
    """Inria's records pass; where a key, ballot, sum, shuffle or event was changed, they do not. What follows is not
    the desk's.
    """
    path, name = FOLDER / entry["file"], Path(entry["file"]).stem
    with path.open("rb") as stream:
        data = [item.content for item in next(steps(stream)).data[:3]]
    election = json.loads(data[0])
    if any(question.get("type") == "Lists" for question in election["questions"]):
        pytest.skip("Lists are no questions of ours")
    ranked = any("type" in question for question in election["questions"])
    setup = dict(zip(PARTS, map(sha256_hex, data), strict=True))
    plan = canonical({"uuid": election["uuid"], "setup": setup, "closes": CLOSES, "shuffles": 2 * ranked})
    parts = {"plan": plan.decode()} | {part: content.decode() for part, content in zip(PARTS, data, strict=True)}
    record = base64.b64encode(path.read_bytes()).decode()
    found = workbench.evaluate(AUDIT, [parts, sha256_hex(plan), election["uuid"], record])
    if entry["expect"] == "accept":
        assert found == {"ballots": entry["ballots"], "shuffles": SHUFFLES.get(name, 0)}
    elif name.startswith(CHECKED) and entry["expect"] == "refuse":
        assert "message" in found
