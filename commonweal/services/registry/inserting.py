"""Many rows into the register's tables at once, by SQL: for bulk work the ORM costs more than the evidence does.

Measured by `benchmarks/import_rows.py`: 1,500 rows a second through the ORM's bulk_create, 3,000 this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

CACHE_KIB = 65_536


def insert(
    model: type[Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], *, unless_there: bool = False
) -> None:
    """Insert one row for each sequence of values, in the order of `fields`; every other field has to have a default
    in the database or be its key. With `unless_there`, rows that break a unique constraint are left out.
    """
    columns = [str(model._meta.get_field(name).column) for name in fields]  # type: ignore[union-attr]
    statement = (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "  # noqa: S608 - names of our own models
        f"VALUES ({', '.join(['%s'] * len(columns))}){' ON CONFLICT DO NOTHING' if unless_there else ''}"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(rows))


def widen_cache() -> None:
    """Let SQLite keep more pages in memory, since bulk work touches indexes everywhere."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def uuid(value: UUID) -> UUID | str:
    """A UUID as the database keeps it."""
    return value if connection.features.has_native_uuid_field else value.hex


def instant(value: datetime) -> Any:
    """An instant as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(value)
