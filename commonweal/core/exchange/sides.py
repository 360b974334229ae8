"""Rows beside the evidence: nonces that were used, and which act of ours belongs to which act of another node.

Written inside the transaction that writes the evidence. SQL, because every request passes through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


def add_nonces(nonces: Sequence[tuple[bytes, int]]) -> set[bytes]:
    """Note the nonces (hash, expiry) of requests; those that were not known before."""
    fresh: set[bytes] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(nonces), ROWS):
            part = list(dict(nonces[start : start + ROWS]).items())
            marks = ",".join(["(%s, %s)"] * len(part))
            cursor.execute(
                f"INSERT INTO exchange_nonce (hash, expires) VALUES {marks} "  # noqa: S608
                "ON CONFLICT DO NOTHING RETURNING hash",
                [value for row in part for value in row],
            )
            fresh |= {bytes(hash_) for (hash_,) in cursor.fetchall()}
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
    """Delete the nonces of requests whose time is over: they would be refused as too late anyway."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM exchange_nonce WHERE expires < %s", [now])


def known_nonces(marks: Sequence[bytes]) -> set[bytes]:
    """Those of these nonces that were used."""
    with connection.cursor() as cursor:
        places = ",".join(["%s"] * len(marks))
        cursor.execute(f"SELECT hash FROM exchange_nonce WHERE hash IN ({places})", list(marks))  # noqa: S608
        return {bytes(mark) for (mark,) in cursor.fetchall()}
