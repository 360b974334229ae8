"""An election from draft to result through the functions of its roles."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from commonweal.core import clock
from commonweal.services.voting import person_data, records, results, service
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.decryption import Result
from commonweal.services.voting.engine.election import RankedQuestion
from tests.services.voting.life import NODE, begin

pytestmark = pytest.mark.django_db


def test_an_election_ends_with_a_proved_result_of_each_voters_last_ballot(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=3, threshold=(2, 3))
    life.vote(0, (1, 0, 0))
    life.vote(1, (0, 1, 0))
    life.vote(0, (0, 0, 1))
    life.close()
    report = audit(life.tally(present=[0, 2]))
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert (report.ballots, report.counted) == (3, 2)
    assert report.result == Result(((0, 1, 1),))


def test_ranked_ballots_are_shuffled_by_as_many_trustees_as_decrypt(tmp_path: Path) -> None:
    ranking = RankedQuestion("Who?", ("Ada", "Ben", "Cy"), {"type": "STV", "value": {"seats": 1}})
    life = begin(tmp_path, ranking, voters=3, threshold=(2, 3))
    for voter, ranks in enumerate(((1, 2, 3), (2, 1, 3), (1, 3, 2))):
        life.vote(voter, ranks)
    life.close()
    report = audit(life.tally(present=[1, 2]))
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert report.result is not None
    assert sorted(report.result.questions[0]) == [(1, 2, 3), (1, 3, 2), (2, 1, 3)]


def test_what_could_not_be_counted_is_refused_as_a_draft(tmp_path: Path) -> None:
    for method in (
        {"type": "STV", "value": {"seats": 9}},
        {"type": "STV", "value": {}},
        {"type": "EqualShares", "value": {"costs": [1], "budget": 0}},
    ):
        with pytest.raises(ValueError, match="cannot be counted"):
            begin(tmp_path, RankedQuestion("Who?", ("Ada", "Ben"), method))
    with pytest.raises(ValueError, match="30"):
        begin(tmp_path, RankedQuestion("Who?", tuple(map(str, range(31)))))


def test_an_archived_election_keeps_its_record_and_forgets_its_roll(tmp_path: Path) -> None:
    week = timedelta(days=7)
    with clock.pretend(clock.now() - week):
        life = begin(tmp_path, voters=2, opens=clock.now().replace(microsecond=0) - timedelta(seconds=5))
        life.vote(0, (1, 0, 0))
    life.close()
    with pytest.raises(service.NotNow):
        service.archive(NODE, life.uuid)
    life.tally()
    service.follow(life.uuid, life.box)
    service.archive(NODE, life.uuid)
    assert records.held(life.people[0].id) == []
    assert service.passes_drawn(life.uuid) == 1
    assert service.finished(life.uuid)


def test_a_node_that_died_before_its_audit_makes_up_for_it(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=1)
    life.vote(0, (1, 0, 0))
    life.close()
    life.tally()
    service.follow(life.uuid, life.box)
    service.board(life.uuid).with_suffix(results.REPORT).unlink()
    assert service.finished(life.uuid) is None
    service.follow(life.uuid, life.box)
    assert service.finished(life.uuid)


def test_erasing_a_voter_leaves_the_number_of_passes(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    life.vote(0, (1, 0, 0))
    life.vote(1, (1, 0, 0))
    person_data.erase(life.people[0])
    assert service.passes_drawn(life.uuid) == 2
    assert records.held(life.people[0].id) == []
