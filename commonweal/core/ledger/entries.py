"""Writing evidence: record, chain, leaf, pending and head rows, always inside the caller's transaction.

SQL, not the ORM, because this is the hottest path of the node (measured: docs/architecture.md).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from commonweal.core.ledger import counterpart
from commonweal.core.ledger.leaves import Kind, leaf_bytes
from commonweal.core.ledger.merkle import root_of
from commonweal.core.ledger.verify import leaf_hash

NODE_CHAIN = bytes(16)
Heads = dict[bytes, tuple[bytes, int, bytes]]  # chain -> label, n, commitment
Record = tuple[bytes, bytes, int, bytes, bytes]  # act, chain, n, body, key
Newest = tuple[int, bytes, bytes]  # n, commitment, chain
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
NODE_LABEL = hashlib.sha256(b"node").digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject's new entry, as the receipt will show it."""

    chain: bytes
    n: int
    commitment: bytes


class MissingChain(LookupError):
    """Evidence was to be written for a subject that has no chain."""


def canonical(body: dict[str, Any]) -> bytes:
    """The bytes that a commitment covers: JSON with sorted keys and no white space, UTF-8."""
    return _encode(body).encode()


def open_chain(chain: bytes, label: bytes) -> None:
    """Begin a subject's chain. Repeating it changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_head (chain, label, n, commitment) VALUES (%s, %s, 0, %s) ON CONFLICT DO NOTHING",
            [chain, label, b""],
        )


def open_chains(chains: list[tuple[bytes, bytes]]) -> None:
    """Begin many chains, (chain, label) each."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_head (chain, label, n, commitment) VALUES (%s, %s, 0, %s) ON CONFLICT DO NOTHING",
            [(chain, label, b"") for chain, label in chains],
        )


def add_entries(
    act: bytes, shared: dict[str, Any], subjects: list[tuple[bytes, dict[str, Any]]], held: Heads | None = None
) -> list[Entry]:
    """Write the evidence of one act for each of its subjects, under one leaf.

    `shared` is the part of the record that all subjects have in common; each subject is (chain, own part); `held` are
    heads that this transaction holds already.
    Needs an open transaction that holds the write lock (SQLite) or will hold the head rows (PostgreSQL).
    Raises MissingChain.
    """
    other = counterpart.current()
    if other:
        shared = shared | other.fields
    with connection.cursor() as cursor:
        heads = {chain: held[chain] for chain, _ in subjects if chain in held} if held else {}
        if missing := {chain for chain, _ in subjects if chain not in heads}:
            heads |= _locked_heads(cursor, sorted(missing))
        entries, records, data = drawn_up(act, shared, subjects, heads)
        newest = [(n, commitment, chain) for chain, (_, n, commitment) in heads.items()]
        (_store if connection.vendor == "sqlite" else _store_at_once)(cursor, data, entries, records, newest)
    if other:
        other.written(act, leaf_hash(data), shared.get("decision") != "refused")
    return entries


def drawn_up(
    act: bytes, shared: dict[str, Any], subjects: list[tuple[bytes, dict[str, Any]]], heads: Heads
) -> tuple[list[Entry], list[Record], bytes]:
    """One act's entries, its records and the bytes of its leaf, next in the chains whose `heads` it moves on."""
    entries, records = [], []
    for chain, own in subjects:
        label, n, previous = heads[chain]
        body = shared | own | {"n": n + 1, "previous": previous.hex() if n else None}
        if n == 0:
            body["label"] = label.hex()
        text, key = canonical(body), secrets.token_bytes(32)
        commitment = hmac.digest(key, text, "sha256")
        heads[chain] = (label, n + 1, commitment)
        entries.append(Entry(chain, n + 1, commitment))
        records.append((act, chain, n + 1, text, key))
    return entries, records, leaf_bytes(Kind.ACT, root_of([leaf_hash(entry.commitment) for entry in entries]))


def _store(cursor: Any, data: bytes, entries: list[Entry], records: list[Record], newest: list[Newest]) -> None:
    leaf_id = _add_leaf(cursor, data)
    execute_many(cursor, "INSERT INTO ledger_record (act, chain, n, body, key) VALUES (%s, %s, %s, %s, %s)", records)
    execute_many(
        cursor,
        "INSERT INTO ledger_chain (chain, n, commitment, leaf_id, position) VALUES (%s, %s, %s, %s, %s)",
        [(entry.chain, entry.n, entry.commitment, leaf_id, place) for place, entry in enumerate(entries)],
    )
    execute_many(cursor, "UPDATE ledger_head SET n = %s, commitment = %s WHERE chain = %s", newest)


