"""The node's own check of its evidence: every edited, deleted or re-ordered row is named.

What it stands on is outside of the tables: the published tiles and the signed checkpoint. It goes
checkpoint -> tiles -> log -> leaf -> chain -> record -> head -> epoch head -> document, each against the one before.
Runs beside a working node: entries above the published size are checked against each other only.
"""
from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

from django.db import connection

from commonweal.core import clock
from commonweal.core.ledger import epochs, merkle, models
from commonweal.core.ledger.entries import NODE_CHAIN
from commonweal.core.ledger.epochs import EpochMap
from commonweal.core.ledger.leaves import VERSION, Kind, leaf_bytes
from commonweal.core.ledger.sealed import SEALED_CHAIN
from commonweal.core.ledger.tiles import LogFolder
from commonweal.core.ledger.verify import (
    DOCUMENTED,
    VerificationError,
    VerifiedTiles,
    VerifierKey,
    erased_by,
    leaf_hash,
    open_checkpoint,
)

PERSON_ERASURE = "erasure.person.erase"  # the action that erases everything about a person
PEOPLE = "identity_person"
CHAIN = "ledger/chain/"  # how it names the chain that it left empty
SEALED = "ledger/sealed/"  # how an erasure names an entry that was under seal
OF_THE_NODE = (NODE_CHAIN, SEALED_CHAIN)
PAGE = 10_000  # rows read at once


