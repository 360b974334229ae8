"""Each property of the threat model, broken on purpose by whoever could: what stops them, or who notices."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from commonweal.services.voting import models, records, service
from commonweal.services.voting.board_search import state_on_board
from commonweal.services.voting.box import ceremony
from commonweal.services.voting.box.ballot_box import BallotBox, Head
from commonweal.services.voting.commands import audit as audit_command
from commonweal.services.voting.engine import passes, pedersen
from commonweal.services.voting.engine.archive import Checkpoint, EventType, steps
from commonweal.services.voting.engine.audit import Report, Verdict, audit
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.decryption import compute_result, plaintexts
from commonweal.services.voting.engine.election import RankedQuestion
from commonweal.services.voting.engine.group import subtract
from commonweal.services.voting.engine.proofs import Proof
from commonweal.services.voting.engine.record import Record
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.shuffle import make_shuffle
from commonweal.services.voting.engine.trustees import combined
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles import authority, trustee
from tests.services.voting.life import NODE, Life, begin

pytestmark = pytest.mark.django_db
HARBOUR, MILL, STATION = (1, 0, 0), (0, 1, 0), (0, 0, 1)


def refusal(reason: Reason) -> pytest.RaisesExc[Refused]:
    """Expects this rule to be the one that was broken."""
    return pytest.raises(Refused, check=lambda refused: refused.reason is reason)


def reasons(report: Report) -> set[Reason]:
    assert report.verdict is Verdict.REFUSED
    return {finding.reason for finding in report.findings}


def voted(folder: Path, **more: object) -> Life:
    """Three voters have voted, and the board has grown once."""
    life = begin(folder, voters=4, **more)  # type: ignore[arg-type]
    for voter, choice in enumerate((HARBOUR, MILL, STATION)):
        life.vote(voter, choice)
    with life.box.store.writing() as db:
        life.box.grow(db, life.uuid)
    return life


def written_anew(life: Life, ballots: list[bytes], name: str = "false.bel", end: bool = False) -> Path:
    """The board that a dishonest server writes, with a chain that fits."""
    package, path = life.package, life.folder / name
    with path.open("wb") as stream:
        record = Record(stream, int(package.plan.opens.timestamp()))
        record.set_up(package.election, package.trustees, package.credentials)
        for content in ballots:
            record.cast(content)
        if end:
            record.end_ballots()
    return path


def ballots_on(board: Path) -> list[bytes]:
    with board.open("rb") as stream:
        return [step.data[0].content for step in steps(stream) if step.event.type is EventType.BALLOT]


# A server that drops, adds, swaps or delays


def test_a_ballot_dropped_before_the_batch_is_missed_by_its_voter(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    dropped, kept = life.vote(0, HARBOUR), life.vote(1, MILL)
    with life.box.store.writing() as db:
        db.execute("DELETE FROM ballot WHERE tracker = ?", [dropped.tracker])
        life.box.grow(db, life.uuid)
    assert state_on_board(life.board(), kept.tracker) == "counted"
    assert state_on_board(life.board(), dropped.tracker) is None


@pytest.mark.parametrize("false", ["cut", "erased", "re-ordered"])
def test_a_board_changed_after_a_checkpoint_is_refused(tmp_path: Path, false: str) -> None:
    life = voted(tmp_path)
    seen, ballots = life.box.head(life.uuid), ballots_on(life.board())
    changed = {"cut": ballots[:-1], "erased": ballots[1:], "re-ordered": ballots[::-1]}[false]
    board = written_anew(life, changed)
    assert audit(board).verdict is Verdict.UNFINISHED  # alone, it looks well
    assert reasons(audit(board, [seen.checkpoint])) == {Reason.CHECKPOINT}


def test_the_node_does_not_follow_a_board_that_lost_a_ballot(tmp_path: Path) -> None:
    life = voted(tmp_path)
    before = service.follow(life.uuid, life.box)
    assert len(before.heads) == 1
    board = written_anew(life, [*ballots_on(life.board())[1:], life.ballot(3, MILL), life.ballot(3, HARBOUR)])
    with pytest.raises(Refused):
        service.follow(life.uuid, Shown(board))
    after = service.standing(life.uuid)
    assert after.heads == before.heads
    assert after.trouble
    assert audit(service.board(life.uuid)).ballots == 3


def test_a_ballot_added_without_a_code_is_no_ballot(tmp_path: Path) -> None:
    life = voted(tmp_path)
    strange = make_ballot(life.package.election, 4711, [HARBOUR]).content()
    assert reasons(audit(written_anew(life, [*ballots_on(life.board()), strange]))) == {Reason.CREDENTIAL_UNKNOWN}


def test_a_ballot_added_twice_is_found(tmp_path: Path) -> None:
    life = voted(tmp_path)
    ballots = ballots_on(life.board())
    assert Reason.BALLOT_DUPLICATE in reasons(audit(written_anew(life, [*ballots, ballots[0]])))


def test_swapped_ciphertexts_are_found(tmp_path: Path) -> None:
    life = voted(tmp_path)
    first, *rest = ballots_on(life.board())
    ballot = json.loads(first)
    choices = ballot["answers"][0]["choices"]
    choices[0], choices[1] = choices[1], choices[0]
    swapped = json.dumps(ballot, separators=(",", ":"), ensure_ascii=False).encode()
    assert reasons(audit(written_anew(life, [swapped, *rest]))) == {Reason.BALLOT_SIGNATURE}


def test_a_ballot_held_back_until_after_the_close_has_no_place(tmp_path: Path) -> None:
    life = voted(tmp_path)
    late = life.ballot(3, MILL)
    board = written_anew(life, ballots_on(life.board()), end=True)
    with board.open("r+b") as stream:
        last = list(steps(stream))[-1]
        stream.seek(0, io.SEEK_END)
        head = Checkpoint(last.event.height, last.digest)
        Record(stream, int(life.package.plan.opens.timestamp()), head).cast(late)
    assert reasons(audit(board)) == {Reason.CHAIN_ORDER}
    with refusal(Reason.NOT_OPEN):
        life.vote(3, MILL, at=life.closed)


# Who could stuff


def test_the_authority_that_knows_every_code_casts_nothing_without_a_pass(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    ballot = life.ballot(0, HARBOUR)
    forger = passes.new_key()
    request = passes.Request.new(forger.public_key())
    forged = request.finish(forger.public_key(), passes.blind_sign(forger, request.blinded))
    with refusal(Reason.PASS):
        life.box.cast(life.uuid, ballot, forged, life.opened)


def test_a_stolen_code_is_not_cast_with_another_pass_nor_a_pass_with_another_code(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    life.vote(0, HARBOUR)
    with refusal(Reason.PASS_BOUND):
        life.box.cast(life.uuid, life.ballot(0, MILL), life.draw(1), life.opened)
    with refusal(Reason.PASS_BOUND):
        life.box.cast(life.uuid, life.ballot(1, MILL), life.draw(0), life.opened)
    assert life.vote(0, STATION).again is False  # the voter's own pair goes on


def test_the_identity_role_that_signs_passes_for_itself_has_no_code(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=1)
    made_up = make_ballot(life.package.election, 4711, [HARBOUR]).content()
    with refusal(Reason.CREDENTIAL_UNKNOWN):
        life.box.cast(life.uuid, made_up, life.draw(0), life.opened)


def test_one_person_draws_one_pass(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=1)
    life.draw(0)
    life.passes.clear()
    with pytest.raises(service.PassDrawn):
        life.draw(0)


def test_one_person_who_asks_twice_at_the_same_moment_draws_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = begin(tmp_path, voters=1)
    monkeypatch.setattr(records, "asked_for", lambda _uuid, _person: b"")  # what both saw before either was noted
    life.draw(0)
    life.passes.clear()
    with pytest.raises(service.PassDrawn):
        life.draw(0)


def test_a_pass_of_one_election_is_none_in_another(tmp_path: Path) -> None:
    life = begin(tmp_path / "one", voters=1)
    other = begin(tmp_path / "two", voters=1, also=life.people)
    with refusal(Reason.PASS):
        other.box.cast(other.uuid, other.ballot(1, HARBOUR), life.draw(0), other.opened)
    with refusal(Reason.BALLOT_ELECTION):
        other.box.cast(other.uuid, life.ballot(0, HARBOUR), other.draw(1), other.opened)


def test_server_and_authority_together_are_seen_by_the_number_of_passes(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=3)
    life.vote(0, HARBOUR)
    stuffed = BallotBox.keep
    package, content = life.package, life.ballot(1, HARBOUR)
    stuffed(life.box, package, life.box.verified(package, content), content, passes.Pass(b"-", b""), life.opened)
    life.close()
    report = audit(life.tally())
    assert report.verdict is Verdict.ACCEPTED  # the record proves codes, not passes
    assert report.counted > service.passes_drawn(life.uuid)


def test_the_authority_sends_no_letters_for_a_list_that_is_not_its_own(tmp_path: Path) -> None:
    life, other = begin(tmp_path / "one", voters=2), begin(tmp_path / "two", voters=2)
    with refusal(Reason.FROZEN):
        authority.letters(tmp_path / "one/authority", other.package)
    assert len(authority.letters(tmp_path / "one/authority", life.package)) == 2


# Trustees


def test_fewer_trustees_than_needed_decrypt_nothing(tmp_path: Path) -> None:
    life = voted(tmp_path, threshold=(3, 5))
    life.close()
    life.tally(present=[0, 4])
    assert life.box.phase(life.uuid) == ceremony.TALLYING
    with life.board().open("rb") as stream:
        after = [step for step in steps(stream) if step.event.type is not EventType.BALLOT]
    tally, decryptions = ceremony.tally_in(after, ()), ceremony.decryptions_in(after)
    with refusal(Reason.DECRYPTION_MISSING):
        plaintexts(tally, life.package.trustees, decryptions)
    weights = {1: 1, 5: 1}  # whatever they try instead
    for ciphertext, one, two in zip(
        tally.questions[0], *(made.factors[0] for made in decryptions.values()), strict=True
    ):
        guess = combined(weights, {1: one, 5: two})
        with refusal(Reason.RESULT):
            compute_result(life.package.election, [[subtract(ciphertext.beta, guess)]], 3)


def test_a_trustee_who_lies_in_the_key_generation_is_named(tmp_path: Path) -> None:
    folders = [tmp_path / str(index) for index in (1, 2, 3)]
    uuid = "AAAAAAAAAAAAAA"
    said = [_read(trustee.certify(who, uuid, 3, 2, index)) for index, who in enumerate(folders, 1)]
    said += [_read(trustee.share(who, uuid, said)) for who in folders]
    liar = next(one for one in said if one["move"] == trustee.SHARES and one["index"] == 2)
    seed = json.loads((folders[1] / trustee.SEED).read_text())["seed"]
    certificate = pedersen.Certificate.from_json(json.loads(said[0]["value"]["message"]))
    false = pedersen.send('{"secret":"42"}', pedersen.Trustee(seed).signing_key, certificate.encryption)
    liar["value"]["secrets"][0] = false
    with pytest.raises(Refused, match="trustee 2, secret: trustee-share"):
        trustee.finish(folders[0], uuid, said)


def test_a_trustee_decrypts_nothing_but_the_closed_board_of_the_frozen_election(tmp_path: Path) -> None:
    life = voted(tmp_path / "one")
    with refusal(Reason.NOT_OPEN):
        life.decrypted_by(life.trustees[0])
    other = voted(tmp_path / "two")
    other.close()
    with refusal(Reason.FROZEN):
        trustee.decrypt(life.trustees[0], other.board(), other.closed, other.logged)


def test_a_trustee_decrypts_no_board_that_a_server_closed_before_its_hour(tmp_path: Path) -> None:
    life = voted(tmp_path)
    life.close()
    with refusal(Reason.NOT_OPEN):
        trustee.decrypt(life.trustees[0], life.board(), life.opened, life.logged)


def second_box(life: Life) -> BallotBox:
    """Another board that the same ballot server keeps beside the first."""
    folder = shutil.copytree(
        life.folder / "box", life.folder / "second", ignore=lambda _, names: [n for n in names if "sqlite" in n]
    )
    box = BallotBox(folder)
    box.install(life.package)
    return box


def test_a_trustee_decrypts_one_tally_and_no_other(tmp_path: Path) -> None:
    life = voted(tmp_path)
    shorter = second_box(life)
    shorter.cast(life.uuid, life.ballot(0, HARBOUR), life.draw(0), life.opened)
    ceremony.close(shorter, life.uuid, life.closed)
    life.close()
    life.decrypted_by(life.trustees[0])
    one_vote = life.folder / "one.bel"
    one_vote.write_bytes(b"".join(shorter.board(life.uuid)))
    with refusal(Reason.FROZEN):
        trustee.decrypt(life.trustees[0], one_vote, life.closed, [shorter.head(life.uuid).checkpoint])


def test_a_board_that_is_not_the_one_in_the_log_is_not_decrypted(tmp_path: Path) -> None:
    """Shown two boards that differ by a ballot, too few honest trustees would decrypt both, and so that vote."""
    life = voted(tmp_path, threshold=(2, 3))
    before = life.logged
    life.close()
    shown = second_box(life)
    shown.cast(life.uuid, life.ballot(0, HARBOUR), life.draw(0), life.opened)
    ceremony.close(shown, life.uuid, life.closed)
    one_vote = tmp_path / "one.bel"
    one_vote.write_bytes(b"".join(shown.board(life.uuid)))
    for checkpoints in (life.logged, before, []):
        with refusal(Reason.CHECKPOINT):
            trustee.decrypt(life.trustees[0], one_vote, life.closed, checkpoints)
    with refusal(Reason.CHECKPOINT):
        trustee.decrypt(life.trustees[0], life.board(), life.closed, before)  # says nothing of the close
    assert life.decrypted_by(life.trustees[0])


def test_shuffles_that_a_server_made_alone_do_not_open_ballots(tmp_path: Path) -> None:
    ranked = RankedQuestion("Who?", ("Ada", "Ben"), {"type": "Schulze"})
    life = begin(tmp_path, ranked, voters=2, threshold=(2, 3))
    life.vote(0, (1, 2)), life.vote(1, (2, 1))
    life.close()
    first = trustee.shuffle(life.trustees[0], life.board(), life.closed, life.logged)
    ceremony.contribute(life.box, life.uuid, first)
    with life.board().open("rb") as stream:
        after = [step for step in steps(stream) if step.event.type is not EventType.BALLOT]
    tally = ceremony.tally_in(after, life.package.election.ranked).of(life.package.election.ranked)
    own = make_shuffle(tally, life.package.election.public_key, life.package.fingerprint)
    with life.board("false.bel").open("r+b") as stream:
        head = list(steps(stream))[-1]
        stream.seek(0, io.SEEK_END)
        record = Record(stream, int(life.package.plan.opens.timestamp()), Checkpoint(head.event.height, head.digest))
        record.shuffle(2, own)
        logged = [record.end_shuffles()]
    signatures = ceremony.progress(life.box, life.uuid).signatures
    assert list(signatures) == [1]
    forged = signatures | {2: first.signature}
    for given in (signatures, forged, {}):
        with refusal(Reason.TRUSTEE_SIGNATURE):
            trustee.decrypt(life.trustees[2], tmp_path / "false.bel", life.closed, logged, given)


def test_a_false_decryption_or_one_in_anothers_name_is_not_taken(tmp_path: Path) -> None:
    life = voted(tmp_path, threshold=(2, 3))
    life.close()
    honest = life.decrypted_by(life.trustees[0])
    with refusal(Reason.TRUSTEE_SIGNATURE):
        ceremony.contribute(life.box, life.uuid, replace(honest, owner=2))
    with refusal(Reason.TRUSTEE_SIGNATURE):
        ceremony.contribute(life.box, life.uuid, replace(honest, signature=Proof(1, 1)))


# The administrator


def test_after_the_freeze_an_administrator_changes_nothing(tmp_path: Path) -> None:
    life = begin(tmp_path)
    known = service.standing(life.uuid)
    with pytest.raises(service.NotNow):
        service.redraft(NODE, life.uuid, replace(known.draft, name="Other"))
    with pytest.raises(service.NotNow):
        service.enter_roll(NODE, life.uuid, [service.RollLine(life.people[0], "Again", "")])


def test_a_plan_edited_in_the_database_is_not_the_one_in_the_log(tmp_path: Path) -> None:
    life = voted(tmp_path)
    later = replace(life.package.plan, closes=life.closed)
    edited = Package(later, life.package.election, life.package.trustees, life.package.credentials)
    models.Election.objects.filter(uuid=life.uuid).update(package=edited.content().decode())
    path = life.folder / "edited.json"
    path.write_bytes(edited.content())
    with refusal(Reason.FROZEN):
        audit_command.check_plan(life.board(), path, life.package.plan.digest)
    with refusal(Reason.FROZEN):
        life.box.install(edited)
    with pytest.raises(FileExistsError):
        trustee.hold(life.trustees[0], edited)


def test_a_package_whose_parts_do_not_fit_its_plan_is_refused(tmp_path: Path) -> None:
    one, other = begin(tmp_path / "one"), begin(tmp_path / "two")
    mixed = replace(one.package, credentials=other.package.credentials)
    with refusal(Reason.FROZEN):
        Package.read(mixed.content())


@dataclass(frozen=True)
class Shown:
    """A ballot server that shows this board."""

    path: Path

    def head(self, _uuid: str) -> Head:
        return _head_of(self.path)

    def board(self, _uuid: str, after: int = 0) -> Iterator[bytes]:
        yield self.path.read_bytes()[after:]


def _head_of(board: Path) -> Head:
    with board.open("rb") as stream:
        last = list(steps(stream))[-1]
    return Head(Checkpoint(last.event.height, last.digest), board.stat().st_size)


def _read(path: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads(path.read_text("utf-8"))
    return value
