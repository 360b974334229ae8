"""Reading the log's rows in order, and placing the leaves that wait. SQL: whole logs pass through here."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from commonweal.core.ledger.verify import DOCUMENTED, HASH, leaf_hash

CHUNK = 16_384  # rows read at once; a multiple of a tile's width


class Damaged(RuntimeError):
    """The node's own tables or files contradict each other. Nothing more is signed until a person has looked."""


class Row(NamedTuple):
    """One leaf at its place in the log (a tuple, because whole logs are made of them)."""

    idx: int
    data: bytes
    hash: bytes

    @property
    def document(self) -> bytes | None:
        """The hash of the public document that the leaf commits to, if it does."""
        return self.data[2:] if self.data[1] in DOCUMENTED else None


def size() -> int:
    """How many leaves have a place in the log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(idx), -1) + 1 FROM ledger_log")
        count: int = cursor.fetchone()[0]
    return count


def chunks(start: int, stop: int) -> Iterator[list[Row]]:
    """The rows [start, stop) in order, at most CHUNK at once, each leaf re-hashed.

    Raises Damaged naming the row that is missing or whose bytes do not give its hash.
    """
    while start < stop:
        end = min(start - start % CHUNK + CHUNK, stop)
        yield _read(start, end)
        start = end


def _read(start: int, stop: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT log.idx, leaf.data, leaf.hash FROM ledger_log log JOIN ledger_leaf leaf ON leaf.id = log.leaf_id "
            "WHERE log.idx >= %s AND log.idx < %s ORDER BY log.idx",
            [start, stop],
        )
        rows = [Row(idx, bytes(data), bytes(hash_)) for idx, data, hash_ in cursor.fetchall()]
    for expected, (idx, data, hash_) in enumerate(rows, start):
        if idx != expected:
            raise Damaged(f"ledger_log has no row idx {expected}, or its leaf is gone: run `commonweal check`")
        if leaf_hash(data) != hash_:
            raise Damaged(f"ledger_leaf at idx {idx}: its bytes hash to {leaf_hash(data).hex()}, "
                          f"the row says {hash_.hex()}: run `commonweal check`")
    if len(rows) != stop - start:
        raise Damaged(f"ledger_log has no row idx {start + len(rows)}, or its leaf is gone: run `commonweal check`")
    return rows


def place(limit: int) -> int:
    """Give up to `limit` waiting leaves the next dense places, in one short transaction; how many there were.

    What stands in `ledger_pending` is taken, never "ids above the last one": ids are not in commit order.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        start = size()
        cursor.execute(
            "INSERT INTO ledger_log (idx, leaf_id) "
            "SELECT %s + row_number() OVER (ORDER BY leaf_id) - 1, leaf_id "
            "FROM (SELECT leaf_id FROM ledger_pending ORDER BY leaf_id LIMIT %s) AS chosen",
            [start, limit],
        )
        cursor.execute(
            "DELETE FROM ledger_pending WHERE leaf_id IN (SELECT leaf_id FROM ledger_log WHERE idx >= %s)", [start]
        )
        return size() - start


def any_waiting() -> bool:
    """Whether a leaf has no place yet; asked without the write lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM ledger_pending LIMIT 1")
        return cursor.fetchone() is not None


def documents(hashes: Sequence[bytes]) -> dict[bytes, bytes]:
    """The public documents with these hashes. Raises Damaged when one is missing."""
    if not hashes:
        return {}
    with connection.cursor() as cursor:
        marks = ",".join(["%s"] * len(hashes))
        cursor.execute(f"SELECT hash, body FROM ledger_document WHERE hash IN ({marks})", list(hashes))  # noqa: S608
        found = {bytes(hash_): bytes(body) for hash_, body in cursor.fetchall()}
    for hash_ in hashes:
        if hash_ not in found:
            raise Damaged(f"ledger_document has no row {hash_.hex()}, which a leaf commits to: run `commonweal check`")
    return found


def hashes_of(rows: Sequence[Row]) -> bytes:
    """The leaf hashes of rows, concatenated (32 bytes each)."""
    joined = b"".join([row.hash for row in rows])
    if len(joined) != HASH * len(rows):
        raise Damaged("a leaf hash in ledger_leaf does not have 32 bytes: run `commonweal check`")
    return joined
