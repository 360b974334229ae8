"""Which keys a file has shown already, and where: for files of any size, in little memory."""

from __future__ import annotations

import sqlite3

CACHE_KIB = 32_768


class Seen:
    """Remembers where each key stood first, in a temporary database that SQLite moves to disk when it grows."""

    def __init__(self) -> None:
        self._keys = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._keys.executescript(
            f"PRAGMA cache_size=-{CACHE_KIB}; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;"
            "CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID; BEGIN;"
        )

    def first(self, key: str, line: int) -> int | None:
        """The line where `key` stood before, or None; then it is remembered for `line`."""
        added = self._keys.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line)).rowcount
        return None if added else self.where(key)

    def where(self, key: str) -> int | None:
        """The line where `key` stood first, or None."""
        row = self._keys.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None
