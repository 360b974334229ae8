"""The full verification of a record from its file alone (guide 3.8): every byte, key, ballot, sum and proof.

Memory stays bounded: the file is read once in order for the chain, then ballots are verified from the file in chunks,
on as many cores as given. What is kept for each ballot is its place, hash and credential.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, TypeVar

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.archive import Checkpoint, EventType, Member, Owned, Setup, Step, steps
from commonweal.services.voting.engine.ballots import Ballot, verify_ballot
from commonweal.services.voting.engine.credentials import CredentialList
from commonweal.services.voting.engine.decryption import PartialDecryption, Result, plaintexts, verify_result
from commonweal.services.voting.engine.election import Election
from commonweal.services.voting.engine.encoding import read, require_canonical
from commonweal.services.voting.engine.group import Point
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.shuffle import Shuffle
from commonweal.services.voting.engine.tally import Accumulator, EncryptedTally, SizedTally
from commonweal.services.voting.engine.trustees import Trustees

CHUNK = 64  # ballots a task

Read = TypeVar("Read")


class Verdict(StrEnum):
    """What the audit says of a record."""

    ACCEPTED = "accepted"
    UNFINISHED = "unfinished"  # all that is there holds, but the result is not there
    REFUSED = "refused"


@dataclass(frozen=True)
class Finding:
    """One broken rule."""

    reason: Reason
    where: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class Report:
    """What was verified and what was found.

    `complete_since` is the last checkpoint known from elsewhere that this record contains: nothing before it was
    dropped or re-ordered. None means that the record alone was seen, which cannot show that no ballot was left out.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    election: Election | None
    fingerprint: str | None
    head: Checkpoint | None
    phase: EventType | None
    ballots: int
    counted: int
    total_weight: int
    result: Result | None
    complete_since: Checkpoint | None


def audit(path: Path, checkpoints: Sequence[Checkpoint] = (), cores: int = 1) -> Report:
    """Verifies the record in a file, against earlier checkpoints if any are known.

    Never raises for what the file holds: every broken rule becomes a finding. Raises OSError if it cannot be read.
    """
    state = _Record()
    try:
        setup = _follow_chain(path, state, checkpoints)
        state.accumulated = _verify_ballots(path, state, setup, cores)
        if not state.findings:
            _verify_outcome(state, setup, state.accumulated)
    except Refused as refused:
        state.findings.append(_finding(refused))
    return state.report()


@dataclass
class _Record:
    """What has been read so far."""

    findings: list[Finding] = field(default_factory=list)
    setup: _Setup | None = None
    head: Checkpoint | None = None
    phase: EventType | None = None
    ballots: list[_Cast] = field(default_factory=list)
    last: dict[Point, int] = field(default_factory=dict)
    after: list[Step] = field(default_factory=list)
    accumulated: Accumulator | None = None
    result: Result | None = None
    met: list[Checkpoint] = field(default_factory=list)

    def report(self) -> Report:
        verdict = Verdict.ACCEPTED if self.phase is EventType.RESULT else Verdict.UNFINISHED
        counted = self.accumulated
        return Report(
            verdict=Verdict.REFUSED if self.findings else verdict,
            findings=tuple(self.findings),
            election=self.setup.election if self.setup else None,
            fingerprint=self.setup.fingerprint if self.setup else None,
            head=self.head,
            phase=self.phase,
            ballots=len(self.ballots),
            counted=counted.counted if counted else 0,
            total_weight=counted.total_weight if counted else 0,
            result=None if self.findings else self.result,
            complete_since=max(self.met, key=lambda checkpoint: checkpoint.height, default=None),
        )


@dataclass(frozen=True)
class _Setup:
    """What the Setup event fixes."""

    election: Election
    fingerprint: str
    trustees: Trustees
    credentials: CredentialList


@dataclass(frozen=True, slots=True)
class _Cast:
    """Where a ballot stands in the file, its hash, and its credential, None if it does not begin as it must."""

    offset: int
    size: int
    digest: str
    credential: Point | None


# The chain


