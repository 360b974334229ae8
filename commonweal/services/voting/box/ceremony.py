"""From the close to the result: the tally, the shuffles and decryptions that trustees bring, the result.

What a trustee brings is checked by its own proof before it enters the record, so that it matters little who carries
it; a shuffle proves nothing about its maker and is signed besides.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO

from commonweal.services.voting.box.ballot_box import DONE, TALLYING, VOTING, BallotBox, add_to_board, note_end
from commonweal.services.voting.engine.archive import (
    HEADER_NAME,
    Event,
    EventType,
    Owned,
    Step,
    header,
    member,
    steps,
)
from commonweal.services.voting.engine.ballots import read_ballot
from commonweal.services.voting.engine.decryption import PartialDecryption, compute_result, plaintexts
from commonweal.services.voting.engine.encoding import (
    JSON,
    canonical,
    decimal,
    encoded,
    fields,
    members,
    number,
    parse,
    string,
)
from commonweal.services.voting.engine.encoding import read as read_written
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.keys import verify_signature
from commonweal.services.voting.engine.pedersen import Pedersen
from commonweal.services.voting.engine.proofs import Proof
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.shuffle import Shuffle
from commonweal.services.voting.engine.tally import Accumulator, EncryptedTally, SizedTally
from commonweal.services.voting.engine.trustees import Trustees
from commonweal.services.voting.frozen import Package

SHUFFLE, DECRYPTION = "shuffle", "decryption"


@dataclass(frozen=True)
class Contribution:
    """What trustee `owner`, counted from 1, brings: canonical bytes, and the owner's signature over `claim`."""

    kind: str
    owner: int
    content: bytes
    signature: Proof

    @classmethod
    def read(cls, content: bytes) -> Contribution:
        """Raises Refused."""
        value = fields(parse(content), ("kind", "owner", "content", "signature"))
        kind = string(value["kind"])
        if kind not in (SHUFFLE, DECRYPTION):
            raise Refused(Reason.MALFORMED, "kind", f"{SHUFFLE} or {DECRYPTION}", kind)
        return cls(kind, number(value["owner"]), encoded(value["content"]), Proof.from_json(value["signature"]))

    def written(self) -> bytes:
        """The bytes of the file that a trustee hands over."""
        value = {"kind": self.kind, "owner": self.owner, "content": self.content.decode()}
        return canonical(value | {"signature": self.signature.as_json()})


def claim(kind: str, fingerprint: str, content: bytes) -> str:
    """What a trustee signs about a contribution."""
    return f"commonweal/{kind}|{fingerprint}|{sha256_hex(content)}"


@dataclass(frozen=True)
class Progress:
    """How far the ceremony is: who brought what, and how many are needed.

    `signatures` are those over the shuffles, by owner: the record has no place for them.
    """

    phase: str
    shuffled: tuple[int, ...]
    signatures: Mapping[int, Proof]
    shuffles: int
    decrypted: tuple[int, ...]
    trustees: int

    def as_json(self) -> JSON:
        """For the pages that show it live."""
        return {
            "phase": self.phase,
            "shuffled": list(self.shuffled),
            "signatures": {str(owner): signature.as_json() for owner, signature in self.signatures.items()},
            "shuffles": self.shuffles,
            "decrypted": list(self.decrypted),
            "trustees": self.trustees,
        }


def close(box: BallotBox, uuid: str, now: datetime) -> bool:
    """End the ballots and publish the encrypted tally, once the frozen hour has come. True if it was done now."""
    package = box.package(uuid)
    if now < package.plan.closes or box.phase(uuid) != VOTING:
        return False
    with box.store.writing() as db:
        if _phase(db, uuid) != VOTING:
            return False
        box.grow(db, uuid)
        counted = _accumulated(box, package)
        tally, stream = counted.tally(), io.BytesIO()
        record = box.record(db, uuid, stream)
        record.end_ballots()
        head = record.encrypted_tally(tally, counted.sized(tally))
        add_to_board(db, uuid, stream.getvalue())
        note_end(db, uuid, head)
        db.execute("UPDATE election SET phase = ? WHERE uuid = ?", [TALLYING, uuid])
    box.store.forget_order()
    return True


