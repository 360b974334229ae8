"""Records of every kind and size that we make: our audit and each belenios-tool at hand accept them, and the ballots.

CI makes records of 1, 2 and 12 ballots; `COMMONWEAL_BALLOTS=1000`, then 10000, is the soak.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.election import AnyQuestion, Question, RankedQuestion
from tests.services.voting.engine.belenios import complaints, complaints_of_ballots
from tests.services.voting.engine.elections import ONE_OF_THREE, Keys, Poll, poll, single, threshold, together

LARGEST = int(os.environ.get("COMMONWEAL_BALLOTS", "12"))
SAMPLED = 8  # ballots of each record that verify-ballot sees, a process for each
UP_TO_TWO = Question("Which works?", ("Lanes", "Shelters", "Crossings", "Lights"), 0, 2)
WITH_BLANK = Question("Adopt the plan?", ("Yes", "No"), 1, 1, blank=True)
RANKED = RankedQuestion("Rank the parks", ("Harbour", "Mill", "Station"))
pytestmark = [pytest.mark.slow] if LARGEST > 100 else []


@dataclass(frozen=True)
class Kind:
    """What is asked, who holds the keys and which of them come to decrypt, and who votes how."""

    questions: tuple[AnyQuestion, ...] = (ONE_OF_THREE,)
    keys: Callable[[], Keys] = single
    present: Sequence[int] | None = None
    weights: Sequence[int] = ()
    revotes: bool = False


KINDS = {
    "all of three trustees": Kind(keys=lambda: single(3)),
    "three of five trustees": Kind(keys=lambda: threshold(3, 5), present=(5, 2, 4)),
    "one, and two of three": Kind(keys=lambda: together(single(1), threshold(2, 3)), present=(1, 2, 4)),
    "blank": Kind((WITH_BLANK,)),
    "weights": Kind(weights=(1, 7, 250, 2**31)),
    "several questions": Kind((ONE_OF_THREE, UP_TO_TWO, WITH_BLANK)),
    "revotes": Kind(revotes=True),
    "shuffled": Kind((RANKED,), keys=lambda: single(2)),
    "shuffled beside sums, revotes, absent": Kind((RANKED, WITH_BLANK), lambda: threshold(2, 3), (1, 3), revotes=True),
}


@pytest.mark.parametrize("ballots", sorted({1, 2, LARGEST}))
@pytest.mark.parametrize("name", KINDS)
def test_everybody_accepts_it(tmp_path: Path, name: str, ballots: int) -> None:
    kind, chance = KINDS[name], Random(name)
    voters = max(1, ballots // 2) if kind.revotes else ballots
    weights = [chance.choice(kind.weights) for _ in range(voters)] if kind.weights else None
    election = poll(*kind.questions, voters=voters, keys=kind.keys(), weights=weights)
    last: dict[int, list[tuple[int, ...]]] = {}
    for number in range(ballots):
        voter = chance.randrange(voters) if kind.revotes else number
        last[voter] = [_marks(question, chance) for question in kind.questions]
        election.vote(voter, *last[voter])
    record = election.write(tmp_path / "record.bel", kind.present)
    report = audit(record)
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert (report.ballots, report.counted) == (ballots, len(last))
    assert report.result is not None
    expected = [_expected(election, index, last, weights) for index in range(len(kind.questions))]
    assert [sorted(row) if row and isinstance(row[0], tuple) else row for row in report.result.questions] == expected
    assert not complaints(record, election.election.uuid)
    sampled = chance.sample([content for _, content in election.cast], min(SAMPLED, ballots))
    assert not complaints_of_ballots(election, sampled, tmp_path / "empty")


def _marks(question: AnyQuestion, chance: Random) -> tuple[int, ...]:
    """Something that the question allows."""
    if isinstance(question, RankedQuestion):
        return tuple(chance.randint(0, 255) for _ in question.answers)
    if question.blank and chance.random() < 0.2:
        return (1,) + (0,) * len(question.answers)
    chosen = chance.sample(range(len(question.answers)), chance.randint(question.minimum, question.maximum))
    marks = tuple(int(answer in chosen) for answer in range(len(question.answers)))
    return (0, *marks) if question.blank else marks


def _expected(
    election: Poll, index: int, last: dict[int, list[tuple[int, ...]]], weights: Sequence[int] | None
) -> object:
    """What one question comes to: sums with weights, or the ranked ballots in an order of their own."""
    if isinstance(election.election.questions[index], RankedQuestion):
        return sorted(marks[index] for marks in last.values())
    weighed = [[(weights[voter] if weights else 1) * mark for mark in marks[index]] for voter, marks in last.items()]
    return tuple(map(sum, zip(*weighed, strict=True)))