@dataclass(frozen=True)
class Problem:
    """One row that is not as the others say it must be."""

    table: str
    row: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class AuditReport:
    """What was compared. `erased` counts chain rows whose record was erased, which is lawful."""

    leaves: int
    entries: int
    erased: int
    published: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether every row stands."""
        return not self.problems


def check(folder: LogFolder) -> AuditReport:
    """Compare every row; all problems found, none of them repaired."""
    return _Audit(folder).run()


class _Audit:
    def __init__(self, folder: LogFolder) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.leaves = self.entries = self.erased = 0
        self.without_records: set[bytes] = set()  # chains
        self.people_erased: set[bytes] = set()  # chains that an erasure of a person names
        self.sealed: dict[int, tuple[dict[str, Any] | None, bytes]] = {}  # of the sealed chain: body, commitment
        self.sealed_explained: set[int] = set()  # those that an erasure names
        self.prolonged: dict[int, str] = {}  # those that a second officer sealed for longer, until when
        self.opened: set[bytes] = set()  # commitments that entries of people's chains open
        self.people: dict[bytes, str] = {}  # chain -> the person's id
        self.published = 0
        self.tiles: VerifiedTiles | None = None

    def run(self) -> AuditReport:
        self.open_log()  # before the snapshot, which then surely holds every published row
        with _snapshot():
            self.check_log()
            self.check_acts()
            with_people = PEOPLE in connection.introspection.table_names()  # a ledger may also stand alone
            if with_people:
                self.read_people()
            self.check_chains()
            if with_people:
                self.check_strangers()
            self.check_sealed()
            self.check_heads()
            self.check_documents()
            self.check_epoch()
            self.check_checkpoints()
        return AuditReport(self.leaves, self.entries, self.erased, self.published, tuple(self.problems))

    def expect(self, table: str, row: str, expected: object, got: object) -> None:
        if expected != got:
            self.problems.append(Problem(f"ledger_{table}", row, _shown(expected), _shown(got)))

    def open_log(self) -> None:
        try:
            keys = [VerifierKey.parse(line) for line in self.folder.fetch("vkeys").decode().splitlines()]
            checkpoint, _ = open_checkpoint(self.folder.fetch("checkpoint").decode(), keys)
            self.tiles = VerifiedTiles(self.folder.fetch, checkpoint)
            self.published = checkpoint.size
        except FileNotFoundError:
            self.expect("checkpoint", "published file", "a checkpoint", "none")
        except VerificationError as error:
            self.problems.append(Problem("log folder", error.what, error.expected, error.got))

    def check_log(self) -> None:
        """Log and leaf rows against the published tiles; leaves that are neither in the log nor pending."""
        statement = (
            "SELECT log.idx, log.leaf_id, leaf.data, leaf.hash FROM ledger_log log "
            "LEFT JOIN ledger_leaf leaf ON leaf.id = log.leaf_id WHERE log.idx > %s ORDER BY log.idx LIMIT %s"
        )
        expected = 0
        for idx, leaf_id, data, hash_ in _pages(statement, -1):
            while expected < idx:
                self.expect("log", f"idx {expected}", "a row", "none")
                expected += 1
            expected = idx + 1
            self.leaves += 1
            if data is None:
                self.expect("leaf", f"id {leaf_id} (log idx {idx})", "a row", "none")
                continue
            self.check_leaf(leaf_id, data, hash_)
            if self.tiles and idx < self.published:
                self.check_published(idx, leaf_id, leaf_hash(data))
        for idx in range(expected, self.published):
            self.expect("log", f"idx {idx}", "a row, as published", "none")
        statement = (
            "SELECT leaf.id, leaf.data, leaf.hash, pending.leaf_id FROM ledger_leaf leaf "
            "LEFT JOIN ledger_log log ON log.leaf_id = leaf.id LEFT JOIN ledger_pending pending "
            "ON pending.leaf_id = leaf.id WHERE log.idx IS NULL AND leaf.id > %s ORDER BY leaf.id LIMIT %s"
        )
        for leaf_id, data, hash_, pending in _pages(statement, 0):
            self.check_leaf(leaf_id, data, hash_)
            if pending is None:
                self.expect("log", f"leaf_id {leaf_id}", "a row in ledger_log or ledger_pending", "neither")
        for (leaf_id,) in _select(
            "SELECT pending.leaf_id FROM ledger_pending pending LEFT JOIN ledger_leaf leaf "
            "ON leaf.id = pending.leaf_id WHERE leaf.id IS NULL"
        ):
            self.expect("leaf", f"id {leaf_id} (pending)", "a row", "none")

    def check_leaf(self, leaf_id: int, data: bytes, hash_: bytes) -> None:
        self.expect("leaf", f"id {leaf_id}, hash", leaf_hash(data), hash_)

    def check_published(self, idx: int, leaf_id: int, hash_: bytes) -> None:
        assert self.tiles  # noqa: S101
        try:
            self.expect("log", f"idx {idx}, leaf_id {leaf_id}: hash of the leaf", self.tiles.leaf(idx), hash_)
        except VerificationError as error:
            self.problems.append(Problem("log folder", error.what, error.expected, error.got))
            self.tiles = None  # one damaged tile is named once

    def check_acts(self) -> None:
        """Chain rows against the leaves that commit to them; leaves of acts without chain rows."""
        statement = (
            "SELECT leaf.id, leaf.data, chain.id, chain.position, chain.commitment FROM "
            "(SELECT id, data FROM ledger_leaf WHERE id > %s ORDER BY id LIMIT %s) AS leaf "
            "LEFT JOIN ledger_chain chain ON chain.leaf_id = leaf.id ORDER BY leaf.id, chain.position"
        )
        for (leaf_id, data), group in groupby(_pages(statement, 0), key=lambda row: (row[0], row[1])):
            rows = [row for row in group if row[2] is not None]
            if data[1:2] == bytes([Kind.ACT]):
                if not rows:
                    self.expect("chain", f"leaf_id {leaf_id}", "the rows that the leaf commits to", "none")
                    continue
                root = merkle.root_of([leaf_hash(row[4]) for row in rows])
                names = f"leaf_id {leaf_id} (ids {', '.join(str(row[2]) for row in rows[:5])})"
                self.expect("chain", f"{names}, commitments in order", data, leaf_bytes(Kind.ACT, root))
                self.expect("chain", f"{names}, positions", list(range(len(rows))), [row[3] for row in rows])
            elif rows:
                self.expect("chain", f"leaf_id {leaf_id}", "no rows: the leaf is not an act", f"{len(rows)} rows")
        for chain_id, leaf_id in _select(
            "SELECT chain.id, chain.leaf_id FROM ledger_chain chain LEFT JOIN ledger_leaf leaf "
            "ON leaf.id = chain.leaf_id WHERE leaf.id IS NULL"
        ):
            self.expect("leaf", f"id {leaf_id} (ledger_chain id {chain_id})", "a row", "none")

    def check_chains(self) -> None:
        """Dense counters, records against commitments, links, each chain's head."""
        chains = [row[0] for row in _select("SELECT DISTINCT chain FROM ledger_chain ORDER BY chain")]
        for chain in chains:
            self.check_chain(chain)
        for chain, n in _select(
            "SELECT record.chain, record.n FROM ledger_record record LEFT JOIN ledger_chain chain "
            "ON chain.chain = record.chain AND chain.n = record.n WHERE chain.id IS NULL"
        ):
            self.expect("chain", f"chain {chain.hex()}, n {n}", "a row, as the record has one", "none")
        for chain in sorted(self.without_records - self.people_erased):
            self.expect("record", f"chain {chain.hex()}", "records, or an erasure that names the chain", "neither")

    def note_person_erasure(self, body: dict[str, Any]) -> None:
        if (body.get("action"), body.get("decision")) == (PERSON_ERASURE, "permitted"):
            named = [name for name in body.get("changed", ()) if name.startswith(CHAIN)]
            self.people_erased |= {bytes.fromhex(name[len(CHAIN) :]) for name in named}

    def note_seals(self, body: dict[str, Any]) -> None:
        """What a record says about entries under seal: that it opens, erases or prolongs some."""
        if body.get("decision") != "permitted":
            return
        if "opened" in body:
            self.opened.add(bytes.fromhex(body["opened"]["commitment"]))
        named = {int(name[len(SEALED) :]) for name in body.get("changed", ()) if name.startswith(SEALED)}
        if "sealed" in body:
            for n in named:
                self.prolonged[n] = max(body["sealed"]["until"], self.prolonged.get(n, ""))
        else:
            self.sealed_explained |= named

    def check_sealed(self) -> None:
        """Every entry under seal opens on the day that it names, or a second officer set; none is late or forgotten."""
        today = clock.now().date()
        rows = {
            n: (_day(until), opened is not None, joined)
            for n, until, opened, joined in _select("SELECT n, until, opened, joined FROM ledger_sealed")
        }
        for n in sorted(rows.keys() ^ self.sealed.keys()):
            self.expect("sealed", f"n {n}", n in self.sealed, n in rows)
        for n in sorted(rows.keys() & self.sealed.keys()):
            (until, opened, joined), (body, commitment) = rows[n], self.sealed[n]
            if body is None:
                if n not in self.sealed_explained:
                    self.expect("record", f"sealed n {n}", "a row, or an erasure that names it", "neither")
                continue
            self.expect("sealed", f"n {n}: until", max(body["sealed"]["until"], self.prolonged.get(n, "")), until)
            if joined is not None:
                self.expect("sealed", f"n {n}: opened in the person's chain", True, commitment in self.opened)
            elif not opened and until < today.isoformat():
                self.expect("sealed", f"n {n}", f"opened on {until}", "sealed still: run the node's worker")

    def read_people(self) -> None:
        """Each person against their head: chain, and the label that their secret gives."""
        heads = dict(_select("SELECT chain, label FROM ledger_head"))
        for person, chain, secret in _select("SELECT id, chain, head_secret FROM identity_person"):
            name = person.decode() if isinstance(person, bytes) else person.hex  # SQLite keeps the digits
            self.people[chain] = name
            label = hmac.digest(secret, b"head", "sha256")
            self.expect("head", f"of person {name}: label", label, heads.get(chain, "no row"))

    def check_strangers(self) -> None:
        """Chains that belong to nobody: only the node's own, and those of people who were erased."""
        for chain, n in _select("SELECT chain, n FROM ledger_head"):
            if n and chain not in self.people and chain not in self.people_erased and chain not in OF_THE_NODE:
                self.expect("head", f"chain {chain.hex()}", "a person, or an erasure that names the chain", "neither")

    def check_chain(self, chain: bytes) -> None:
        rows = _select(
            "SELECT chain.n, chain.commitment, record.body, record.key, record.act FROM ledger_chain chain "
            "LEFT JOIN ledger_record record ON record.chain = chain.chain AND record.n = chain.n "
            "WHERE chain.chain = %s ORDER BY chain.n",
            chain,
        )
        name, expected = f"chain {chain.hex()}", 1
        previous: bytes | None = None
        gone, explained = set[int](), set[int]()
        for n, commitment, body, key, act in rows:
            self.entries += 1
            if n != expected:
                self.expect("chain", name, f"n {expected}", f"n {n}")
                previous = None
            if body is None:
                self.erased += 1
                gone.add(n)
                if chain == SEALED_CHAIN:
                    self.sealed[n] = (None, commitment)
            else:
                got = hmac.digest(key, body, "sha256")
                self.expect("record", f"{name}, n {n}: HMAC of body under key", commitment, got)
                if got == commitment:
                    values = json.loads(body)
                    explained |= erased_by(values)
                    self.note_person_erasure(values)
                    self.note_seals(values)
                    if chain == SEALED_CHAIN:
                        self.sealed[n] = (values, commitment)
                    self.check_body(chain, n, previous, values)
                    self.expect("record", f"{name}, n {n}: act", values["act"], act.hex())
            previous, expected = commitment, n + 1
        head = _select("SELECT n, commitment FROM ledger_head WHERE chain = %s", chain)
        self.expect("head", name, (expected - 1, previous), head[0] if head else "no row")
        if chain == SEALED_CHAIN:
            return  # what is gone of it is explained in other chains
        if gone and len(gone) == len(rows):
            self.without_records.add(chain)
        else:
            for n in sorted(gone - explained):
                self.expect("record", f"{name}, n {n}", "a row, or an erasure that names it", "neither")

    def check_body(self, chain: bytes, n: int, previous: bytes | None, body: dict[str, Any]) -> None:
        name = f"chain {chain.hex()}, n {n}"
        self.expect("record", f"{name}: n in the body", n, body["n"])
        if chain in self.people:
            self.expect("record", f"{name}: subject", self.people[chain], body["subject"])
        if n == 1 or previous is not None:
            expected = previous.hex() if previous else None
            self.expect("record", f"{name}: previous in the body", expected, body["previous"])
        if n == 1:
            label = _select("SELECT label FROM ledger_head WHERE chain = %s", chain)
            self.expect("head", f"{name}: label", body["label"], label[0][0].hex() if label else "no row")

    def check_heads(self) -> None:
        for chain, n in _select(
            "SELECT head.chain, head.n FROM ledger_head head LEFT JOIN ledger_chain chain "
            "ON chain.chain = head.chain AND chain.n = 1 WHERE head.n > 0 AND chain.id IS NULL"
        ):
            self.expect("chain", f"chain {chain.hex()}", f"{n} rows, as the head says", "not its first")

    def check_documents(self) -> None:
        """Documents against their hash, and against the leaves that commit to them."""
        known, documented = set(), [bytes([kind]) for kind in DOCUMENTED]
        for hash_, kind, body, leaf_id, data in _select(
            "SELECT document.hash, document.kind, document.body, document.leaf_id, leaf.data "
            "FROM ledger_document document LEFT JOIN ledger_leaf leaf ON leaf.id = document.leaf_id"
        ):
            known.add(hash_)
            self.expect("document", f"{hash_.hex()}: SHA-256 of the body", hash_, sha256(body).digest())
            self.expect("document", f"{hash_.hex()}: leaf {leaf_id}", bytes([VERSION, kind]) + hash_, data or "no row")
        for leaf_id, data in _pages("SELECT id, data FROM ledger_leaf WHERE id > %s ORDER BY id LIMIT %s", 0):
            if data[1:2] in documented and data[2:] not in known:
                self.expect("document", f"{data[2:].hex()} (leaf {leaf_id})", "a row", "none")

    def check_epoch(self) -> None:
        """The epoch's heads against the newest epoch's root, and against the chains."""
        closed = epochs.newest()
        heads = epochs.published_heads()
        if closed is None:
            self.expect("epochhead", "all, before the first epoch", "0 rows", f"{len(heads)} rows")
            return
        self.expect("epochhead", "root over all rows", closed.epoch.root, EpochMap(heads).root)
        self.expect("epochhead", "all", f"{closed.epoch.heads} rows", f"{len(heads)} rows")
        for label, n, commitment, got in _select(
            "SELECT epoch.label, epoch.n, epoch.commitment, chain.commitment FROM ledger_epochhead epoch "
            "LEFT JOIN ledger_head head ON head.label = epoch.label LEFT JOIN ledger_chain chain "
            "ON chain.chain = head.chain AND chain.n = epoch.n "
            "WHERE chain.commitment IS NULL OR chain.commitment <> epoch.commitment"
        ):
            self.expect("chain", f"label {label.hex()}, n {n} (in the newest epoch)", commitment, got or "no row")

    def check_checkpoints(self) -> None:
        """Every stored checkpoint against the published tree."""
        for stored in models.Checkpoint.objects.filter(size__lte=self.published).order_by("size").iterator():
            if self.tiles:
                root = self.tiles.root_at(stored.size)
                self.expect("checkpoint", f"size {stored.size}: root", root, bytes(stored.root))
        if self.published and not models.Checkpoint.objects.filter(size=self.published).exists():
            self.expect("checkpoint", f"size {self.published}", "a row, as published", "none")


@contextmanager
def _snapshot() -> Iterator[None]:
    """One view of all tables, without the write lock, while the node goes on working."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        level = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else ""
        cursor.execute(f"BEGIN{level}")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _select(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [tuple(map(_plain, row)) for row in cursor.fetchall()]


def _pages(statement: str, after: int) -> Iterator[tuple[Any, ...]]:
    """All rows of a statement that takes (first column above, how many), a page at a time."""
    while rows := _select(statement, after, PAGE):
        yield from rows
        after = rows[-1][0]


def _plain(value: Any) -> Any:
    if isinstance(value, str):  # SQLite keeps the type that an edit gave; its bytes are what counts
        return value.encode()
    return bytes(value) if isinstance(value, memoryview) else value


def _day(value: Any) -> str:
    """A date as its first ten letters; SQLite keeps text."""
    return value.decode()[:10] if isinstance(value, bytes) else str(value)[:10]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return value.hex() if isinstance(value, bytes) else str(value)
