"""A SQL database as a service: parameterised queries from files, on a connection that cannot write."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commonweal.core.exchange.directory import Endpoint
from commonweal.core.exchange.sources.call import Answer, Call, SourceFailed, as_json, matching
from commonweal.core.exchange.sources.files import parameters
from commonweal.core.exchange.threads import in_a_thread

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|replace|create|alter|drop|truncate|grant|revoke|attach|detach|pragma|vacuum|copy|"
    r"call|do|lock|set|reset|into|exec|execute|begin|commit|rollback)\b",
    re.IGNORECASE,
)


class BadQuery(ValueError):
    """A query that must not be offered; the text says why."""


@dataclass(frozen=True)
class Query:
    """One SELECT with named parameters (`:name`; `:subject` is the person's identifier)."""

    endpoint: Endpoint
    text: str
    parameters: tuple[str, ...]


def read_query(endpoint: Endpoint, text: str) -> Query:
    """Check a query. Raises BadQuery unless it is one SELECT.

    The connection is read-only besides: this check is for the owner, who shall learn it before anyone asks.
    """
    bare = _TEXT.sub("''", _COMMENT.sub(" ", text)).strip().rstrip(";")
    if ";" in bare or not _READS.match(bare):
        raise BadQuery("a query is one SELECT")
    if word := _WRITES.search(bare):
        raise BadQuery(f"a query only reads; it says {word[1].upper()}")
    return Query(endpoint, _COMMENT.sub(" ", text).strip().rstrip(";"), tuple(sorted(set(_PARAMETER.findall(bare)))))


@dataclass
class SqlSource:
    """Queries on one database: `sqlite:///PATH` or a PostgreSQL address. `timeout` in seconds, at most `most` rows."""

    database: str
    queries: tuple[Query, ...]
    timeout: float
    most: int
    opens_door: bool = False
    _local: threading.local = field(default_factory=threading.local)

    async def fetch(self, call: Call) -> Answer:
        """The rows as JSON. Raises SourceFailed."""
        chosen = matching(tuple(query.endpoint for query in self.queries), call.method, call.path)
        query = next(query for query in self.queries if query.endpoint == chosen)
        stated = parameters(call) | ({"subject": call.identifier} if call.identifier else {})
        if missing := [name for name in query.parameters if name not in stated]:
            return as_json(400, {"error": f"state `{missing[0]}`"}, ())
        values = {name: stated[name] for name in query.parameters}
        rows = await in_a_thread(lambda: self._run(query, values))
        return as_json(200 if rows else 404, {"rows": rows})

    def _run(self, query: Query, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self.database.startswith("sqlite:"):
            return self._run_sqlite(query, values)
        return self._run_postgresql(query, values)

    def _run_sqlite(self, query: Query, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        ends = time.monotonic() + self.timeout
        try:
            connection = self._sqlite()
            connection.set_progress_handler(lambda: time.monotonic() > ends, 10_000)
            with closing(connection.execute(query.text, values)) as cursor:
                names = [column[0] for column in cursor.description]
                return self._limited(names, cursor.fetchmany(self.most + 1))
        except sqlite3.Error as error:
            raise _failed(error, time.monotonic() > ends) from error

    def _sqlite(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            path = Path(self.database.removeprefix("sqlite:///")).absolute()
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
        return connection

    def _run_postgresql(self, query: Query, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        import psycopg

        options = f"-c default_transaction_read_only=on -c statement_timeout={int(self.timeout * 1000)}"
        text = _PARAMETER.sub(r"%(\1)s", query.text.replace("%", "%%"))
        try:
            with psycopg.connect(self.database, options=options, connect_timeout=5) as connection:
                cursor = connection.execute(text, values)
                names = [column.name for column in cursor.description or ()]
                return self._limited(names, cursor.fetchmany(self.most + 1))
        except psycopg.Error as error:
            raise _failed(error, isinstance(error, psycopg.errors.QueryCanceled)) from error

    def _limited(self, names: list[str], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        if len(rows) > self.most:
            raise SourceFailed("AnswerTooLarge", f"More than {self.most} rows; ask more narrowly")
        return [dict(zip(names, row, strict=True)) for row in rows]


def _failed(error: Exception, late: bool) -> SourceFailed:
    if late:
        return SourceFailed("ServiceTimeout", "The database did not answer in time")
    return SourceFailed("ServiceFailed", f"The database refused the query: {type(error).__name__}")
