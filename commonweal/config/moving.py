"""Moving a running node from SQLite to PostgreSQL.

    watch    triggers in the SQLite file note the key of every row that changes from now on
    copy     every table as it stands in one moment, while the node goes on
    follow   what changed meanwhile, again and again until it is little
    freeze   with the write lock: the last changes, then triggers that refuse every further write

Nothing can be written to the old file after the freeze, so nothing is lost, whoever still has it open; whatever was
not acknowledged before was not done. Broken off anywhere before the freeze, the node simply stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, transaction
from django.db.models import Model

OLD, NEW = "default", "target"
CHANGES = "moving_change"
ROWS_A_STEP = 2_000
FEW = 1_000
FREEZES = "this database has moved to PostgreSQL"


class CannotMove(RuntimeError):
    """The move cannot begin or go on; the text says what to do."""


class Progress(Protocol):
    """Hears what is done: a step's name and how many rows it has moved."""

    def __call__(self, step: str, rows: int) -> None: ...


def open_target() -> None:
    """Make the tables in the new database. Raises CannotMove when it holds a node already."""
    if "ledger_head" in connections[NEW].introspection.table_names():
        with connections[NEW].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ledger_head WHERE n > 0")
            if cursor.fetchone()[0]:
                raise CannotMove("that database holds records already; name an empty one")
    call_command("migrate", database=NEW, verbosity=0)
    call_command("createcachetable", database=NEW, verbosity=0)


def watch() -> None:
    """Note every change from now on."""
    with transaction.atomic(using=OLD), connections[OLD].cursor() as cursor:
        _forget(cursor)
        cursor.execute(f"CREATE TABLE {CHANGES} (id INTEGER PRIMARY KEY, place TEXT NOT NULL, key NOT NULL)")
        for model in _tables():
            table, key = model._meta.db_table, _pk(model).column
            for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                cursor.execute(
                    f'CREATE TRIGGER "moving_{event}_{table}" AFTER {event} ON "{table}" BEGIN '  # noqa: S608
                    f"INSERT INTO {CHANGES} (place, key) VALUES ('{table}', {row}.\"{key}\"); END"
                )


def stop_watching() -> None:
    """Leave the SQLite file as it was. Repeating it changes nothing."""
    with transaction.atomic(using=OLD), connections[OLD].cursor() as cursor:
        _forget(cursor)


def copy(progress: Progress) -> None:
    """Copy every table as it stands at one moment."""
    with transaction.atomic(using=NEW), _one_moment():
        with connections[NEW].cursor() as cursor:
            names = ", ".join(f'"{model._meta.db_table}"' for model in _tables())
            cursor.execute(f"TRUNCATE {names}")
        for model in _tables():
            rows = model._base_manager.using(OLD).values_list(*_columns(model))
            progress(model._meta.db_table, _write(model, rows.iterator(ROWS_A_STEP)))


def follow(progress: Progress) -> None:
    """Bring the copy up to date until little is left to do."""
    while (changed := _follow_once()) > FEW:
        progress("changed meanwhile", changed)


def freeze(progress: Progress) -> None:
    """With the write lock: take over the last changes, count, and let the old file refuse every further write.

    Raises CannotMove when a table has not as many rows as the other; then the node stays where it is.
    """
    with transaction.atomic(using=OLD):
        progress("changed meanwhile", _follow_once())
        _count()
        with connections[NEW].cursor() as cursor:
            for statement in connections[NEW].ops.sequence_reset_sql(no_style(), _tables()):
                cursor.execute(statement)
        with connections[OLD].cursor() as cursor:
            _forget(cursor)
            for model in _tables():
                for event in ("INSERT", "UPDATE", "DELETE"):
                    table = model._meta.db_table
                    cursor.execute(
                        f'CREATE TRIGGER "moved_{event}_{table}" BEFORE {event} ON "{table}" BEGIN '
                        f"SELECT RAISE(ABORT, '{FREEZES}'); END"
                    )


def is_frozen() -> bool:
    """Whether the old file has been left for good. Raises CannotMove when the node is not on SQLite."""
    if connections[OLD].vendor != "sqlite":
        raise CannotMove("this node is on PostgreSQL already")
    with connections[OLD].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'moved_*'")
        return bool(cursor.fetchone()[0])


def _follow_once() -> int:
    """Take over every row that has changed since the last time; how many."""
    with transaction.atomic(using=NEW), _one_moment():
        with connections[OLD].cursor() as cursor:
            cursor.execute(f"SELECT place, key, max(id) FROM {CHANGES} GROUP BY place, key")  # noqa: S608
            found = cursor.fetchall()
        keys: dict[str, list[Any]] = {}
        for place, key, _ in found:
            keys.setdefault(place, []).append(key)
        for model in _tables():
            changed = [_pk(model).to_python(key) for key in keys.get(model._meta.db_table, [])]
            for at in range(0, len(changed), ROWS_A_STEP // 4):
                some = changed[at : at + ROWS_A_STEP // 4]
                model._base_manager.using(NEW).filter(pk__in=some)._raw_delete(NEW)
                _write(model, model._base_manager.using(OLD).filter(pk__in=some).values_list(*_columns(model)))
    if found:
        with connections[OLD].cursor() as cursor:
            cursor.execute(f"DELETE FROM {CHANGES} WHERE id <= %s", [max(last for _, _, last in found)])  # noqa: S608
    return len(found)


def _count() -> None:
    for model in _tables():
        old, new = (model._base_manager.using(name).count() for name in (OLD, NEW))
        if old != new:
            raise CannotMove(f"{model._meta.db_table} has {old} rows here and {new} there; nothing was changed")


def _write(model: type[Model], rows: Iterable[Sequence[Any]]) -> int:
    fields = list(model._meta.local_concrete_fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    written = 0
    with (
        connections[NEW].cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as into,
    ):
        for row in rows:
            into.write_row([
                field.get_db_prep_save(value, connections[NEW]) for field, value in zip(fields, row, strict=True)
            ])  # fmt: skip
            written += 1
    return written


@contextmanager
def _one_moment() -> Iterator[None]:
    """Reads inside see the old file as it was at the first of them, and block nobody. Nothing to do under its lock."""
    if connections[OLD].in_atomic_block:
        yield
        return
    with connections[OLD].cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _forget(cursor: Any) -> None:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'moving_*'")
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP TRIGGER "{name}"')
    cursor.execute(f"DROP TABLE IF EXISTS {CHANGES}")


def _tables() -> list[type[Model]]:
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.managed and not model._meta.proxy]


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.local_concrete_fields]


def _pk(model: type[Model]) -> Any:
    return model._meta.pk
