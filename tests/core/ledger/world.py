"""A small node for the ledger's tests: people with chains, acts, a sequencer and its public log."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from commonweal.core.ledger import entries, epochs, keys, receipts
from commonweal.core.ledger.leaves import Kind, leaf_bytes
from commonweal.core.ledger.sequencer import Sequencer
from commonweal.core.ledger.verify import VerifierKey, leaf_hash

ORIGIN = "test.example/log"


@dataclass
class World:
    """Everything under one folder; the tables are the test database's."""

    home: Path
    open: list[Sequencer] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def vkeys(self) -> tuple[VerifierKey, ...]:
        return keys.load(self.home / "keys", ORIGIN).vkeys

    def fetch(self, path: str) -> bytes:
        return (self.log / path).read_bytes()

    def sequencer(self) -> Sequencer:
        self.close()
        self.open.append(Sequencer(ORIGIN, keys.create(self.home / "keys", ORIGIN), self.log))
        return self.open[-1]

    def close(self) -> None:
        for sequencer in self.open:
            sequencer.close()
        self.open.clear()

    def publish(self) -> int:
        """Place and publish everything that waits; the size of the log."""
        sequencer = self.sequencer()
        while sequencer.step() is not None:
            pass
        self.close()
        return int(self.fetch("checkpoint").split(b"\n")[1])

    def close_epoch(self) -> epochs.Epoch | None:
        """Close an epoch over what is published, and publish it."""
        closed = epochs.close()
        self.publish()
        return closed

    def person(self) -> bytes:
        from commonweal.core.identity.people import create_person

        return create_person().chain

    def act(self, *chains: bytes, **fields: Any) -> None:
        act = secrets.token_bytes(16)
        shared = {"act": act.hex(), "time": "2026-11-25T09:30:00.000Z", "action": "test.read", "actor": "officer:1"}
        with transaction.atomic():
            subjects = [(chain, {"subject": subject_of(chain)}) for chain in chains]
            entries.add_entries(act, shared | fields, subjects)

    def history(self, chain: bytes, **options: Any) -> dict[str, Any]:
        receipts._epoch_map.cache_clear()
        options.setdefault("proofs", True)
        return json.loads(receipts.history(self.fetch, chain, **options).text())

    def receipt(self, chain: bytes, n: int) -> dict[str, Any]:
        return self.history(chain, start=n, stop=n + 1)


def subject_of(chain: bytes) -> str:
    """Whom a chain is about; where the ledger stands alone, the chain itself."""
    if not apps.is_installed("commonweal.core.identity"):
        return chain.hex()
    from commonweal.core.identity.people import with_chain

    return with_chain(chain).id.hex


def add_leaves(count: int, seed: int = 0) -> list[bytes]:
    """Commit leaves of kind SECURITY, which need no chain rows; what was committed."""
    leaves = [leaf_bytes(Kind.SECURITY, (seed * 10**9 + number).to_bytes(32, "big")) for number in range(count)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_leaf")
        last = cursor.fetchone()[0]
        cursor.executemany(
            "INSERT INTO ledger_leaf (data, hash) VALUES (%s, %s)", [(leaf, leaf_hash(leaf)) for leaf in leaves]
        )
        cursor.execute("INSERT INTO ledger_pending (leaf_id) SELECT id FROM ledger_leaf WHERE id > %s", [last])
    return leaves


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run one statement as somebody with full access to the database would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
