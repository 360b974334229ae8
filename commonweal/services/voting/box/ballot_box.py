"""The ballot box: takes a ballot with its pass, and grows the board in batches on a fixed clock.

A ballot is taken when it verifies against the frozen setup, its pass was signed by the identity role, and neither the
pass nor the credential was first used with another: a stolen code without its pass casts nothing, nor the reverse.
"""

from __future__ import annotations

import io
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from commonweal.services.voting.box import promises
from commonweal.services.voting.box.store import Store
from commonweal.services.voting.engine.archive import Checkpoint
from commonweal.services.voting.engine.ballots import Ballot, verify_ballot
from commonweal.services.voting.engine.hashing import sha256_base64
from commonweal.services.voting.engine.passes import Pass, verify_pass
from commonweal.services.voting.engine.record import Record
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.receipts import Receipt

PIECE = 500  # ballots in one row of the board
VOTING, TALLYING, DONE = "voting", "tallying", "done"


class UnknownElection(LookupError):
    """No election with this id is in this box."""


@dataclass(frozen=True)
class Taken:
    """A ballot is durable. `again`: it was here before."""

    tracker: str
    again: bool


@dataclass(frozen=True)
class Head:
    """The end of the board as it stands in the box: what a checkpoint says, and the size of the file in bytes."""

    checkpoint: Checkpoint
    size: int


