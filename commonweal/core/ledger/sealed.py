"""Entries under seal: evidence of a lawful investigation that the person learns of only on a set day.

Such an entry stands in one chain of the whole node, so that nothing of it shows in the person's own counter, page,
receipts or timing; only how many there are, and the latest day on which one opens, is public (in each epoch).
At opening an entry of the person's own chain names the commitment, and the original record and leaf go with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from commonweal.core.ledger.deletion import delete_records

SEALED_CHAIN = bytes(15) + b"\x01"
SEALED_LABEL = hashlib.sha256(b"sealed").digest()
SEAL = "investigations.entry.seal"  # what the door asks for beside whatever shall be under seal
LONGEST = timedelta(days=366)
_COLUMNS = "n, chain, until, agency, actor, case_number"


@dataclass(frozen=True)
class Sealed:
    """One entry under seal: `n` in the node's sealed chain, the chain of whom it is about, and when it opens."""

    n: int
    chain: bytes
    until: date
    agency: str
    actor: str
    case: str


@dataclass(frozen=True)
class Waiting:
    """What the public learns: how many are sealed, and the latest day on which one opens (None: none are)."""

    count: int
    latest: date | None

    def as_json(self) -> dict[str, object]:
        """The part of an epoch's document."""
        return {"waiting": self.count, "latest": self.latest.isoformat() if self.latest else None}


def put(entries: Sequence[Sealed]) -> None:
    """Note new entries of the sealed chain, inside the transaction that wrote them."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO ledger_sealed ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)",  # noqa: S608
            [(one.n, one.chain, one.until, one.agency, one.actor, one.case) for one in entries],
        )


def waiting() -> Waiting:
    """How many entries are sealed now, and until when at the latest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(until) FROM ledger_sealed WHERE opened IS NULL")
        count, latest = cursor.fetchone()
    return Waiting(count, _day(latest) if latest else None)


def due(today: date) -> list[Sealed]:
    """Those whose day has come, oldest first."""
    return _select("opened IS NULL AND until <= %s ORDER BY n LIMIT 1000", today)


def of_case(agency: str, case: str) -> list[Sealed]:
    """Those of one agency's case that are sealed still."""
    return _select("opened IS NULL AND agency = %s AND case_number = %s ORDER BY n", agency, case)


def prolong(n: int, until: date, actor: str) -> None:
    """Set another opening day; whoever did so is not the second officer of the next time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_sealed SET until = %s, actor = %s WHERE n = %s AND opened IS NULL", [until, actor, n]
        )


def open_up(n: int, at: datetime, joined: int | None) -> bytes | None:
    """Note that a sealed entry was opened, as entry `joined` of its person's chain (None: that person was erased).

    Returns its commitment, or None when somebody opened it before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_sealed SET opened = %s, joined = %s WHERE n = %s AND opened IS NULL", [at, joined, n]
        )
        if cursor.rowcount == 0:
            return None
        cursor.execute("SELECT commitment FROM ledger_chain WHERE chain = %s AND n = %s", [SEALED_CHAIN, n])
        return bytes(cursor.fetchone()[0])


def next_number(chain: bytes) -> int:
    """The number that a chain's next entry will have, which nobody else can take until this transaction ends."""
    lock = "" if connection.vendor == "sqlite" else " FOR UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT n + 1 FROM ledger_head WHERE chain = %s{lock}", [chain])  # noqa: S608
        number: int = cursor.fetchone()[0]
    return number


def joined(chain: bytes, start: int, stop: int) -> dict[int, int]:
    """Entries start <= n < stop of a person's chain that opened a sealed one: n -> its number in the sealed chain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT joined, n FROM ledger_sealed WHERE chain = %s AND joined >= %s AND joined < %s",
            [chain, start, stop],
        )
        return dict(cursor.fetchall())


def originals(chain: bytes, entries: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The records that these entries of a person's chain opened: entry -> the record that was under seal."""
    marks = ",".join(["%s"] * len(entries))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT joined, body FROM ledger_sealed sealed JOIN ledger_record record ON record.n = sealed.n "  # noqa: S608
            f"WHERE record.chain = %s AND sealed.chain = %s AND joined IN ({marks})",
            [SEALED_CHAIN, chain, *entries],
        )
        return {n: json.loads(bytes(body)) for n, body in cursor.fetchall()}


def forget(numbers: Sequence[int]) -> None:
    """Delete records and keys of sealed entries; their places stay."""
    if numbers:
        delete_records(SEALED_CHAIN, numbers)


def _select(condition: str, *parameters: date | str) -> list[Sealed]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM ledger_sealed WHERE {condition}", parameters)  # noqa: S608
        return [
            Sealed(n, bytes(chain), _day(until), agency, actor, case)
            for n, chain, until, agency, actor, case in cursor.fetchall()
        ]


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value[:10])  # SQLite keeps text