def contribute(box: BallotBox, uuid: str, given: Contribution) -> Progress:
    """Take what a trustee brings, once, and publish the result when it was the last that is needed.

    Raises Refused for a contribution whose proof or signature is false, or that is not due.
    """
    package = box.package(uuid)
    key = package.trustees.public_key_of(given.owner)
    verify_signature(claim(given.kind, package.fingerprint, given.content), key, given.signature, "contribution")
    with box.store.writing() as db:
        if _phase(db, uuid) != TALLYING:
            raise Refused(Reason.NOT_OPEN, "ceremony", "a closed board whose result is open", _phase(db, uuid))
        if given.owner in _owners(db, uuid, given.kind):
            return progress(box, uuid)
        after = after_ballots(box, uuid)
        (_shuffle if given.kind == SHUFFLE else _decrypt)(box, db, package, after, given)
    return progress(box, uuid)


def progress(box: BallotBox, uuid: str) -> Progress:
    """How far the ceremony is. Raises UnknownElection."""
    package, db = box.package(uuid), box.store.reading()
    return Progress(
        box.phase(uuid),
        _owners(db, uuid, SHUFFLE),
        _signatures(db, uuid),
        package.plan.shuffles,
        _owners(db, uuid, DECRYPTION),
        len(package.trustees.public_keys),
    )


def signatures_in(written: bytes) -> dict[int, Proof]:
    """Those over the shuffles in the ceremony.json that the ballot server gives. Raises Refused."""
    try:
        given = members(members(parse(written))["signatures"])
        return {decimal(owner): Proof.from_json(value) for owner, value in given.items()}
    except KeyError:
        raise Refused(Reason.MALFORMED, "ceremony.json", "field signatures", "none") from None
    except Refused as refused:
        raise refused.within("ceremony.json, signatures") from None


def needed(trustees: Trustees) -> int:
    """How many trustees must work together before anything is decrypted: so many shuffles leave no doubt."""
    return sum(item.threshold if isinstance(item, Pedersen) else 1 for item in trustees.items)


def _shuffle(
    box: BallotBox, db: sqlite3.Connection, package: Package, after: Sequence[Step], given: Contribution
) -> None:
    uuid, ranked = package.plan.uuid, package.election.ranked
    done = _owners(db, uuid, SHUFFLE)
    if len(done) >= package.plan.shuffles:
        raise Refused(Reason.NOT_OPEN, "shuffle", f"{package.plan.shuffles} shuffles", "one more")
    shuffle = Shuffle.read(given.content)
    shuffle.verify(
        tally_in(after, package.election.ranked).of(ranked), package.election.public_key, package.fingerprint
    )
    stream = io.BytesIO()
    record = box.record(db, uuid, stream)
    head = record.shuffle(given.owner, shuffle)
    if len(done) + 1 == package.plan.shuffles:
        head = record.end_shuffles()
    add_to_board(db, uuid, stream.getvalue())
    note_end(db, uuid, head)
    db.execute("INSERT INTO contribution VALUES (?, ?, ?)", [uuid, SHUFFLE, given.owner])
    signature = canonical(given.signature.as_json())
    db.execute("INSERT INTO shuffle_signature VALUES (?, ?, ?)", [uuid, given.owner, signature])


def _decrypt(
    box: BallotBox, db: sqlite3.Connection, package: Package, after: Sequence[Step], given: Contribution
) -> None:
    uuid, key = package.plan.uuid, package.trustees.public_key_of(given.owner)
    if len(_owners(db, uuid, SHUFFLE)) < package.plan.shuffles:
        raise Refused(Reason.SHUFFLE_MISSING, "decryption", f"{package.plan.shuffles} shuffles before it", "fewer")
    tally = tally_in(after, package.election.ranked)
    decryption = PartialDecryption.read(given.content)
    decryption.verify(tally, package.fingerprint, key)
    stream = io.BytesIO()
    record = box.record(db, uuid, stream)
    head = record.partial_decryption(given.owner, decryption)
    db.execute("INSERT INTO contribution VALUES (?, ?, ?)", [uuid, DECRYPTION, given.owner])
    decryptions = decryptions_in(after) | {given.owner: decryption}
    if _suffice(package.trustees, decryptions):
        points = plaintexts(tally, package.trustees, decryptions)
        head = record.result(compute_result(package.election, points, _sized(after).total_weight))
        db.execute("UPDATE election SET phase = ? WHERE uuid = ?", [DONE, uuid])
    add_to_board(db, uuid, stream.getvalue())
    note_end(db, uuid, head)


