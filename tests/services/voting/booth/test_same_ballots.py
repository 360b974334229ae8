"""The booth's modules, in a browser, make the very ballots that the Python engine makes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from commonweal.services.voting.engine.ballots import make_ballot, verify_ballot
from commonweal.services.voting.engine.credentials import BASE58, private_credential, public_credential, secret_of
from commonweal.services.voting.engine.election import AnyQuestion, Election, Question, RankedQuestion
from commonweal.services.voting.engine.group import base
from commonweal.services.voting.engine.randomness import SYSTEM, SeededRandomness
from commonweal.services.voting.engine.record import Record
from tests.services.voting.engine.elections import TIMESTAMP, poll

pytestmark = pytest.mark.browser
TOOLS = [tool for tool in os.environ.get("BELENIOS_TOOL", "").split(os.pathsep) if tool]
KEY = base(SYSTEM.scalar())
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
Seeds: TypeAlias = tuple[bytes, bytes]  # of the encryption, of the signature
SEED = st.binary(min_size=32, max_size=32)

MAKE = """async ([election, fingerprint, code, choices, seed, signing]) => {
  const { readElection } = await import('/election/election.js')
  const { makeBallot, rebuildBallot, trackerOf } = await import('/crypto/ballot.js')
  const { fromHex } = await import('/crypto/bytes.js')
  const { secretOf } = await import('/crypto/credential.js')
  const { seededRandomness } = await import('/crypto/randomness.js')
  const read = readElection(election, fingerprint, JSON.parse(election).uuid)
  const numbers = (hex) => seededRandomness(fromHex(hex))
  const made = makeBallot(read, secretOf(code, read.uuid), choices, numbers(seed), numbers(signing))
  const again = rebuildBallot(read, made.credential, choices, numbers(seed), made.signature)
  return [made.content, trackerOf(made.content), again.content === made.content && again.signatureHolds]
}"""


def in_browser(page: Page, election: Election, code: str, choices: Any, seeds: Seeds) -> list[Any]:
    made: list[Any] = page.evaluate(
        MAKE,
        [election.content().decode(), election.fingerprint(), code, choices, *(seed.hex() for seed in seeds)],
    )
    return made


@st.composite
def marked(draw: st.DrawFn) -> tuple[AnyQuestion, list[int]]:
    """A homomorphic question and marks that it allows."""
    answers = draw(st.lists(WORDS, min_size=1, max_size=6))
    minimum = draw(st.integers(0, len(answers)))
    maximum = draw(st.integers(minimum, len(answers)))
    blank = draw(st.sampled_from([None, False, True]))
    question = Question(draw(WORDS), tuple(answers), minimum, maximum, blank)
    if blank and draw(st.booleans()):
        return question, [1, *(0 for _ in answers)]
    chosen = set(draw(st.permutations(range(len(answers))))[: draw(st.integers(minimum, maximum))])
    marks = [int(index in chosen) for index in range(len(answers))]
    return question, [0, *marks] if blank else marks


@st.composite
def ranked(draw: st.DrawFn) -> tuple[AnyQuestion, list[int]]:
    """A ranked question and numbers for it."""
    numbers = draw(st.lists(st.integers(0, 255), min_size=1, max_size=30))
    method = draw(st.sampled_from([None, {"type": "STV", "value": {"seats": 2}}]))
    return RankedQuestion(draw(WORDS), tuple(f"Option {index}" for index in range(len(numbers))), method), numbers


@settings(max_examples=60)
@given(
    asked=st.lists(marked() | ranked(), min_size=1, max_size=3),
    named=st.tuples(WORDS, st.text(BASE58, min_size=14, max_size=16)),
    seeds=st.tuples(SEED, SEED),
)
def test_the_same_ballots_from_the_same_seeds(
    workbench: Page,
    asked: list[tuple[AnyQuestion, list[int]]],
    named: tuple[str, str],
    seeds: Seeds,
) -> None:
    questions, choices = zip(*asked, strict=True)
    (name, uuid), code = named, private_credential()
    election = Election(name, "", KEY, questions, uuid)
    ours = make_ballot(election, secret_of(code, uuid), choices, *map(SeededRandomness, seeds))
    content, tracker, rebuilt = in_browser(workbench, election, code, choices, seeds)
    assert content == ours.content().decode()
    assert tracker == ours.tracker()
    assert rebuilt
    verify_ballot(election, {public_credential(code, uuid)}, content.encode())


def test_a_long_ballot(workbench: Page) -> None:
    """Fifty answers, as many as one likes: the longest texts that are hashed."""
    election = Election(
        "Long", "", KEY, (Question("Which?", tuple(f"Answer {i}" for i in range(50)), 0, 50),), "A" * 14
    )
    code, choices, seeds = private_credential(), [[index % 2 for index in range(50)]], (bytes(32), bytes(range(32)))
    content, _, _ = in_browser(workbench, election, code, choices, seeds)
    secret = secret_of(code, election.uuid)
    ours = make_ballot(election, secret, choices, *map(SeededRandomness, seeds))
    assert content == ours.content().decode()


@pytest.mark.parametrize(
    "choices", [[[1, 1, 0]], [[0, 0, 0]], [[2, 0, 0]], [[1, 0]], [[1, 0, 0, 0]]], ids=lambda value: str(value[0])
)
def test_what_a_question_does_not_allow_is_not_encrypted(workbench: Page, choices: list[list[int]]) -> None:
    election = Election("One", "", KEY, (Question("Which?", ("A", "B", "C"), 1, 1),), "A" * 14)
    with pytest.raises(Exception, match="not allow"):
        in_browser(workbench, election, private_credential(), choices, (bytes(32), bytes(32)))


@pytest.mark.skipif(not TOOLS, reason="BELENIOS_TOOL names no belenios-tool")
def test_the_tool_accepts_ballots_of_the_browser(workbench: Page, tmp_path: Path) -> None:
    questions = (
        Question("Which works?", ("Lanes", "Shelters", "Crossings"), 0, 2),
        Question("Adopt the plan?", ("Yes", "No"), 1, 1, blank=True),
        RankedQuestion("Rank the parks", ("Harbour", "Mill", "Station")),
    )
    election = poll(*questions)
    folder = tmp_path / "record"
    folder.mkdir()
    with (folder / f"{election.election.uuid}.bel").open("w+b") as stream:
        Record(stream, TIMESTAMP).set_up(election.election, election.keys.trustees, election.credentials)
    for number, choices in enumerate([[(1, 0, 1), (0, 1, 0), (3, 1, 2)], [(0, 0, 0), (1, 0, 0), (0, 0, 255)]]):
        code = election.voters[number]
        content, _, _ = in_browser(workbench, election.election, code, choices, (os.urandom(32), os.urandom(32)))
        ballot = tmp_path / f"{number}.json"
        ballot.write_text(content)
        for tool in TOOLS:
            command = [tool, "election", "verify-ballot", "--dir", str(folder), "--ballot", str(ballot)]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            assert run.returncode == 0, f"{tool}: {run.stdout}{run.stderr}"
    assert json.loads(content)["election_uuid"] == election.election.uuid
