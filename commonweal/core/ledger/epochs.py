"""Epochs: every ten minutes the log commits to the newest entry of everyone, so that no entry can quietly vanish.

The epoch map is a binary trie over labels (32 bytes, one for each person, known to nobody else):

- a leaf is the RFC 6962 leaf hash over label || n (uint64, big-endian) || commitment (32 bytes): `map_leaf_hash`;
- an inner node stands where the labels below it first differ and hashes 0x02 || that bit's number (uint16,
  big-endian; 0 is the label's highest bit) || left || right, where the left labels have 0 there: `map_node_hash`;
- the root of one label is its leaf hash. There is no map without labels.

A proof for one label is its path (bit, sibling), leaf side first. The label's own bits fix its place, so a map has one
answer for one label. Labels are random to everyone but their person; only a person's own path is served.

An epoch is published as a document (canonical JSON: version, kind "epoch", number, size, root, heads, closed, sealed)
whose SHA-256 is a leaf of the log. It covers every entry whose leaf index is below `size`.
"""
from __future__ import annotations

import heapq
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from commonweal.core import clock
from commonweal.core.ledger import entries, rows, sealed
from commonweal.core.ledger.leaves import Kind
from commonweal.core.ledger.rows import Damaged
from commonweal.core.ledger.verify import map_leaf_hash, map_node_hash

Head = tuple[bytes, int, bytes]  # label, n, commitment


@dataclass(frozen=True)
class Epoch:
    """A closed epoch, as its public document says."""

    number: int  # dense from 1
    size: int  # leaves of the log that it covers
    root: bytes
    heads: int
    closed: str  # RFC 3339, UTC
    sealed: dict[str, object] | None = None  # how many entries are under seal, until when at the latest

    def document(self) -> bytes:
        """The canonical JSON that the leaf commits to."""
        values = {"version": 1, "kind": "epoch", "number": self.number, "size": self.size, "root": self.root.hex(),
                  "heads": self.heads, "closed": self.closed, "sealed": self.sealed}
        return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, document: bytes) -> Epoch:
        """Read an epoch's document. Raises KeyError, ValueError."""
        values = json.loads(document)
        root = bytes.fromhex(values["root"])
        return cls(
            values["number"], values["size"], root, values["heads"], values["closed"], values.get("sealed")
        )


class EpochMap:
    """The whole map in memory: its root, and the path of each label.

    Raises ValueError when the heads are not sorted by label, or a label comes twice.
    """

    def __init__(self, heads: Iterable[Head]) -> None:
        self.labels: list[bytes] = []
        self.heads: list[Head] = []
        self._hashes: list[bytes] = []  # of every node; leaves and inner nodes as they were made
        self._parents: list[tuple[int, int, int]] = []  # (parent, bit, sibling), or (-1, 0, 0) at the root
        self._leaves: list[int] = []
        open_nodes: list[tuple[int, int]] = []  # left subtrees that wait for their right side, and the bit they part at
        current = -1
        for label, n, commitment in heads:
            if self.labels:
                bit = _first_difference(self.labels[-1], label)
                while open_nodes and open_nodes[-1][1] > bit:
                    current = self._join(*open_nodes.pop(), current)
                open_nodes.append((current, bit))
            current = self._add(map_leaf_hash(label, n, commitment))
            self._leaves.append(current)
            self.labels.append(label)
            self.heads.append((label, n, commitment))
        while open_nodes:
            current = self._join(*open_nodes.pop(), current)
        self.root = self._hashes[current] if self.labels else b""

    def head(self, label: bytes) -> Head | None:
        """What the map says of a label."""
        at = bisect_left(self.labels, label)
        return self.heads[at] if self.labels[at : at + 1] == [label] else None

    def path(self, label: bytes) -> list[tuple[int, bytes]]:
        """(bit, sibling) from the label's leaf to the root. Raises KeyError when the map lacks the label."""
        if self.head(label) is None:
            raise KeyError(label.hex())
        path: list[tuple[int, bytes]] = []
        node = self._leaves[bisect_left(self.labels, label)]
        while True:
            node, bit, sibling = self._parents[node]
            if node < 0:
                return path
            path.append((bit, self._hashes[sibling]))

    def _add(self, hash_: bytes) -> int:
        self._hashes.append(hash_)
        self._parents.append((-1, 0, 0))
        return len(self._hashes) - 1

    def _join(self, left: int, bit: int, right: int) -> int:
        node = self._add(map_node_hash(bit, self._hashes[left], self._hashes[right]))
        self._parents[left], self._parents[right] = (node, bit, right), (node, bit, left)
        return node


