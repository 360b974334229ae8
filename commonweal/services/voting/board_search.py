"""Looking for one ballot in a record, by its tracker.

An index lies beside the record, a file that is made anew from it whenever the record has grown, and never changed.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import NamedTemporaryFile

from commonweal.services.voting.engine.archive import EventType, steps
from commonweal.services.voting.engine.encoding import members, parse
from commonweal.services.voting.engine.refusal import Refused

INDEX = ".ballots.sqlite3"
COUNTED, REPLACED = "counted", "replaced"
SCHEMA = (
    "CREATE TABLE record (size INTEGER NOT NULL)",
    "CREATE TABLE ballot (hash BLOB PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID",
)


def state_on_board(record: Path, tracker: str) -> str | None:
    """`counted`, or `replaced` by a later ballot of the same code; None if the board has no such ballot."""
    try:
        wanted = base64.b64decode(f"{tracker}=", validate=True)
    except ValueError:
        return None
    index(record)
    with closing(_opened(record.with_suffix(INDEX))) as db:
        row = db.execute("SELECT state FROM ballot WHERE hash = ?", [wanted]).fetchone()
    return str(row[0]) if row else None


def index(record: Path) -> None:
    """Make the index of the record as it stands, unless it is there."""
    size = record.stat().st_size
    if _size_in(record.with_suffix(INDEX)) == size:
        return
    with NamedTemporaryFile(dir=record.parent, prefix=f".{record.stem}", suffix=".passing", delete=False) as passing:
        path = Path(passing.name)
    try:
        with closing(sqlite3.connect(path)) as db, db:
            for statement in SCHEMA:
                db.execute(statement)
            db.execute("INSERT INTO record VALUES (?)", [size])
            db.executemany("INSERT OR REPLACE INTO ballot VALUES (?, ?)", _states(record))
        path.replace(record.with_suffix(INDEX))
    finally:
        path.unlink(missing_ok=True)


def _states(record: Path) -> Iterator[tuple[bytes, str]]:
    """The hash and state of each ballot; what is no ballot, the audit names."""
    cast, last = list[tuple[bytes, str]](), dict[str, bytes]()
    with record.open("rb") as stream:
        for step in steps(stream):
            if step.event.type is EventType.BALLOT:
                digest = bytes.fromhex(step.data[0].digest)
                credential = _credential(step.data[0].content)
                cast.append((digest, credential))
                last[credential] = digest
    for digest, credential in cast:
        yield digest, COUNTED if last[credential] == digest else REPLACED


def _credential(ballot: bytes) -> str:
    try:
        return str(members(parse(ballot)).get("credential"))
    except Refused:
        return ""


def _size_in(path: Path) -> int | None:
    """The size of the record that this is the index of; None if there is none."""
    try:
        with closing(_opened(path)) as db:
            return int(db.execute("SELECT size FROM record").fetchone()[0])
    except sqlite3.Error:
        return None


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
