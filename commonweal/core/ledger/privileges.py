"""What the database itself refuses: on PostgreSQL the node runs under a role that cannot change or delete evidence.

The owner of the tables makes them (`commonweal init`) and gives that role its rights (`commonweal grant`). Records are
deleted under a second role (deletion.py). SQLite has no roles: there the audit and the published log tell.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, connections
from psycopg import sql

from commonweal.core.ledger.deletion import RECORDS, erasure_role

INSERT_ONLY = (
    "ledger_record",
    "ledger_chain",
    "ledger_leaf",
    "ledger_log",
    "ledger_document",
    "ledger_checkpoint",
    "ledger_securityseal",
)
_MAY_DO = "SELECT has_table_privilege(current_user, %s, 'UPDATE, DELETE, TRUNCATE')"


def grant(role: str, password: str = "", *, using: str = "default") -> None:
    """Make the role, or give it what newer tables need. Repeating it changes nothing. PostgreSQL, as the tables' owner.

    Raises django.db.DatabaseError when the caller may not do that.
    """
    name, erasure = sql.Identifier(role), sql.Identifier(erasure_role(role))
    with connections[using].cursor() as cursor:
        _make(cursor, role, "LOGIN NOINHERIT")
        _make(cursor, erasure_role(role), "NOLOGIN")
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


def _make(cursor: Any, role: str, rights: str) -> None:
    if not _answer(cursor, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role):
        _run(cursor, f"CREATE ROLE {{}} {rights}", sql.Identifier(role))


def _answer(cursor: Any, statement: str, about: str) -> Any:
    cursor.execute(statement, [about])
    return cursor.fetchone()[0]


def _run(cursor: Any, statement: str, *parts: sql.Composable) -> None:
    cursor.execute(sql.SQL(statement).format(*parts))
