"""Receipts and histories: what a person takes away to check for themselves, by `verify.py` or in the browser.

One file format serves both; a receipt is a history of one entry that carries its own proofs. JSON, version 1, all
bytes as lower-case hex:

    version     1
    origin      the log                     vkeys   its public keys (C2SP verifier keys)
    checkpoint  the signed note that everything below stands against
    label       the person's label in the epoch map, or null while the chain does not exist
    start, stop the entries asked for: start <= n < stop        last   the newest entry's n (0: none)
    entries     [{n, index, position, count, path, body, key, proof}]
                index     the leaf's index in the log; null: committed, but not in the checkpoint yet
                position, count, path   inclusion (RFC 6962) of the commitment in the act's own small tree
                body, key               commitment = HMAC-SHA-256(key, body); both absent once erased, then:
                commitment              what is left of an erased entry
                sealed    the entry that this one opened: {body, key, index, position, count, path, proof}
                proof     inclusion of the leaf in the checkpoint; absent in the compact form, where public tiles do
    epoch       null, or the newest closed epoch: {document, index, proof, head}
                document  the published text whose SHA-256 is the leaf at `index`
                head      null (no entry of this person is covered), or {n, commitment, path: [[bit, sibling]]}
    consistency {"<size>": proof} for each earlier size that was asked for
"""
from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db import connection

from commonweal.core.ledger import epochs, merkle, sealed
from commonweal.core.ledger.epochs import Closed, EpochMap
from commonweal.core.ledger.tiles import TileReader
from commonweal.core.ledger.verify import Checkpoint, Fetch, Note, leaf_hash

PATIENCE_SECONDS = 2.0  # how long a history waits for a closed epoch to be published


Prove = Callable[[int], list[bytes]] | None


class NoSuchEntry(LookupError):
    """The chain has no such entry."""


@dataclass(frozen=True)
class Entry:
    """One entry of a chain and where it stands in the log. `body` and `key` are None once erased."""

    n: int
    commitment: bytes
    body: str | None
    key: bytes | None
    index: int | None  # leaf index; None while pending
    position: int
    count: int
    path: tuple[bytes, ...]
    proof: tuple[bytes, ...] | None  # None while pending, and in the compact form
    sealed: Entry | None = None  # the entry under seal that this one opened

    def as_json(self) -> dict[str, Any]:
        """The entry's object in the file."""
        values: dict[str, Any] = {"n": self.n, "index": self.index, "position": self.position, "count": self.count,
                                  "path": _hex(self.path)}
        if self.body is None or self.key is None:
            values["commitment"] = self.commitment.hex()
        else:
            values |= {"body": self.body, "key": self.key.hex()}
        if self.proof is not None:
            values["proof"] = _hex(self.proof)
        if self.sealed and self.sealed.body is not None:
            values["sealed"] = {name: part for name, part in self.sealed.as_json().items() if name != "n"}
        return values


@dataclass(frozen=True)
class CoveringEpoch:
    """The newest closed epoch and what it says about one person."""

    document: str
    index: int | None  # None: not published within PATIENCE_SECONDS
    proof: tuple[bytes, ...] | None
    n: int | None  # None: no entry of this person is covered
    commitment: bytes
    path: tuple[tuple[int, bytes], ...]

    def as_json(self) -> dict[str, Any]:
        """The epoch's object in the file."""
        path = [[bit, sibling.hex()] for bit, sibling in self.path]
        head = {"n": self.n, "commitment": self.commitment.hex(), "path": path} if self.n else None
        values: dict[str, Any] = {"document": self.document, "index": self.index, "head": head}
        if self.proof is not None:
            values["proof"] = _hex(self.proof)
        return values


@dataclass(frozen=True)
class History:
    """A person's entries from `start` up to, not including, `stop`, and what proves them."""

    vkeys: tuple[str, ...]
    checkpoint: str
    label: bytes | None
    start: int
    stop: int
    last: int
    entries: tuple[Entry, ...]
    epoch: CoveringEpoch | None
    consistency: dict[int, tuple[bytes, ...]]

    @property
    def tree_head(self) -> Checkpoint:
        """The checkpoint that everything stands against."""
        return Checkpoint.parse(Note.parse(self.checkpoint).text)

    def as_json(self) -> dict[str, Any]:
        """The file's JSON object."""
        return {
            "version": 1,
            "origin": self.tree_head.origin,
            "vkeys": list(self.vkeys),
            "checkpoint": self.checkpoint,
            "label": self.label.hex() if self.label else None,
            "start": self.start,
            "stop": self.stop,
            "last": self.last,
            "entries": [entry.as_json() for entry in self.entries],
            "epoch": self.epoch.as_json() if self.epoch else None,
            "consistency": {str(size): _hex(proof) for size, proof in self.consistency.items()},
        }

    def text(self) -> str:
        """The file."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))


def history(
    fetch: Fetch, chain: bytes, start: int = 1, stop: int | None = None, *, proofs: bool, earlier: tuple[int, ...] = ()
) -> History:
    """A chain's entries with what proves them; `proofs` for a file that stands alone, without them for the browser.

    `earlier` are sizes of earlier checkpoints that the new one shall be shown to contain.
    Raises ValueError for a start below 1 and FileNotFoundError before the first checkpoint.
    """
    if start < 1:
        raise ValueError(f"entries count from 1, got start {start}")
    note, closed, covered = _checkpoint_with_map(fetch)
    head = Checkpoint.parse(Note.parse(note).text)
    reader = TileReader(fetch, head.size)
    label, last = _label_and_last(chain)
    stop = max(start, min(stop or last + 1, last + 1))
    prove: Prove = reader.inclusion_proof if proofs else None
    return History(
        vkeys=tuple(fetch("vkeys").decode().splitlines()),
        checkpoint=note,
        label=label,
        start=start,
        stop=stop,
        last=last,
        entries=tuple(_with_opened(chain, _entries(chain, start, stop, head.size, prove), head.size, prove)),
        epoch=_covering_epoch(closed, covered, label, prove) if closed and covered else None,
        consistency={size: tuple(reader.consistency_proof(size)) for size in earlier if 0 < size <= head.size},
    )


def receipt(fetch: Fetch, chain: bytes, n: int) -> History:
    """The receipt of one entry: a history of one that carries its proofs.

    Raises NoSuchEntry.
    """
    found = history(fetch, chain, n, n + 1, proofs=True)
    if not found.entries:
        raise NoSuchEntry(f"the chain has no entry {n}")
    return found


def _checkpoint_with_map(fetch: Fetch) -> tuple[str, Closed | None, EpochMap | None]:
    """The checkpoint, the newest epoch in it, and the epoch's map."""
    note, closed = _checkpoint_with_epoch(fetch)
    covered = _epoch_map(closed.epoch.root) if closed else None
    if closed and covered and covered.root != closed.epoch.root:  # the next epoch closed just now: it comes with it
        _epoch_map.cache_clear()
        note, closed = _checkpoint_with_epoch(fetch)
        covered = EpochMap(epochs.published_heads())  # edited rows give a path that the person's check refuses
    return note, closed, covered


