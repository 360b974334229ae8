"""An election from draft to result through the functions of its roles."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from commonweal.core import clock
from commonweal.services.voting import person_data, records, results, rolls, service
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.decryption import Result
from commonweal.services.voting.engine.election import RankedQuestion
from commonweal.services.voting.roles import authority
from commonweal.services.voting.values import RollLine, Voter
from tests import town
from tests.services.voting.life import NODE, begin, keys
from tests.services.voting.test_command_line import assert_belenios_agrees
from tests.walk.cast import browser

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


def test_weights_go_from_the_roll_to_the_result(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=4, threshold=(2, 3), weights=(1, 250, 30, 7))
    life.vote(0, (1, 0, 0))
    life.vote(1, (1, 0, 0))
    life.vote(2, (0, 1, 0))
    life.vote(1, (0, 0, 1))
    life.close()
    record = life.tally(present=[0, 2])
    report = audit(record)
    assert report.verdict is Verdict.ACCEPTED, report.findings
    assert (report.counted, report.total_weight, report.result) == (3, 281, Result(((1, 30, 250),)))
    assert_belenios_agrees(record, tmp_path / "belenios")
    service.follow(life.uuid, life.box)
    anyone = browser()
    assert "With their weights they are 281 votes." in anyone.get(f"/voting/{life.uuid}/board/").content.decode()
    assert "Votes have weights here" in anyone.get(f"/voting/{life.uuid}/").content.decode()
    (letter,) = authority.letters(life.folder / "authority", life.package, [life.labels[1]])
    assert "Your vote counts 250 times." in letter.read_text("utf-8")
    assert records.held(life.people[1].id)[0]["weight"] == 250


def test_an_election_in_which_all_weigh_the_same_states_no_weights(tmp_path: Path) -> None:
    assert not begin(tmp_path, voters=2).package.credentials.weighted


def test_weights_beside_ranks_are_refused_from_either_side(tmp_path: Path) -> None:
    ranking = RankedQuestion("Who?", ("Ada", "Ben"), {"type": "Schulze"})
    with pytest.raises(ValueError, match="all weigh the same"):
        begin(tmp_path, ranking, voters=2, weights=(1, 2))
    life = begin(tmp_path / "sums", voters=2, weights=(1, 2))
    draft = service.draft(NODE, life.draft)
    service.enter_roll(NODE, draft, [RollLine(life.people[0], "Ada", "Lane", 2)])
    with pytest.raises(ValueError, match="all weigh the same"):
        service.redraft(NODE, draft, replace(life.draft, questions=(ranking,), order=()))


def test_weights_that_the_authority_changed_are_refused_at_the_freeze(tmp_path: Path) -> None:
    draft = service.draft(NODE, begin(tmp_path / "other", voters=1).draft)
    (ada,) = town.register(town.entry("Ada", "Voter"))
    service.enter_roll(NODE, draft, [RollLine(ada, "Ada", "Lane", 3)])
    (line,) = service.roll(NODE, draft)
    heavier = authority.Voter(line.label, line.name, line.delivery, 4)
    public = authority.make_credentials(tmp_path / "authority", draft, [heavier])
    messages, _ = keys(tmp_path, draft, None)
    with pytest.raises(ValueError, match="other weights than the roll"):
        service.freeze(NODE, draft, messages, json.loads(public.read_text("utf-8")))


def test_a_roll_with_weights_goes_to_the_authority_and_back(tmp_path: Path) -> None:
    (ada,) = town.register(town.entry("Ada", "Voter", identifier="700101-1"))
    (line,) = rolls.read("identifier,name,delivery,weight\n700101-1,Ada,Lane,12\n")
    assert line == RollLine(ada, "Ada", "Lane", 12)
    (tmp_path / "roll.csv").write_text(rolls.write([Voter("label", "Ada", "Lane", 12)]))
    assert authority.read_roll(tmp_path / "roll.csv") == [authority.Voter("label", "Ada", "Lane", 12)]
    for weight in ("0", "-1", "1.5", "", "1000001", "x"):
        with pytest.raises(ValueError, match=r"Line 2.*weight"):
            rolls.read(f"identifier,name,delivery,weight\n700101-1,Ada,Lane,{weight}\n")
