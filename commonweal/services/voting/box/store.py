"""What the ballot server keeps: one SQLite file, without rows in order and without times.

Tables are WITHOUT ROWID under random or hashed keys, deleted content is overwritten, and after each batch the file is
written anew (VACUUM) and its journal emptied, so that no trace of the order of arrival outlives the batch. Until then
whoever seizes the machine may find it, as whoever watches the traffic does.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "box.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS election (
  uuid TEXT PRIMARY KEY, package BLOB NOT NULL, phase TEXT NOT NULL, ticks INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS binding (
  uuid TEXT NOT NULL, credential BLOB NOT NULL, pass BLOB NOT NULL, turns INTEGER NOT NULL,
  PRIMARY KEY (uuid, credential), UNIQUE (uuid, pass)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ballot (
  uuid TEXT NOT NULL, tracker TEXT NOT NULL, credential BLOB NOT NULL, turn INTEGER NOT NULL, waiting BLOB,
  PRIMARY KEY (uuid, tracker)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ballot_of_credential ON ballot (uuid, credential, turn);
CREATE TABLE IF NOT EXISTS board (
  uuid TEXT NOT NULL, place INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (uuid, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint (
  uuid TEXT NOT NULL, height INTEGER NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (uuid, height)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contribution (
  uuid TEXT NOT NULL, kind TEXT NOT NULL, owner INTEGER NOT NULL, PRIMARY KEY (uuid, kind, owner)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shuffle_signature (
  uuid TEXT NOT NULL, owner INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (uuid, owner)
) WITHOUT ROWID;
"""


class Store:
    """The file, one connection for each thread.

    `owing` while the order of arrival may still be in it although its batch is on the board: a process before this one
    may have been killed between the two, or a reader may have held the journal.
    """

    owing = True

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / FILE
        self._local = threading.local()
        self._writing = threading.Lock()
        with self.writing() as connection:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
        self._path.chmod(0o600)

    def reading(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction; the threads of this process take turns, other processes wait for the file."""
        with self._writing:
            connection = self.reading()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def forget_order(self) -> None:
        """Write the file anew in the order of its keys, and empty the journal. Owing again when a reader held it."""
        self.owing = True
        with self._writing:
            self.reading().execute("VACUUM")
            (held, *_) = self.reading().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self.owing = bool(held)
