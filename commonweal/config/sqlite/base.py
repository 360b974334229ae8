"""A fair queue for SQLite's single writer.

SQLite lets waiting writers poll; two processes that write back to back then starve a third for seconds (measured:
7 s). Here a writer first takes the place at the head of the queue, then the turn, and gives the place back as soon as
it has the turn: whoever waits at the head is next, however eager the others are. Two file locks, no process to run; a
killed process lets go of both.
"""

from __future__ import annotations

import fcntl
import os
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base


class Queue:
    """The two locks of one database file, `FILE-place` and `FILE-turn`, for one connection."""

    def __init__(self, database: str) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._place = os.open(f"{database}-place", flags, 0o600)
        self._turn = os.open(f"{database}-turn", flags, 0o600)

    def enter(self) -> None:
        """Wait for the turn."""
        fcntl.flock(self._place, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._place, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Give the turn back; without one, nothing happens."""
        fcntl.flock(self._turn, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._place)
        os.close(self._turn)


@lru_cache(maxsize=1_000)
def _with_question_marks(query: str) -> str:
    return str(base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))


class Cursor(base.SQLiteCursorWrapper):
    """Django rewrites `%s` as `?` with a regular expression at each execution; here once for each statement."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None:
            return _with_question_marks(query)
        return str(super().convert_query(query, param_names=param_names))


class DatabaseWrapper(base.DatabaseWrapper):
    """Every transaction waits its turn; single statements outside one still poll, as SQLite does."""

    _queue: Queue | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        if not self.is_in_memory_db():
            self._queue = Queue(str(conn_params["database"]))
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        if self._queue:
            self._queue.enter()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._queue:
                self._queue.close()
                self._queue = None

    def _leave(self) -> None:
        if self._queue:
            self._queue.leave()
