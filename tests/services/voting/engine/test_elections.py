"""Elections of every kind, made and then verified by our audit and, where BELENIOS_TOOL is set, by Inria's tool."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from commonweal.services.voting.engine.audit import Report, Verdict, audit
from commonweal.services.voting.engine.decryption import Result
from commonweal.services.voting.engine.election import Election, Question, RankedQuestion
from commonweal.services.voting.engine.keys import TrusteeKey
from commonweal.services.voting.engine.proofs import Proof
from commonweal.services.voting.engine.refusal import Reason, Refused
from tests.services.voting.engine.belenios import complaints
from tests.services.voting.engine.elections import ONE_OF_THREE, Keys, poll, single, threshold, together

UP_TO_TWO = Question("Which works?", ("Lanes", "Shelters", "Crossings", "Lights"), 0, 2)
WITH_BLANK = Question("Adopt the plan?", ("Yes", "No"), 1, 1, blank=True)
RANKED = RankedQuestion("Rank the parks", ("Harbour", "Mill", "Station"))


def accepted(path: Path) -> Result:
    """The result of a record that our audit and each version of belenios-tool at hand accept."""
    report: Report = audit(path)
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert not complaints(path, report.election.uuid if report.election else "")
    assert report.result is not None
    return report.result


@pytest.mark.parametrize("ballots", [0, 1, 2, 40])
def test_one_trustee(tmp_path: Path, ballots: int) -> None:
    election = poll(voters=max(ballots, 1))
    for voter in range(ballots):
        election.vote(voter, [voter % 3 == choice for choice in range(3)])
    counts = tuple(len(range(choice, ballots, 3)) for choice in range(3))
    assert accepted(election.write(tmp_path / "record.bel")) == Result((counts,))


@pytest.mark.slow
def test_a_thousand_ballots_on_two_cores(tmp_path: Path) -> None:
    election = poll(voters=1000, keys=single(3))
    for voter in range(1000):
        election.vote(voter, [voter % 3 == choice for choice in range(3)])
    path = election.write(tmp_path / "record.bel")
    assert accepted(path) == Result(((334, 333, 333),))
    assert audit(path, cores=2) == audit(path)


@pytest.mark.parametrize(
    ("keys", "present"),
    [
        (single(3), [1, 2, 3]),
        (threshold(1, 1), [1]),
        (threshold(2, 3), [1, 3]),
        (threshold(3, 5), [5, 2, 4]),
        (threshold(3, 3), [1, 2, 3]),
        (together(single(1), threshold(2, 3), single(1)), [1, 3, 4, 5]),
    ],
    ids=["all of 3", "1 of 1", "2 of 3", "3 of 5", "3 of 3", "single, 2 of 3, single"],
)
def test_trustees(tmp_path: Path, keys: Keys, present: list[int]) -> None:
    election = poll(keys=keys)
    for voter, choice in enumerate([0, 2, 2]):
        election.vote(voter, [choice == each for each in range(3)])
    assert accepted(election.write(tmp_path / "record.bel", present)) == Result(((1, 0, 2),))


def test_too_few_trustees_decrypt_nothing(tmp_path: Path) -> None:
    election = poll(keys=threshold(3, 5))
    election.vote(0, [1, 0, 0])
    with pytest.raises(Refused) as refused:
        election.write(tmp_path / "record.bel", present=[2, 5])
    assert refused.value.reason is Reason.DECRYPTION_MISSING


def test_blank_votes(tmp_path: Path) -> None:
    election = poll(WITH_BLANK, voters=4)
    for voter, marks in enumerate([(1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1)]):
        election.vote(voter, marks)
    assert accepted(election.write(tmp_path / "record.bel")) == Result(((1, 2, 1),))


def test_blank_beside_an_empty_choice(tmp_path: Path) -> None:
    election = poll(Question("Which?", ("A", "B"), 0, 2, blank=True), voters=3)
    for voter, marks in enumerate([(1, 0, 0), (0, 0, 0), (0, 1, 1)]):
        election.vote(voter, marks)
    assert accepted(election.write(tmp_path / "record.bel")) == Result(((1, 1, 1),))


def test_several_questions(tmp_path: Path) -> None:
    election = poll(ONE_OF_THREE, UP_TO_TWO, WITH_BLANK)
    election.vote(0, (1, 0, 0), (1, 0, 0, 1), (0, 1, 0))
    election.vote(1, (0, 0, 1), (0, 0, 0, 0), (1, 0, 0))
    election.vote(2, (0, 0, 1), (0, 1, 0, 0), (0, 0, 1))
    assert accepted(election.write(tmp_path / "record.bel")) == Result(((1, 0, 2), (1, 1, 0, 1), (1, 1, 1)))


def test_weights(tmp_path: Path) -> None:
    election = poll(ONE_OF_THREE, voters=4, weights=[1, 30, 2**31, 5])
    election.vote(0, (1, 0, 0))
    election.vote(1, (0, 1, 0))
    election.vote(2, (0, 1, 0))
    report = accepted(election.write(tmp_path / "record.bel"))
    assert report == Result(((1, 2**31 + 30, 0),))


def test_a_voter_of_weight_nothing_is_counted_and_adds_nothing(tmp_path: Path) -> None:
    election = poll(ONE_OF_THREE, voters=2, weights=[0, 3])
    election.vote(0, (1, 0, 0))
    election.vote(1, (0, 0, 1))
    path = election.write(tmp_path / "record.bel")
    assert accepted(path) == Result(((0, 0, 3),))
    assert (audit(path).counted, audit(path).total_weight) == (2, 3)


def test_optional_fields_of_newer_records(tmp_path: Path) -> None:
    election = poll()
    whole = election.election
    election.election = replace(whole, administrator="Zoë", credential_authority="Rk", language=("ar", "rtl"))
    assert Election.read(election.election.content()) == election.election
    election.vote(0, (1, 0, 0))
    path = election.write(tmp_path / "record.bel")
    assert audit(path).verdict is Verdict.ACCEPTED
    key = TrusteeKey(Proof(1, 2), whole.public_key, Proof(3, 4), "Bo")
    assert list(key.as_json()) == ["pok", "public_key", "signature", "name"]
    assert TrusteeKey.from_json(key.as_json()) == key


def test_only_the_last_ballot_of_a_voter_counts(tmp_path: Path) -> None:
    election = poll(voters=2)
    for voter, choice in [(0, 0), (1, 0), (0, 1), (1, 2), (0, 2)]:
        election.vote(voter, [choice == each for each in range(3)])
    path = election.write(tmp_path / "record.bel")
    assert accepted(path) == Result(((0, 0, 2),))
    report = audit(path)
    assert (report.ballots, report.counted) == (5, 2)


@pytest.mark.parametrize("shuffles", [1, 3])
@pytest.mark.parametrize("ballots", [1, 2, 12])
def test_ranked_ballots_are_shuffled(tmp_path: Path, ballots: int, shuffles: int) -> None:
    election = poll(RANKED, voters=ballots, keys=single(3))
    rankings = [tuple(random.sample([1, 2, 3], 3)) for _ in range(ballots)]
    for voter, ranking in enumerate(rankings):
        election.vote(voter, ranking)
    (vectors,) = accepted(election.write(tmp_path / "record.bel", shuffles=shuffles)).questions
    assert sorted(vectors) == sorted(rankings)


def test_mixed_questions_with_threshold(tmp_path: Path) -> None:
    most = RankedQuestion("Points", tuple(f"Option {i}" for i in range(30)), method={"type": "MajorityJudgment"})
    election = poll(RANKED, ONE_OF_THREE, most, keys=threshold(2, 3))
    points = tuple(random.randint(0, 255) for _ in range(30))
    for voter in range(3):
        election.vote(voter, (1, 2, 3), (1, 0, 0), points)
    result = accepted(election.write(tmp_path / "record.bel", present=[2, 3]))
    assert result == Result((((1, 2, 3),) * 3, (3, 0, 0), (points,) * 3))