def _first_difference(before: bytes, after: bytes) -> int:
    """The first bit in which two labels differ. Raises ValueError unless `before` sorts first."""
    if before >= after or len(before) != len(after):
        raise ValueError(f"labels must ascend and be equally long: {before.hex()}, {after.hex()}")
    differing = int.from_bytes(before, "big") ^ int.from_bytes(after, "big")
    return 8 * len(before) - differing.bit_length()


def close() -> Epoch | None:
    """Close an epoch over all entries committed so far; None when no head has changed since the last one.

    The map is computed outside of the write lock; the epoch's rows, document, leaf and pending row commit together.
    Called by the sequencer alone. Raises Damaged when a head went backwards.
    """
    size = rows.size()  # before the heads are read: an entry below `size` is then surely among them
    changed = _changed_heads()
    if not changed:
        return None
    tree = EpochMap(_replaced(published_heads(), changed))
    last = newest()
    number = last.epoch.number + 1 if last else 1
    under_seal = sealed.waiting().as_json()
    epoch = Epoch(number, size, tree.root, len(tree.labels), clock.stamp(clock.now()), under_seal)
    with transaction.atomic():
        _store(changed)
        entries.add_document(Kind.EPOCH, epoch.document())
    return epoch


@dataclass(frozen=True)
class Closed:
    """A closed epoch as it stands in the tables."""

    epoch: Epoch
    document: bytes
    index: int | None  # of its leaf; None while that waits for its place


def newest() -> Closed | None:
    """The newest closed epoch, published or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document.body, log.idx FROM ledger_document document "
            "LEFT JOIN ledger_log log ON log.leaf_id = document.leaf_id "
            "WHERE document.kind = %s ORDER BY document.leaf_id DESC LIMIT 1",
            [int(Kind.EPOCH)],
        )
        row = cursor.fetchone()
    return Closed(Epoch.parse(bytes(row[0])), bytes(row[0]), row[1]) if row else None


def published_heads() -> list[Head]:
    """The heads as the newest epoch has them, sorted by label."""
    return _select("SELECT label, n, commitment FROM ledger_epochhead ORDER BY label")


def _changed_heads() -> list[Head]:
    backwards = _select(
        "SELECT head.label, head.n, head.commitment FROM ledger_head head JOIN ledger_epochhead epoch "
        "ON epoch.label = head.label WHERE head.n < epoch.n LIMIT 1"
    )
    if backwards:
        label, n, _ = backwards[0]
        raise Damaged(f"ledger_head {label.hex()} went back to entry {n}: run `commonweal check`")
    return _select(
        "SELECT head.label, head.n, head.commitment FROM ledger_head head LEFT JOIN ledger_epochhead epoch "
        "ON epoch.label = head.label WHERE head.n > 0 AND (epoch.label IS NULL OR epoch.n <> head.n "
        "OR epoch.commitment <> head.commitment) ORDER BY head.label"
    )


def _replaced(old: Iterable[Head], changed: list[Head]) -> Iterator[Head]:
    """Old and changed heads in one sorted run; the changed one wins where a label is in both."""
    new = {label for label, _, _ in changed}
    return heapq.merge((head for head in old if head[0] not in new), changed)


def _store(changed: list[Head]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_epochhead (label, n, commitment) VALUES (%s, %s, %s) "
            "ON CONFLICT (label) DO UPDATE SET n = excluded.n, commitment = excluded.commitment",
            changed,
        )


def _select(statement: str) -> list[Head]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [(bytes(label), n, bytes(commitment)) for label, n, commitment in cursor.fetchall()]
