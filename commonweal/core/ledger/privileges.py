"""What the database itself refuses: on PostgreSQL the node runs under a role that cannot change or delete evidence.

The owner of the tables makes them (`commonweal init`) and gives that role its rights (`commonweal grant`). Records are
deleted under a second role, which the node takes for the length of one deletion. SQLite has no roles: there the audit
and the published log tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from psycopg import sql

INSERT_ONLY = (
    "ledger_record",
    "ledger_chain",
    "ledger_leaf",
    "ledger_log",
    "ledger_document",
    "ledger_checkpoint",
    "ledger_securityseal",
)
RECORDS = "ledger_record"
_MAY_DO = "SELECT has_table_privilege(current_user, %s, 'UPDATE, DELETE, TRUNCATE')"


def grant(role: str, password: str = "", *, using: str = "default") -> None:
    """Make the role, or give it what newer tables need. Repeating it changes nothing. PostgreSQL, as the tables' owner.

    Raises django.db.DatabaseError when the caller may not do that.
    """
    name, erasure = sql.Identifier(role), sql.Identifier(_erasure(role))
    with connections[using].cursor() as cursor:
        _make(cursor, role, "LOGIN NOINHERIT")
        _make(cursor, _erasure(role), "NOLOGIN")
        if password:
            _run(cursor, "ALTER ROLE {} PASSWORD {}", name, sql.Literal(password))
        _run(cursor, "GRANT USAGE ON SCHEMA public TO {}, {}", name, erasure)
        _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}", name)
        _run(cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", name)
        tables = sql.SQL(", ").join(map(sql.Identifier, INSERT_ONLY))
        _run(cursor, "REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}", tables, name)
        _run(cursor, "GRANT UPDATE (leaf_id) ON ledger_document TO {}", name)  # published again: at its newest place
        _run(cursor, "GRANT SELECT, DELETE ON {} TO {}", sql.Identifier(RECORDS), erasure)
        _run(cursor, "GRANT {} TO {}", erasure, name)


def too_powerful() -> list[str]:
    """The tables of evidence that the node's own database role could change; none on SQLite, which has no roles."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        return [table for table in INSERT_ONLY if _answer(cursor, _MAY_DO, table)]


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
    cursor.execute("SELECT current_user, current_user || '_erasure' IN (SELECT rolname FROM pg_roles)")
    role, has_one = cursor.fetchone()
    if has_one:
        _run(cursor, "SET LOCAL ROLE {}", sql.Identifier(_erasure(role)))
    yield
    if has_one:
        cursor.execute("RESET ROLE")


def _erasure(role: str) -> str:
    return f"{role}_erasure"


def _make(cursor: Any, role: str, rights: str) -> None:
    if not _answer(cursor, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role):
        _run(cursor, f"CREATE ROLE {{}} {rights}", sql.Identifier(role))


def _answer(cursor: Any, statement: str, about: str) -> Any:
    cursor.execute(statement, [about])
    return cursor.fetchone()[0]


def _run(cursor: Any, statement: str, *parts: sql.Composable) -> None:
    cursor.execute(sql.SQL(statement).format(*parts))