class BallotBox:
    """One folder, any number of elections."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder)
        self._packages: dict[str, Package] = {}

    def install(self, package: Package) -> None:
        """Take in a frozen election and begin its board. The same again changes nothing.

        Raises Refused(FROZEN) when the box holds another setup under this id, or not the key for its receipts.
        """
        uuid, content = package.plan.uuid, package.content()
        promises.require_key(self.folder, package)
        with self.store.writing() as db:
            held = db.execute("SELECT package FROM election WHERE uuid = ?", [uuid]).fetchone()
            if held is not None:
                if held[0] != content:
                    raise Refused(Reason.FROZEN, uuid, "the setup that was installed first", "another")
                return
            db.execute("INSERT INTO election VALUES (?, ?, ?, 0)", [uuid, content, VOTING])
            stream = io.BytesIO()
            timestamp = int(package.plan.opens.timestamp())
            head = Record(stream, timestamp).set_up(package.election, package.trustees, package.credentials)
            add_to_board(db, uuid, stream.getvalue())
            note_end(db, uuid, head)

    def elections(self) -> list[str]:
        """The ids of the elections in this box."""
        return [row[0] for row in self.store.reading().execute("SELECT uuid FROM election ORDER BY uuid")]

    def package(self, uuid: str) -> Package:
        """The frozen setup. Raises UnknownElection."""
        if uuid not in self._packages:
            row = self.store.reading().execute("SELECT package FROM election WHERE uuid = ?", [uuid]).fetchone()
            if row is None:
                raise UnknownElection(f"there is no election {uuid} in this box")
            self._packages[uuid] = Package.read(row[0])
        return self._packages[uuid]

    def phase(self, uuid: str) -> str:
        """`voting`, `tallying` or `done`. Raises UnknownElection."""
        row = self.store.reading().execute("SELECT phase FROM election WHERE uuid = ?", [uuid]).fetchone()
        if row is None:
            raise UnknownElection(f"there is no election {uuid} in this box")
        return str(row[0])

    # Casting

    def cast(self, uuid: str, content: bytes, shown: Pass, now: datetime) -> Taken:
        """Take one ballot. Returns when it is durable; the same ballot again is the same success.

        Raises UnknownElection; Refused: NOT_OPEN, PASS, PASS_BOUND, or the rule that the ballot breaks.
        """
        package = self.package(uuid)
        tracker = sha256_base64(content)
        if self._known(self.store.reading(), uuid, tracker):
            return Taken(tracker, True)
        self._require_open(package, now)
        verify_pass(package.pass_key, shown)
        return self.keep(package, self.verified(package, content), content, shown, now)

    def verified(self, package: Package, content: bytes) -> Ballot:
        """The ballot, if the record may hold it. Raises Refused."""
        return verify_ballot(package.election, package.credentials.weights, content, package.fingerprint)

    def keep(self, package: Package, ballot: Ballot, content: bytes, shown: Pass, now: datetime) -> Taken:
        """Store a verified ballot beside its verified pass. Raises Refused(PASS_BOUND), Refused(NOT_OPEN)."""
        uuid, tracker = package.plan.uuid, sha256_base64(content)
        with self.store.writing() as db:
            if self._known(db, uuid, tracker):
                return Taken(tracker, True)
            self._require_open(package, now)
            if db.execute("SELECT phase FROM election WHERE uuid = ?", [uuid]).fetchone()[0] != VOTING:
                raise _not_open("closed")
            turn = _bound(db, uuid, ballot.credential, shown.digest)
            row = [uuid, tracker, ballot.credential, turn, content]
            db.execute("INSERT INTO ballot VALUES (?, ?, ?, ?, ?)", row)
        return Taken(tracker, False)

    def receipt(self, uuid: str, tracker: str) -> Receipt | None:
        """The promise that a taken ballot is on the board when it closes; None where the plan names no key for it."""
        return promises.promise(self.folder, self.package(uuid), tracker)

    def state_of(self, uuid: str, tracker: str) -> str | None:
        """`waiting` for the next batch, `counted` unless a later one on the board `replaced` it; None if unknown.

        Only the board replaces: at once, whoever holds an old tracker would see when its voter votes again.
        """
        row = (
            self.store.reading()
            .execute(
                "SELECT waiting IS NULL, EXISTS (SELECT 1 FROM ballot AS later WHERE later.uuid = ballot.uuid AND "
                "later.credential = ballot.credential AND later.turn > ballot.turn AND later.waiting IS NULL) "
                "FROM ballot WHERE uuid = ? AND tracker = ?",
                [uuid, tracker],
            )
            .fetchone()
        )
        if row is None:
            return None
        boarded, replaced = row
        return "waiting" if not boarded else "replaced" if replaced else "counted"

    def _known(self, db: sqlite3.Connection, uuid: str, tracker: str) -> bool:
        found = db.execute("SELECT 1 FROM ballot WHERE uuid = ? AND tracker = ?", [uuid, tracker]).fetchone()
        return found is not None

    def _require_open(self, package: Package, now: datetime) -> None:
        state = package.plan.state(now)
        if state != "open":
            raise _not_open(state)

    # The board

    def tick(self, uuid: str, now: datetime) -> bool:
        """Grow the board if its clock says so. True if the clock struck.

        The clock strikes `board_every` seconds after the opening and so on; missed strokes are made up for by one.
        """
        plan = self.package(uuid).plan
        if now < plan.opens:
            return False
        due = int((min(now, plan.closes) - plan.opens).total_seconds() // plan.board_every)
        with self.store.writing() as db:
            phase, ticks = db.execute("SELECT phase, ticks FROM election WHERE uuid = ?", [uuid]).fetchone()
            if phase != VOTING or due <= ticks:
                return False
            db.execute("UPDATE election SET ticks = ? WHERE uuid = ?", [due, uuid])
            self.grow(db, uuid)
        self.store.forget_order()
        return True

    def grow(self, db: sqlite3.Connection, uuid: str) -> None:
        """Put the waiting ballots on the board in a random order, in the caller's transaction."""
        order, head = _shuffled(db, uuid), head_of(db, uuid).checkpoint
        for start in range(0, len(order), PIECE):
            stream = io.BytesIO()
            record = Record(stream, self.timestamp(uuid), head)
            for tracker in order[start : start + PIECE]:
                row = [uuid, tracker]
                (content,) = db.execute("SELECT waiting FROM ballot WHERE uuid = ? AND tracker = ?", row).fetchone()
                head = record.cast(content)
                db.execute("UPDATE ballot SET waiting = NULL WHERE uuid = ? AND tracker = ?", row)
            add_to_board(db, uuid, stream.getvalue())
        if order:
            note_end(db, uuid, head)

    def record(self, db: sqlite3.Connection, uuid: str, stream: io.BytesIO) -> Record:
        """A writer that goes on after the head of the board."""
        return Record(stream, self.timestamp(uuid), head_of(db, uuid).checkpoint)

    def timestamp(self, uuid: str) -> int:
        """The one time in the record, in seconds since 1970: that of the opening. Raises UnknownElection."""
        return int(self.package(uuid).plan.opens.timestamp())

    def head(self, uuid: str) -> Head:
        """The end of the board. Raises UnknownElection."""
        self.package(uuid)
        return head_of(self.store.reading(), uuid)

    def board(self, uuid: str, after: int = 0) -> Iterator[bytes]:
        """The record so far in pieces, from a byte on. Raises UnknownElection."""
        self.package(uuid)
        position, db = 0, self.store.reading()
        for place in range(db.execute("SELECT count(*) FROM board WHERE uuid = ?", [uuid]).fetchone()[0]):
            where = "FROM board WHERE uuid = ? AND place = ?"  # one at a time: a slow reader must not hold the file
            (size,) = db.execute(f"SELECT length(content) {where}", [uuid, place]).fetchone()
            if position + size > after:
                (content,) = db.execute(f"SELECT content {where}", [uuid, place]).fetchone()
                yield content[max(0, after - position) :]
            position += size


