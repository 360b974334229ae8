"""A node's database as one file, and back. Keys, tombstones and the public log are not in it: they are kept apart."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from commonweal.config.node import Node

ABOUT, SETTINGS, SQLITE, POSTGRES = "backup.json", "node.toml", "node.sqlite3", "node.pgdump"
BESIDE = ("exchange.toml", "offers", "witnesses.policy")  # settings of the exchange, where there are any
FORMAT, HISTORY = 1, "backups.jsonl"


class BadBackup(RuntimeError):
    """The file cannot be made or used; the text says what to do."""


@dataclass(frozen=True)
class About:
    """What a backup says of itself. `size` is that of the newest checkpoint its database knows."""

    made: str
    origin: str
    engine: str
    size: int


@dataclass(frozen=True)
class Made:
    """One line of the node's list of backups: when (Unix time), where, and the file's SHA-256."""

    seconds: float
    file: str
    sha256: str


def make(node: Node, target: Path) -> About:
    """Write a backup while the node runs. The file appears whole or not at all, readable by its owner only.

    Raises BadBackup.
    """
    with tempfile.TemporaryDirectory(dir=target.parent or None) as folder:
        copy = Path(folder) / (POSTGRES if _is_postgres(node) else SQLITE)
        size = _dump_postgres(node, copy) if _is_postgres(node) else _copy_sqlite(node, copy)
        about = About(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), node.origin, copy.suffix[1:], size)
        unfinished = Path(folder) / "unfinished.tar"
        with tarfile.open(unfinished, "w") as archive:
            text = json.dumps({"format": FORMAT, **about.__dict__}).encode()
            entry = tarfile.TarInfo(ABOUT)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
            archive.add(node.home / SETTINGS, SETTINGS)
            for name in BESIDE:
                if (node.home / name).exists():
                    archive.add(node.home / name, name)
            archive.add(copy, copy.name)
        unfinished.chmod(0o600)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    with (node.home / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(Made(time.time(), str(target), _sha256(target)))) + "\n")
    return about


def history(node: Node) -> list[Made]:
    """Every backup that was made of this node, oldest first."""
    path = node.home / HISTORY
    return [Made(**json.loads(line)) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def unrestorable(made: Made) -> str:
    """Why a backup that is still where it was written cannot be used; empty when it can.

    Its database was checked while it was made, so it is enough that not a byte has changed since.
    """
    try:
        read_about(Path(made.file))
    except BadBackup as error:
        return str(error)
    return "" if _sha256(Path(made.file)) == made.sha256 else "its bytes have changed"


def read_about(source: Path) -> About:
    """What a backup says of itself. Raises BadBackup."""
    try:
        with tarfile.open(source) as archive:
            member = archive.extractfile(ABOUT)
            values = json.loads(member.read()) if member else {}
    except (OSError, tarfile.TarError, KeyError, json.JSONDecodeError) as error:
        raise BadBackup(f"{source} is not a backup of a node: {error}") from error
    if values.pop("format", None) != FORMAT:
        raise BadBackup(f"{source} has another format; use the version of commonweal that made it")
    return About(**values)


def put_back(node: Node, source: Path) -> About:
    """Replace the node's database by the backup's. The database that was there is kept as `before-restore`.

    Raises BadBackup.
    """
    about = read_about(source)
    if (about.engine == "pgdump") != _is_postgres(node):
        raise BadBackup(f"the backup is of {about.engine}, the node is not; set or unset DATABASE_URL")
    with tempfile.TemporaryDirectory(dir=node.home) as folder, tarfile.open(source) as archive:
        name = POSTGRES if _is_postgres(node) else SQLITE
        _take_out(archive, name, Path(folder) / name)
        if _is_postgres(node):
            _restore_postgres(node, Path(folder) / name)
        else:
            _restore_sqlite(node, Path(folder) / name)
    return about


def _take_out(archive: tarfile.TarFile, name: str, to: Path) -> None:
    """Write a file of the archive. Not by `extract`, whose safe way Python 3.11.2 does not know. Raises BadBackup."""
    try:
        member = archive.extractfile(name)
    except KeyError:
        member = None
    if member is None:
        raise BadBackup(f"the backup has no {name}; it is not whole")
    with member, to.open("wb") as file:
        shutil.copyfileobj(member, file)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_postgres(node: Node) -> bool:
    return "://" in node.database


def _copy_sqlite(node: Node, copy: Path) -> int:
    if not Path(node.database).exists():
        raise BadBackup(f"there is no database at {node.database}; run: commonweal init")
    source, target = sqlite3.connect(node.database), sqlite3.connect(copy)
    try:
        with target:
            source.backup(target, pages=2_000, sleep=0.01)
        problem: str = target.execute("PRAGMA integrity_check").fetchone()[0]
        if problem != "ok":
            raise BadBackup(f"the copy is damaged: {problem}")
        return int(target.execute("SELECT coalesce(max(size), 0) FROM ledger_checkpoint").fetchone()[0])
    finally:
        source.close()
        target.close()


def _restore_sqlite(node: Node, copy: Path) -> None:
    database = Path(node.database)
    for suffix in ("", "-wal", "-shm"):
        part = Path(f"{database}{suffix}")
        if part.exists():
            shutil.move(part, f"{database}.before-restore{suffix}")
    copy.chmod(0o600)
    shutil.move(copy, database)


def _dump_postgres(node: Node, copy: Path) -> int:
    _run("pg_dump", node, "--format=custom", f"--file={copy}", _named(node))
    statement = "SELECT coalesce(max(size), 0) FROM ledger_checkpoint"
    quiet = ("--no-psqlrc", "--tuples-only", "--no-align")
    return int(_run("psql", node, *quiet, f"--command={statement}", _named(node)))


def _restore_postgres(node: Node, copy: Path) -> None:
    _run(
        "pg_restore",
        node,
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        f"--dbname={_named(node)}",
        str(copy),
    )


def _named(node: Node) -> str:
    """The database's address without its password: everybody on the machine sees the arguments of a process."""
    parts = urlsplit(node.database)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}"))


def _run(tool: str, node: Node, *arguments: str) -> str:
    found = shutil.which(tool) or next((str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{tool}")), None)
    if found is None:
        raise BadBackup(f"{tool} is not installed; install your system's PostgreSQL client")
    password = urlsplit(node.database).password
    secret = {"PGPASSWORD": unquote(password)} if password else {}
    done = subprocess.run(
        [found, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **secret}
    )
    if done.returncode:
        raise BadBackup(f"{tool} failed: {done.stderr.strip()}")
    return done.stdout