def _suffice(trustees: Trustees, decryptions: dict[int, PartialDecryption]) -> bool:
    try:
        trustees.coefficients(list(decryptions))
    except Refused:
        return False
    return True


def tally_in(after: Sequence[Step], ranked: Sequence[int]) -> EncryptedTally:
    """What is to be decrypted, in the steps that follow the ballots: the tally, its ranked questions shuffled."""
    tally = EncryptedTally(())
    for step in after:
        if step.event.type is EventType.ENCRYPTED_TALLY:
            tally = EncryptedTally.from_json(parse(step.data[0].content))
        elif step.event.type is EventType.SHUFFLE:
            tally = tally.replaced(ranked, Shuffle.read(step.data[0].content).ciphertexts)
    return tally


def decryptions_in(after: Sequence[Step]) -> dict[int, PartialDecryption]:
    """The partial decryptions among these steps, by owner."""
    return {
        read_written(Owned.from_json, step.data[1].content).owner: PartialDecryption.read(step.data[0].content)
        for step in after
        if step.event.type is EventType.PARTIAL_DECRYPTION
    }


def _sized(after: Sequence[Step]) -> SizedTally:
    step = next(step for step in after if step.event.type is EventType.ENCRYPTED_TALLY)
    return SizedTally.from_json(parse(step.data[1].content))


def after_ballots(box: BallotBox, uuid: str) -> list[Step]:
    """The steps of the record that follow its ballots: the end of the file, read without all that comes before."""
    timestamp = box.timestamp(uuid)
    height, digest, size = _last_ballot(box, uuid)
    last = Step(Event(None, height, EventType.BALLOT if height else EventType.SETUP, None), digest, ())
    rest = b"".join(box.board(uuid, size))
    return list(steps(io.BytesIO(member(HEADER_NAME, header(timestamp), timestamp) + rest), last))


def _last_ballot(box: BallotBox, uuid: str) -> tuple[int, str, int]:
    """Height and digest of the last ballot's event, and where it ends: the setup's where there is no ballot."""
    found: tuple[int, str, int] = (
        box.store.reading()
        .execute(
            "SELECT height, digest, size FROM checkpoint "
            "WHERE uuid = ? AND height = (SELECT count(*) FROM ballot WHERE ballot.uuid = checkpoint.uuid)",
            [uuid],
        )
        .fetchone()
    )
    return found


def _accumulated(box: BallotBox, package: Package) -> Accumulator:
    """The sums of the last ballot of each credential on the board; each was verified before it was taken."""
    counted, last = Accumulator(package.election), dict[str, tuple[int, int]]()
    with _file(box, package.plan.uuid) as stream:
        for step in steps(stream):
            if step.event.type is EventType.BALLOT:
                (cast,) = step.data
                last[parse(cast.content)["credential"]] = cast.offset, len(cast.content)
        for offset, size in last.values():
            stream.seek(offset)
            ballot = read_ballot(package.election, stream.read(size))
            counted.add(ballot, package.credentials.weights[ballot.credential])
    return counted


@contextmanager
def _file(box: BallotBox, uuid: str) -> Iterator[BinaryIO]:
    """The record so far as a passing file: it may be larger than the memory."""
    with TemporaryFile() as stream:
        stream.writelines(box.board(uuid))
        stream.seek(0)
        yield stream


def _phase(db: sqlite3.Connection, uuid: str) -> str:
    return str(db.execute("SELECT phase FROM election WHERE uuid = ?", [uuid]).fetchone()[0])


def _owners(db: sqlite3.Connection, uuid: str, kind: str) -> tuple[int, ...]:
    rows = db.execute("SELECT owner FROM contribution WHERE uuid = ? AND kind = ? ORDER BY owner", [uuid, kind])
    return tuple(row[0] for row in rows)


def _signatures(db: sqlite3.Connection, uuid: str) -> dict[int, Proof]:
    rows = db.execute("SELECT owner, content FROM shuffle_signature WHERE uuid = ? ORDER BY owner", [uuid])
    return {owner: Proof.from_json(parse(content)) for owner, content in rows}
