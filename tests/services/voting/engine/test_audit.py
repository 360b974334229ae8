"""The auditor against whoever runs the server: each step of a record forged in turn, and any bytes at all."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonweal.services.voting.engine.archive import Checkpoint, EventType, Step, Writer, header_block, member, steps
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.ballots import read_ballot
from commonweal.services.voting.engine.decryption import decrypt_partially
from commonweal.services.voting.engine.election import RankedQuestion
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.tally import Accumulator
from tests.services.voting.engine.elections import ONE_OF_THREE, TIMESTAMP, Poll, poll, single, threshold, together
from tests.services.voting.engine.forging import Content, contents, rewritten


@pytest.fixture(scope="module")
def election(tmp_path_factory: pytest.TempPathFactory) -> tuple[Poll, Path]:
    made = poll(ONE_OF_THREE, RankedQuestion("Rank", ("A", "B")), voters=4, keys=together(single(2), threshold(1, 2)))
    for voter in range(4):
        made.vote(voter, (1, 0, 0), (1, 2))
    return made, made.write(tmp_path_factory.mktemp("record") / "true.bel")


def reasons(path: Path, *checkpoints: Checkpoint) -> set[Reason]:
    report = audit(path, checkpoints)
    assert (report.verdict is Verdict.REFUSED) == bool(report.findings)
    return {finding.reason for finding in report.findings}


def test_a_rewritten_record_is_the_same(election: tuple[Poll, Path], tmp_path: Path) -> None:
    assert rewritten(contents(election[1]), tmp_path / "copy.bel").read_bytes() == election[1].read_bytes()
    assert audit(election[1]).verdict is Verdict.ACCEPTED


def edited(step: EventType, item: int, change: Callable[[Any], Any]) -> Callable[[Content], None]:
    def edit(content: Content) -> None:
        data = next(data for kind, data in content if kind is step)
        value = json.loads(data[item])
        data[item] = canonical(change(value))

    return edit


def without(step: EventType) -> Callable[[Content], None]:
    return lambda content: content.remove(next(each for each in content if each[0] is step))


def repeated(step: EventType) -> Callable[[Content], None]:
    def edit(content: Content) -> None:
        index = next(index for index, each in enumerate(content) if each[0] is step)
        content.insert(index, content[index])

    return edit


SETUP, BALLOT, TALLY = EventType.SETUP, EventType.BALLOT, EventType.ENCRYPTED_TALLY
SHUFFLE, DECRYPTION, RESULT = EventType.SHUFFLE, EventType.PARTIAL_DECRYPTION, EventType.RESULT
HUGE = "9" * 40

FORGERIES: dict[str, tuple[Callable[[Content], None], Reason]] = {
    "renamed after the freeze": (edited(SETUP, 0, lambda e: e | {"name": "New"}), Reason.BALLOT_FINGERPRINT),
    "another key": (edited(SETUP, 0, lambda e: e | {"public_key": "66" * 31 + "58"}), Reason.ELECTION_KEY),
    "a trustee removed": (edited(SETUP, 1, lambda t: t[1:]), Reason.ELECTION_KEY),
    "no trustee": (edited(SETUP, 1, lambda _: []), Reason.ELECTION_KEY),
    "a voter struck off": (edited(SETUP, 2, lambda c: c[1:]), Reason.CREDENTIAL_UNKNOWN),
    "version 2": (edited(SETUP, 0, lambda e: e | {"version": 2}), Reason.UNSUPPORTED),
    "another group": (edited(SETUP, 0, lambda e: e | {"group": "RFC-3526-2048"}), Reason.UNSUPPORTED),
    "a ballot dropped, tally kept": (without(BALLOT), Reason.TALLY),
    "a ballot twice": (repeated(BALLOT), Reason.BALLOT_DUPLICATE),
    "no end of voting": (without(EventType.END_BALLOTS), Reason.CHAIN_ORDER),
    "weight counted twice": (edited(TALLY, 1, lambda t: t | {"total_weight": 8}), Reason.TALLY_COUNT),
    "a ranked ballot dropped": (edited(TALLY, 0, lambda t: [t[0], t[1][1:]]), Reason.TALLY),
    "ranked ballots unsorted": (edited(TALLY, 0, lambda t: [t[0], t[1][::-1]]), Reason.TALLY),
    "a shuffle left out": (without(SHUFFLE), Reason.SHUFFLE_PROOF),
    "a shuffle twice": (repeated(SHUFFLE), Reason.SHUFFLE_PROOF),
    "shuffles not ended": (without(EventType.END_SHUFFLES), Reason.CHAIN_ORDER),
    "a shuffle by nobody": (edited(SHUFFLE, 1, lambda o: o | {"owner": 9}), Reason.OWNER),
    "a decryption by nobody": (edited(DECRYPTION, 1, lambda o: o | {"owner": 0}), Reason.OWNER),
    "a decryption by another": (edited(DECRYPTION, 1, lambda o: o | {"owner": 2}), Reason.DECRYPTION_PROOF),
    "a decryption twice": (repeated(DECRYPTION), Reason.OWNER),
    "a needed trustee absent": (without(DECRYPTION), Reason.DECRYPTION_MISSING),
    "a vote moved": (edited(RESULT, 0, lambda r: {"result": [[3, 1, 0], r["result"][1]]}), Reason.RESULT),
    "a huge count": (edited(RESULT, 0, lambda r: {"result": [[HUGE, 0, 0], r["result"][1]]}), Reason.MALFORMED),
    "a ranking changed": (edited(RESULT, 0, lambda r: {"result": [r["result"][0], [[2, 1]] * 4]}), Reason.RESULT),
    "a question left out": (edited(RESULT, 0, lambda r: {"result": r["result"][:1]}), Reason.RESULT),
    "a second result": (repeated(RESULT), Reason.CHAIN_ORDER),
}


@pytest.mark.parametrize(("forge", "reason"), FORGERIES.values(), ids=FORGERIES)
def test_forgeries(
    election: tuple[Poll, Path], tmp_path: Path, forge: Callable[[Content], None], reason: Reason
) -> None:
    content = contents(election[1])
    forge(content)
    assert reasons(rewritten(content, tmp_path / "forged.bel")) == {reason}


def test_an_honest_looking_tally_without_one_ballot(tmp_path: Path) -> None:
    """The server leaves a ballot that is on the board out of the sums; trustees decrypt what they are given."""
    dropped = poll(ONE_OF_THREE, voters=3)
    for voter in range(3):
        dropped.vote(voter, (0, 1, 0))
    whole = contents(dropped.write(tmp_path / "whole.bel"))
    dropped.cast.pop()
    short = contents(dropped.write(tmp_path / "short.bel"))
    forged = [*whole[:5], *short[4:]]
    assert [kind for kind, _ in forged].count(EventType.BALLOT) == 3
    assert reasons(rewritten(forged, tmp_path / "forged.bel")) == {Reason.TALLY}


def test_what_only_a_checkpoint_shows(election: tuple[Poll, Path], tmp_path: Path) -> None:
    with election[1].open("rb") as stream:
        heads = [Checkpoint(step.event.height, step.digest) for step in steps(stream)]
    content = contents(election[1])
    content[2], content[3] = content[3], content[2]
    reordered = rewritten(content, tmp_path / "reordered.bel")
    assert reasons(reordered) == set()
    assert reasons(reordered, heads[1]) == set()
    assert audit(reordered, [heads[1]]).complete_since == heads[1]
    assert reasons(reordered, heads[2]) == {Reason.CHECKPOINT}
    truncated = rewritten(contents(election[1])[:3], tmp_path / "truncated.bel")
    assert audit(truncated).verdict is Verdict.UNFINISHED
    assert reasons(truncated, heads[3]) == {Reason.CHECKPOINT}


@pytest.mark.parametrize("events", range(1, 14))
def test_every_prefix_is_unfinished_not_accepted(election: tuple[Poll, Path], tmp_path: Path, events: int) -> None:
    content = contents(election[1])
    report = audit(rewritten(content[:events], tmp_path / "prefix.bel"))
    whole = events == len(content)
    assert report.verdict is (Verdict.ACCEPTED if whole else Verdict.UNFINISHED), report.findings
    assert (report.result is not None) == whole


def test_an_empty_file_and_one_that_is_cut(election: tuple[Poll, Path], tmp_path: Path) -> None:
    path = tmp_path / "cut.bel"
    whole = election[1].read_bytes()
    for length in (0, 100, 512, 1024, 1500, 2048, len(whole) - 1, len(whole) - 512):
        path.write_bytes(whole[:length])
        assert reasons(path) <= {Reason.ARCHIVE_FORMAT, Reason.CHAIN_ORDER, Reason.MALFORMED}
        assert audit(path).verdict is Verdict.REFUSED


def test_the_header_is_exact(election: tuple[Poll, Path], tmp_path: Path) -> None:
    path = tmp_path / "header.bel"
    rest = election[1].read_bytes()[1024:]
    for content in (
        b'{"version":1,"timestamp":1795000000}',
        b'{"timestamp":"1795000000","version":1}',
        b"{}",
        b'{"version":2,"timestamp":"1"}',
    ):
        path.write_bytes(member("BELENIOS", content, TIMESTAMP) + rest)
        assert audit(path).verdict is Verdict.REFUSED
    path.write_bytes(election[1].read_bytes()[:1024] + header_block("a" * 64 + ".data.json", -1, TIMESTAMP) + rest)
    assert reasons(path) == {Reason.ARCHIVE_FORMAT}
    path.write_bytes(header_block("OTHER", 0, TIMESTAMP) + rest)
    assert reasons(path) == {Reason.ARCHIVE_FORMAT}


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_byte_can_be_changed(election: tuple[Poll, Path], tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(election[1].read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "flipped.bel"
    path.write_bytes(content)
    assert audit(path).verdict is Verdict.REFUSED


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False) | st.just("0" * 64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_stands_in_a_record_the_audit_answers(
    election: tuple[Poll, Path], tmp_path: Path, data: st.DataObject
) -> None:
    """Any value put at any place of any object, hashes made to fit: a finding, never an exception."""
    content = contents(election[1])
    kind, items = content[data.draw(st.integers(0, len(content) - 1))]
    if not items:
        return
    index = data.draw(st.integers(0, len(items) - 1))
    value = json.loads(items[index])
    place, key = None, None
    inner = value
    while isinstance(inner, (dict, list)) and inner and (place is None or data.draw(st.integers(0, 4))):
        place, key = inner, data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        inner = place[key]
    new = data.draw(anything)
    if place is None or place[key] == new:
        return
    place[key] = new
    items[index] = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if kind in (EventType.SHUFFLE, EventType.PARTIAL_DECRYPTION, EventType.ENCRYPTED_TALLY) and index == 1:
        return  # rewritten by `rewritten`
    path = rewritten(content, tmp_path / "odd.bel")
    report = audit(path)
    assert report.verdict is Verdict.REFUSED or (kind is EventType.SETUP and index == 3)


def test_a_record_goes_on_after_a_restart(election: tuple[Poll, Path]) -> None:
    content = contents(election[1])
    whole = io.BytesIO()
    head = None
    for kind, data in content:
        writer = Writer(whole, TIMESTAMP, head)
        payload = None
        for item in data:
            payload = writer.data(item)
        head = writer.event(kind, payload)
    assert whole.getvalue() == election[1].read_bytes()


def test_steps_hold_only_one_event_at_a_time(election: tuple[Poll, Path]) -> None:
    with election[1].open("rb") as stream:
        first: Step = next(steps(stream))
    assert first.event.type is EventType.SETUP
    assert [len(data) for _, data in contents(election[1])[1:3]] == [1, 1]


def test_weights_beside_a_ranked_question_are_refused_at_the_freeze_and_in_the_tally(tmp_path: Path) -> None:
    made = poll(RankedQuestion("Rank", ("A", "B")), voters=1, weights=[2])
    with pytest.raises(Refused) as refused:
        made.write(tmp_path / "record.bel")
    assert refused.value.reason is Reason.ELECTION_RULES
    ballot = read_ballot(made.election, made.vote(0, (1, 2)))
    with pytest.raises(Refused) as refused:
        Accumulator(made.election).add(ballot, 2)
    assert refused.value.reason is Reason.TALLY_COUNT


def test_a_trustee_cannot_decrypt_before_the_shuffle_unnoticed(election: tuple[Poll, Path], tmp_path: Path) -> None:
    made, path = election
    content = [each for each in contents(path) if each[0] is not EventType.SHUFFLE]
    accumulator = Accumulator(made.election)
    for _, ballot in made.cast:
        accumulator.add(read_ballot(made.election, ballot))
    fingerprint = made.election.fingerprint()
    decryption = decrypt_partially(accumulator.tally(), fingerprint, made.keys.private[1])
    index = next(i for i, each in enumerate(content) if each[0] is EventType.PARTIAL_DECRYPTION)
    content[index] = (EventType.PARTIAL_DECRYPTION, [decryption.content(), content[index][1][1]])
    assert reasons(rewritten(content, tmp_path / "early.bel")) == {Reason.SHUFFLE_MISSING}
    ended = [each for each in content if each[0] is not EventType.END_SHUFFLES]
    assert reasons(rewritten(ended, tmp_path / "ended.bel")) == {Reason.SHUFFLE_MISSING}
