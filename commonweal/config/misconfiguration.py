"""What is wrong with a node's folder, keys, clock, disk, database and backups, each with its remedy.

Needs Django to be set up; asks nothing of a running node.
"""

from __future__ import annotations

import io
import shutil
import time
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from commonweal.config import copies
from commonweal.config import node as nodes

LOW_DISK = 1_000_000_000
DAY = 86_400
BACKUP_DAYS = 2
CLOCK_SECONDS = 300
REPLACED_DAYS = 30
LOCAL = ("", "localhost", "127.0.0.1", "::1")


def problems(node: nodes.Node) -> list[str]:
    """Everything that is wrong, as sentences; empty when all is well."""
    if not node.initialised:
        return [f"there is no node in {node.home}: run `commonweal init`"]
    tables = _tables(node)
    return [
        *_keys(node),
        *_disk(node),
        *_log(node),
        *tables,
        *([] if tables else [*_role(node), *_clock(node)]),
        *_backups(node),
        *_replaced(node),
        *_line(node),
    ]


def _keys(node: nodes.Node) -> list[str]:
    from commonweal.core.ledger import keys

    files = sorted(node.keys.iterdir())
    found = [
        f"keys/{path.name} can be used by others (mode {mode:o}): run chmod 600 {path}"
        for path in files
        if (mode := path.stat().st_mode & 0o077)
    ]
    found += [
        f"keys/{name} is missing: restore it from the backup of the keys"
        for name in nodes.SECRETS
        if not (node.keys / name).exists()
    ]
    contents = {path.name: path.read_bytes() for path in files if path.is_file()}
    shared = Counter(contents.values())
    found += [
        f"keys/{name} is no secret (it repeats itself, or another key): restore it from the backup of the keys"
        for name, content in contents.items()
        if len(set(content)) < 8 or shared[content] > 1
    ]
    try:
        keys.load(node.keys, node.origin)
    except keys.UnsafeKeys as error:
        found.append(str(error))
    return found


def _disk(node: nodes.Node) -> list[str]:
    if shutil.disk_usage(node.home).free < LOW_DISK:
        return ["less than 1 GB of disk space is left: make room"]
    return []


def _log(node: nodes.Node) -> list[str]:
    if not (node.log / "checkpoint").exists():
        return ["the public log has no checkpoint yet: start the node with `commonweal up`"]
    return []


def _tables(node: nodes.Node) -> list[str]:
    from django.core.management import CommandError, call_command

    try:
        call_command("migrate", check_unapplied=True, verbosity=0, stdout=io.StringIO())
    except (CommandError, SystemExit):
        return ["the database has not all its tables: run `commonweal init`"]
    return []


def _role(node: nodes.Node) -> list[str]:
    """A demo may run as the owner of its tables."""
    from commonweal.core.ledger import privileges

    tables = [] if node.demo else privileges.too_powerful()
    if not tables:
        return []
    says = f"the database role can change evidence ({', '.join(tables)})"
    return [f"{says}: run `commonweal grant ROLE` as the tables' owner, then use that role in DATABASE_URL"]


def _clock(node: nodes.Node) -> list[str]:
    """A clock that runs behind what this node has written already, or apart from its database's."""
    from django.db import connection

    now, found = time.time(), []
    checkpoint = node.log / "checkpoint"
    if checkpoint.exists() and checkpoint.stat().st_mtime > now + CLOCK_SECONDS:
        found.append("the clock is behind the newest checkpoint: set it, best by NTP")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            apart = abs(float(cursor.fetchone()[0]) - time.time())
        if apart > CLOCK_SECONDS:
            found.append(f"the database's clock is {apart:.0f} s apart from this machine's: set both by NTP")
    return found


def _replaced(node: nodes.Node) -> list[str]:
    """A database that a restore replaced keeps people who were erased since."""
    old = Path(f"{node.database}.before-restore")
    if not old.exists() or time.time() - old.stat().st_mtime < REPLACED_DAYS * DAY:
        return []
    return [f"{old} may hold people who were erased since: delete it when you need it no more"]


def _line(node: nodes.Node) -> list[str]:
    """The line to a database on another machine is encrypted, and the machine proves who it is."""
    if "://" not in node.database:
        return []
    parts = urlsplit(node.database)
    asked = dict(parse_qsl(parts.query)).get("sslmode", "")
    if (parts.hostname or "") in LOCAL or asked in ("verify-ca", "verify-full"):
        return []
    return [f"anybody on the way to {parts.hostname} can read the database: add ?sslmode=verify-full to DATABASE_URL"]


def _backups(node: nodes.Node) -> list[str]:
    """Demo towns need none; a node needs its first within two days."""
    made = copies.history(node)
    age = (time.time() - (made[-1].seconds if made else (node.home / "node.toml").stat().st_mtime)) / DAY
    if node.demo or (age < BACKUP_DAYS and not made):
        return []
    if not made:
        return ["no backup was ever made: run `commonweal backup FILE`, every night"]
    found = [] if age < BACKUP_DAYS else [f"the newest backup is {age:.0f} days old: run `commonweal backup FILE`"]
    file = Path(made[-1].file)
    if file.exists() and (problem := copies.unrestorable(made[-1])):
        found.append(f"{file} cannot be restored ({problem}): make a new backup and look at that disk")
    return found
