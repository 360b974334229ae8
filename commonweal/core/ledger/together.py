"""The evidence of many acts in one transaction: as `entries.add_entries` writes it, with as few statements as can be.

Each act keeps its own leaf. The gateway commits by it what many requests have gathered meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from commonweal.core.ledger.entries import Entry, Heads, MissingChain, Record, drawn_up, execute_many, heads_of
from commonweal.core.ledger.verify import leaf_hash

ROWS = 200  # of one INSERT; SQLite allows 32,766 parameters


@dataclass(frozen=True, slots=True)
class Act:
    """One act to be written: its id, what all its subjects' records share, and each (chain, own part)."""

    id: bytes
    shared: dict[str, Any]
    subjects: list[tuple[bytes, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of one act: its entries and its leaf's hash."""

    entries: list[Entry]
    leaf_hash: bytes


def add_acts(acts: Sequence[Act], held: Heads) -> list[Written | MissingChain]:
    """Write each act's evidence, in this order, inside the caller's transaction, which holds these heads already.

    An act about somebody who has no chain (any more) is left out and answered by MissingChain; the others stand.
    """
    with connection.cursor() as cursor:
        wanted = {chain for act in acts for chain, _ in act.subjects} - held.keys()
        heads = held | (heads_of(cursor, sorted(wanted)) if wanted else {})
        records: list[Record] = []
        outcome: list[Written | MissingChain] = []
        leaves: list[bytes] = []
        for act in acts:
            missing = next((chain for chain, _ in act.subjects if chain not in heads), None)
            if missing is not None:
                outcome.append(MissingChain(f"no chain {missing.hex()}"))
                continue
            entries, drawn, data = drawn_up(act.id, act.shared, act.subjects, heads)
            records += drawn
            leaves.append(data)
            outcome.append(Written(entries, leaf_hash(data)))
        if leaves:
            touched = sorted({chain for _, chain, *_ in records})
            _store(cursor, outcome, leaves, records, [(*heads[chain][1:], chain) for chain in touched])
    return outcome


def _store(
    cursor: Any,
    outcome: list[Written | MissingChain],
    leaves: list[bytes],
    records: list[tuple[Any, ...]],
    heads: list[tuple[Any, ...]],
) -> None:
    ids = _add_leaves(cursor, leaves)
    execute_many(cursor, "INSERT INTO ledger_pending (leaf_id) VALUES (%s)", [(id_,) for id_ in ids.values()])
    execute_many(cursor, "INSERT INTO ledger_record (act, chain, n, body, key) VALUES (%s, %s, %s, %s, %s)", records)
    execute_many(
        cursor,
        "INSERT INTO ledger_chain (chain, n, commitment, leaf_id, position) VALUES (%s, %s, %s, %s, %s)",
        [
            (entry.chain, entry.n, entry.commitment, ids[written.leaf_hash], place)
            for written in outcome
            if isinstance(written, Written)
            for place, entry in enumerate(written.entries)
        ],
    )
    execute_many(cursor, "UPDATE ledger_head SET n = %s, commitment = %s WHERE chain = %s", heads)


def _add_leaves(cursor: Any, leaves: list[bytes]) -> dict[bytes, int]:
    """Leaf hash -> row id. Random keys make every leaf another one, so hashes tell them apart."""
    ids: dict[bytes, int] = {}
    for start in range(0, len(leaves), ROWS):
        part = [(data, leaf_hash(data)) for data in leaves[start : start + ROWS]]
        marks = ",".join(["(%s, %s)"] * len(part))
        cursor.execute(
            f"INSERT INTO ledger_leaf (data, hash) VALUES {marks} RETURNING id, hash",  # noqa: S608
            [value for row in part for value in row],
        )
        ids |= {bytes(hash_): id_ for id_, hash_ in cursor.fetchall()}
    return ids