def _follow_chain(path: Path, state: _Record, checkpoints: Sequence[Checkpoint]) -> _Setup:
    known = {checkpoint.height: checkpoint for checkpoint in checkpoints}
    seen: set[str] = set()
    with path.open("rb") as stream:
        for step in steps(stream):
            state.head, state.phase = Checkpoint(step.event.height, step.digest), step.event.type
            _meet(state, known.get(step.event.height))
            if state.setup is None:
                state.setup = _set_up(step.data)
            elif step.event.type is EventType.BALLOT:
                _board(state, state.setup, step.data[0], seen)
            else:
                state.after.append(step)
    if state.head is None or state.setup is None:
        raise Refused(Reason.CHAIN_ORDER, "end of file", "at least a Setup event", "no event")
    for checkpoint in checkpoints:
        if checkpoint.height > state.head.height:
            got = f"an end at height {state.head.height}"
            raise Refused(Reason.CHECKPOINT, "chain", f"an event at height {checkpoint.height}", got)
    return state.setup


def _meet(state: _Record, checkpoint: Checkpoint | None) -> None:
    if checkpoint is None:
        return
    if checkpoint != state.head:
        got = state.head.digest if state.head else None
        state.findings.append(
            _finding(Refused(Reason.CHECKPOINT, f"event {checkpoint.height}", checkpoint.digest, got))
        )
    else:
        state.met.append(checkpoint)


def _set_up(data: Sequence[Member]) -> _Setup:
    election, trustees, credentials, hashes = data
    named, stored = read(Setup.from_json, hashes.content), Setup(election.digest, trustees.digest, credentials.digest)
    if named != stored:
        raise Refused(Reason.CHAIN_PAYLOAD, "setup", stored, named)
    asked = _within("election", Election.read, election.content)
    deciding = _within("trustees", Trustees.read, trustees.content)
    key = deciding.verify()
    if key != asked.public_key:
        raise Refused(Reason.ELECTION_KEY, "public_key", group.text(key), group.text(asked.public_key))
    listed = _within("credentials", CredentialList.read, credentials.content)
    return _Setup(asked, asked.fingerprint(), deciding, listed)


def _board(state: _Record, setup: _Setup, ballot: Member, seen: set[str]) -> None:
    index = len(state.ballots)
    if ballot.digest in seen:
        refused = Refused(Reason.BALLOT_DUPLICATE, f"ballot {index}", "a ballot not cast before", ballot.digest)
        state.findings.append(_finding(refused))
    seen.add(ballot.digest)
    credential = _credential_of(setup, ballot.content)
    if credential is not None:
        state.last[credential] = index
    state.ballots.append(_Cast(ballot.offset, len(ballot.content), ballot.digest, credential))


def _credential_of(setup: _Setup, content: bytes) -> Point | None:
    """The listed credential that a canonical ballot of this election names at its fixed place; else None."""
    uuid, fingerprint = setup.election.uuid, setup.fingerprint
    prefix = f'{{"election_uuid":"{uuid}","election_hash":"{fingerprint}","credential":"'.encode()
    if not content.startswith(prefix):
        return None
    try:
        credential = group.read_point(content[len(prefix) : len(prefix) + 64].decode())
    except (UnicodeDecodeError, Refused):
        return None
    return credential if credential in setup.credentials.weights else None


# The ballots


def _verify_ballots(path: Path, state: _Record, setup: _Setup, cores: int) -> Accumulator:
    """Verifies every ballot and adds up those that count."""
    from joblib import Parallel, delayed  # type: ignore[import-untyped]  # 18 MB that only whoever verifies needs

    accumulated = Accumulator(setup.election)
    content = setup.election.content()
    work = (delayed(_verify_chunk)(path, content, chunk) for chunk in _chunks(state, setup))
    for findings, part in Parallel(n_jobs=cores, return_as="generator")(work):
        state.findings.extend(findings)
        accumulated.merge(part)
    return accumulated


def _chunks(state: _Record, setup: _Setup) -> Iterator[list[tuple[int, _Cast, int | None]]]:
    """Ballots as (index, place, weight), weight None if a later ballot of the same credential replaces it."""
    for start in range(0, len(state.ballots), CHUNK):
        chunk = []
        for index, cast in enumerate(state.ballots[start : start + CHUNK], start):
            weight = None
            if cast.credential is not None and state.last[cast.credential] == index:
                weight = setup.credentials.weights[cast.credential]
            chunk.append((index, cast, weight))
        yield chunk


def _verify_chunk(
    path: Path, election_content: bytes, chunk: Iterable[tuple[int, _Cast, int | None]]
) -> tuple[list[Finding], Accumulator]:
    election = Election.read(election_content)
    fingerprint = election.fingerprint()
    accumulated, findings = Accumulator(election), []
    with path.open("rb") as stream:
        for index, cast, weight in chunk:
            try:
                ballot = _verified(stream, cast, election, fingerprint)
                if weight is not None:
                    accumulated.add(ballot, weight)
            except Refused as refused:
                findings.append(_finding(refused.within(f"ballot {index}")))
    return findings, accumulated