_AT_ONCE = """
WITH leaf AS (INSERT INTO ledger_leaf (data, hash) VALUES (%s, %s) RETURNING id),
pending AS (INSERT INTO ledger_pending (leaf_id) SELECT id FROM leaf),
entry AS (SELECT * FROM unnest(%s::bytea[], %s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[])
          WITH ORDINALITY AS entry (chain, n, body, key, commitment, place)),
record AS (INSERT INTO ledger_record (act, chain, n, body, key) SELECT %s, chain, n, body, key FROM entry),
head AS (UPDATE ledger_head SET n = newest.n, commitment = newest.commitment
         FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS newest (n, commitment, chain)
         WHERE ledger_head.chain = newest.chain)
INSERT INTO ledger_chain (chain, n, commitment, leaf_id, position)
SELECT chain, n, commitment, leaf.id, place - 1 FROM entry, leaf
"""


def _store_at_once(cursor: Any, data: bytes, entries: list[Entry], records: list[Record], newest: list[Newest]) -> None:
    """The same in one journey to PostgreSQL, where each statement costs one."""
    acts, chains, numbers, bodies, keys = map(list, zip(*records, strict=True))
    commitments = [entry.commitment for entry in entries]
    heads = map(list, zip(*newest, strict=True))
    parts = (chains, numbers, bodies, keys, commitments, acts[0], *heads)
    cursor.execute(_AT_ONCE, [data, leaf_hash(data), *parts])


def hold_chains(chains: Iterable[bytes]) -> Heads:
    """Let nobody else write into these chains until this transaction ends; their heads, of those that are there.

    On SQLite the writer holds the whole database already.
    """
    wanted = sorted(chains)
    if not wanted or connection.vendor == "sqlite":
        return {}
    with connection.cursor() as cursor:
        return heads_of(cursor, wanted)


def add_document(kind: Kind, body: bytes) -> bytes:
    """Publish a document: its plain SHA-256 becomes a leaf. Returns the hash; publishing the same again adds a leaf."""
    digest = hashlib.sha256(body).digest()
    with transaction.atomic(), connection.cursor() as cursor:
        leaf_id = _add_leaf(cursor, leaf_bytes(kind, digest))
        cursor.execute(
            "INSERT INTO ledger_document (hash, kind, body, leaf_id) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (hash) DO UPDATE SET leaf_id = excluded.leaf_id",
            [digest, int(kind), body, leaf_id],
        )
    return digest


def add_commitment(kind: Kind, commitment: bytes) -> None:
    """Add a leaf that commits to something kept elsewhere (the security log's minute)."""
    with transaction.atomic(), connection.cursor() as cursor:
        _add_leaf(cursor, leaf_bytes(kind, commitment))


def _locked_heads(cursor: Any, chains: list[bytes]) -> Heads:
    heads = heads_of(cursor, chains)
    if len(heads) < len(chains):
        missing = next(chain for chain in chains if chain not in heads)
        raise MissingChain(f"no chain {missing.hex()}: create people through core.identity.service")
    return heads


def heads_of(cursor: Any, chains: list[bytes]) -> Heads:
    """The heads of those of these chains that are there, locked until the transaction ends on PostgreSQL."""
    marks = ",".join(["%s"] * len(chains))
    lock = "" if connection.vendor == "sqlite" else " ORDER BY chain FOR UPDATE"
    cursor.execute(f"SELECT chain, label, n, commitment FROM ledger_head WHERE chain IN ({marks}){lock}", chains)  # noqa: S608
    return {bytes(chain): (bytes(label), n, bytes(last)) for chain, label, n, last in cursor.fetchall()}


def _add_leaf(cursor: Any, data: bytes) -> int:
    cursor.execute("INSERT INTO ledger_leaf (data, hash) VALUES (%s, %s) RETURNING id", [data, leaf_hash(data)])
    leaf_id: int = cursor.fetchone()[0]
    cursor.execute("INSERT INTO ledger_pending (leaf_id) VALUES (%s)", [leaf_id])
    return leaf_id


def execute_many(cursor: Any, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """The statement for each row; one row needs no loop of the driver."""
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    else:
        cursor.executemany(statement, rows)