def add_to_board(db: sqlite3.Connection, uuid: str, content: bytes) -> None:
    """Append bytes to the board. `note_end` follows before the transaction ends."""
    (place,) = db.execute("SELECT coalesce(max(place) + 1, 0) FROM board WHERE uuid = ?", [uuid]).fetchone()
    db.execute("INSERT INTO board VALUES (?, ?, ?)", [uuid, place, content])


def note_end(db: sqlite3.Connection, uuid: str, head: Checkpoint) -> None:
    """Note where the board ends now: what is published as a checkpoint."""
    (size,) = db.execute("SELECT sum(length(content)) FROM board WHERE uuid = ?", [uuid]).fetchone()
    db.execute("INSERT INTO checkpoint VALUES (?, ?, ?, ?)", [uuid, head.height, head.digest, size])


def head_of(db: sqlite3.Connection, uuid: str) -> Head:
    """The end of the board."""
    row = db.execute(
        "SELECT height, digest, size FROM checkpoint WHERE uuid = ? ORDER BY height DESC LIMIT 1", [uuid]
    ).fetchone()
    return Head(Checkpoint(row[0], row[1]), row[2])


def _bound(db: sqlite3.Connection, uuid: str, credential: bytes, digest: bytes) -> int:
    """The turn of this ballot among those of its credential. First use binds pass and credential to each other."""
    rows = db.execute(
        "SELECT credential, pass, turns FROM binding WHERE uuid = ? AND (credential = ? OR pass = ?)",
        [uuid, credential, digest],
    ).fetchall()
    if not rows:
        db.execute("INSERT INTO binding VALUES (?, ?, ?, 1)", [uuid, credential, digest])
        return 1
    if len(rows) > 1 or rows[0][:2] != (credential, digest):
        raise Refused(Reason.PASS_BOUND, "pass", "the pass and the code that were first used together", "another pair")
    turn = int(rows[0][2]) + 1
    db.execute("UPDATE binding SET turns = ? WHERE uuid = ? AND credential = ?", [turn, uuid, credential])
    return turn


def _shuffled(db: sqlite3.Connection, uuid: str) -> list[str]:
    """The trackers of the waiting ballots, in a random order that keeps the turns of each credential."""
    rows = db.execute(
        "SELECT credential, tracker FROM ballot WHERE uuid = ? AND waiting IS NOT NULL ORDER BY credential, turn DESC",
        [uuid],
    ).fetchall()
    of_credential: dict[bytes, list[str]] = {}
    for credential, tracker in rows:
        of_credential.setdefault(credential, []).append(tracker)
    places = [credential for credential, _tracker in rows]
    secrets.SystemRandom().shuffle(places)
    return [of_credential[credential].pop() for credential in places]


def _not_open(state: str) -> Refused:
    return Refused(Reason.NOT_OPEN, "election", "an open election", state)