def _checkpoint_with_epoch(fetch: Fetch) -> tuple[str, Closed | None]:
    """The checkpoint, and the newest epoch once the checkpoint contains its leaf."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        note, closed = fetch("checkpoint").decode(), epochs.newest()
        size = Checkpoint.parse(Note.parse(note).text).size
        if closed is None or (closed.index is not None and closed.index < size):
            return note, closed
        if time.monotonic() > deadline:
            return note, replace(closed, index=None)
        time.sleep(0.05)


def _label_and_last(chain: bytes) -> tuple[bytes | None, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT label, n FROM ledger_head WHERE chain = %s", [chain])
        row = cursor.fetchone()
    return (bytes(row[0]), row[1]) if row else (None, 0)


def _entries(chain: bytes, start: int, stop: int, size: int, prove: Prove) -> Iterator[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain.n, chain.commitment, chain.leaf_id, chain.position, record.body, record.key, log.idx "
            "FROM ledger_chain chain LEFT JOIN ledger_log log ON log.leaf_id = chain.leaf_id "
            "LEFT JOIN ledger_record record ON record.chain = chain.chain AND record.n = chain.n "
            "WHERE chain.chain = %s AND chain.n >= %s AND chain.n < %s ORDER BY chain.n",
            [chain, start, stop],
        )
        found = cursor.fetchall()
    acts = _small_trees(chain, start, stop)
    for n, commitment, leaf_id, position, body, key, idx in found:
        index = idx if idx is not None and idx < size else None
        yield Entry(
            n=n,
            commitment=bytes(commitment),
            body=bytes(body).decode() if body is not None else None,
            key=bytes(key) if key is not None else None,
            index=index,
            position=position,
            count=len(acts[leaf_id]),
            path=tuple(merkle.path_of(acts[leaf_id], position)) if position < len(acts[leaf_id]) else (),
            proof=tuple(prove(index)) if prove and index is not None else None,
        )


def _with_opened(chain: bytes, entries: Iterable[Entry], size: int, prove: Prove) -> Iterator[Entry]:
    """The entries, those that opened a sealed one together with it."""
    known = list(entries)
    opened = sealed.joined(chain, known[0].n, known[-1].n + 1) if known else {}
    for entry in known:
        if entry.n in opened:
            number = opened[entry.n]
            (original,) = _entries(sealed.SEALED_CHAIN, number, number + 1, size, prove)
            yield replace(entry, sealed=original)
        else:
            yield entry


def _small_trees(chain: bytes, start: int, stop: int) -> dict[int, list[bytes]]:
    """For each leaf of these entries, the leaf hashes of its act's small tree in order of position."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT other.leaf_id, other.commitment FROM ledger_chain own "
            "JOIN ledger_chain other ON other.leaf_id = own.leaf_id "
            "WHERE own.chain = %s AND own.n >= %s AND own.n < %s ORDER BY other.leaf_id, other.position",
            [chain, start, stop],
        )
        trees: dict[int, list[bytes]] = defaultdict(list)
        for leaf_id, commitment in cursor.fetchall():
            trees[leaf_id].append(leaf_hash(bytes(commitment)))
    return trees


def _covering_epoch(closed: Closed, covered: EpochMap, label: bytes | None, prove: Prove) -> CoveringEpoch:
    head = covered.head(label) if label else None
    return CoveringEpoch(
        document=closed.document.decode(),
        index=closed.index,
        proof=tuple(prove(closed.index)) if prove and closed.index is not None else None,
        n=head[1] if head else None,
        commitment=head[2] if head else b"",
        path=tuple(covered.path(head[0])) if head else (),
    )


@lru_cache(maxsize=1)
def _epoch_map(root: bytes) -> EpochMap:
    """The map of the epoch with this root, built once for each epoch and process."""
    return EpochMap(epochs.published_heads())


def _hex(hashes: tuple[bytes, ...]) -> list[str]:
    return [hash_.hex() for hash_ in hashes]