def _verified(stream: BinaryIO, cast: _Cast, election: Election, fingerprint: str) -> Ballot:
    stream.seek(cast.offset)
    content = stream.read(cast.size)
    if sha256_hex(content) != cast.digest:
        raise Refused(Reason.ARCHIVE_HASH, f"byte {cast.offset}", cast.digest, "a file that changed during the audit")
    return verify_ballot(election, () if cast.credential is None else (cast.credential,), content, fingerprint)


# What follows the ballots


def _verify_outcome(state: _Record, setup: _Setup, accumulated: Accumulator) -> None:
    tally, total_weight, shuffles = EncryptedTally(()), accumulated.total_weight, 0
    decryptions: dict[int, PartialDecryption] = {}
    for step in state.after:
        match step.event.type:
            case EventType.ENCRYPTED_TALLY:
                tally = _verify_sums(accumulated, step)
            case EventType.SHUFFLE:
                tally = _verify_shuffle(setup, step, tally, shuffles)
                shuffles += 1
            case EventType.END_SHUFFLES | EventType.PARTIAL_DECRYPTION if setup.election.ranked and not shuffles:
                wanted = "a shuffle before ballots are decrypted singly"
                raise Refused(Reason.SHUFFLE_MISSING, step.event.type, wanted, "none")
            case EventType.PARTIAL_DECRYPTION:
                _verify_decryption(setup, step, tally, decryptions)
            case EventType.RESULT:
                state.result = _within("result", Result.read, step.data[0].content)
                points = plaintexts(tally, setup.trustees, decryptions)
                verify_result(setup.election, state.result, points, total_weight)


def _verify_sums(accumulated: Accumulator, step: Step) -> EncryptedTally:
    written, numbers = step.data
    tally = accumulated.tally()
    try:
        require_canonical(tally.as_json(), written.content)
    except Refused as refused:
        raise Refused(Reason.TALLY, "encrypted tally", refused.expected, refused.got) from None
    expected, sized = accumulated.sized(tally), read(SizedTally.from_json, numbers.content)
    if sized != expected:
        raise Refused(Reason.TALLY_COUNT, "encrypted tally", expected, sized)
    return tally


def _verify_shuffle(setup: _Setup, step: Step, tally: EncryptedTally, number: int) -> EncryptedTally:
    _, content = _owned(setup.trustees, step)
    ranked = setup.election.ranked
    if not ranked:
        raise Refused(Reason.CHAIN_ORDER, "Shuffle", "no shuffle where no question is ranked", "a shuffle")
    shuffle = _within(f"shuffle {number}", Shuffle.read, content)
    try:
        shuffle.verify(tally.of(ranked), setup.election.public_key, setup.fingerprint)
    except Refused as refused:
        raise refused.within(f"shuffle {number}") from None
    return tally.replaced(ranked, shuffle.ciphertexts)


def _verify_decryption(
    setup: _Setup, step: Step, tally: EncryptedTally, decryptions: dict[int, PartialDecryption]
) -> None:
    owner, content = _owned(setup.trustees, step)
    if owner in decryptions:
        raise Refused(Reason.OWNER, "partial decryption", "one for each trustee", f"a second of trustee {owner}")
    try:
        decryption = PartialDecryption.read(content)
        decryption.verify(tally, setup.fingerprint, setup.trustees.public_key_of(owner))
    except Refused as refused:
        raise refused.within(f"partial decryption of trustee {owner}") from None
    decryptions[owner] = decryption


def _owned(trustees: Trustees, step: Step) -> tuple[int, bytes]:
    content, owned = step.data
    named = read(Owned.from_json, owned.content)
    if named.payload != content.digest:
        raise Refused(Reason.CHAIN_PAYLOAD, step.event.type, content.digest, named.payload)
    trustees.public_key_of(named.owner)
    return named.owner, content.content


def _within(place: str, reader: Callable[[bytes], Read], content: bytes) -> Read:
    try:
        return reader(content)
    except Refused as refused:
        raise refused.within(place) from None


def _finding(refused: Refused) -> Finding:
    return Finding(refused.reason, refused.where, refused.expected, refused.got)
