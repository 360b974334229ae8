"""Deleting records: on PostgreSQL under a role of its own, which the node takes for the length of one deletion.

That role is made by privileges.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

RECORDS = "ledger_record"


def erasure_role(role: str) -> str:
    """The role that may delete records, of the role that the node runs under."""
    return f"{role}_erasure"


def delete_records(chain: bytes, entries: Sequence[int] | None = None) -> int:
    """Delete records with their keys, all of a chain or some entries, in the caller's transaction. Returns how many."""
    some = "" if entries is None else f" AND n IN ({','.join(['%s'] * len(entries))})"
    with connection.cursor() as cursor, _as_erasure(cursor):
        cursor.execute(f"DELETE FROM ledger_record WHERE chain = %s{some}", [chain, *(entries or ())])  # noqa: S608
        return int(cursor.rowcount)


@contextmanager
def _as_erasure(cursor: Any) -> Iterator[None]:
    """Take the erasure role, where the node runs under a role that has one."""
    if connection.vendor != "postgresql":
        yield
        return
    from psycopg import sql  # on SQLite it would cost each process 13 MB for nothing

    cursor.execute("SELECT current_user, current_user || '_erasure' IN (SELECT rolname FROM pg_roles)")
    role, has_one = cursor.fetchone()
    if has_one:
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(erasure_role(role))))
    yield
    if has_one:
        cursor.execute("RESET ROLE")
