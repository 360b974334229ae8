"""Rows beside the evidence: nonces that were used, and which act of ours belongs to which act of another node.

Written inside the transaction that writes the evidence. SQL, because every request passes through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import connection

from commonweal.core import clock

ROWS = 200


class Replayed(ValueError):
    """A request was sent a second time."""


@dataclass(frozen=True)
class SideRow:
    """An act of an exchange: `kind` asked, received or provided; `peer` is the other node's log."""

    kind: str
    message: str
    client: str
    service: str
    peer: str
    peer_leaf: bytes | None

    def row(self, act: bytes, leaf: bytes, *, permitted: bool) -> tuple[Any, ...]:
        """The values of the row, in the table's order."""
        return (act, self.kind, self.message, self.client, self.service, permitted, clock.now(), leaf,
                self.peer, self.peer_leaf)  # fmt: skip


def mark_of(keyid: str, nonce: str, expires: int) -> bytes:
    """How a request that was answered is remembered, 40 bytes: when its time is over (POSIX seconds), and who sent it.

    The time stands first, so that new ones lie side by side in the database, and old ones too.
    """
    return expires.to_bytes(8, "big") + sha256(f"{keyid}|{nonce}".encode()).digest()


def add_nonces(marks: Sequence[bytes]) -> set[bytes]:
    """Note requests; those that were not known before."""
    fresh: set[bytes] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(marks), ROWS):
            part = list(dict.fromkeys(marks[start : start + ROWS]))
            places = ",".join(["(%s)"] * len(part))
            cursor.execute(
                f"INSERT INTO exchange_nonce (mark) VALUES {places} ON CONFLICT DO NOTHING RETURNING mark",  # noqa: S608
                part,
            )
            fresh |= {bytes(mark) for (mark,) in cursor.fetchall()}
    return fresh


def add_sides(rows: Sequence[tuple[Any, ...]]) -> None:
    """Note acts of an exchange."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO exchange_side (act, kind, message, client, service, permitted, at, leaf, peer, peer_leaf) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                rows,
            )


def forget_old_nonces(now: int) -> None:
    """Forget requests whose time was over before `now` (POSIX seconds): they would be refused as too late anyway."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exchange_nonce WHERE mark < %s", [now.to_bytes(8, "big")])


def known_nonces(marks: Sequence[bytes]) -> set[bytes]:
    """Those of these requests that were answered."""
    with connection.cursor() as cursor:
        places = ",".join(["%s"] * len(marks))
        cursor.execute(f"SELECT mark FROM exchange_nonce WHERE mark IN ({places})", list(marks))  # noqa: S608
        return {bytes(mark) for (mark,) in cursor.fetchall()}
