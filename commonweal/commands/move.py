"""Move a node from SQLite to PostgreSQL while it runs."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from urllib.parse import unquote, urlsplit

from commonweal.commands import start_django
from commonweal.config import node as nodes

TO, RUN_AS = "COMMONWEAL_MOVE_TO", "COMMONWEAL_RUN_AS"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "Both addresses hold passwords, so they come in the environment, which no other user can see:\n"
        f"  {TO}  of an empty database, as its owner: postgresql://owner:password@host/name\n"
        f"  {RUN_AS}   the same with the role that the node shall run under; made if need be (default: the owner)"
    )


def run(options: argparse.Namespace) -> int:
    node, owner = nodes.load(), os.environ.get(TO, "")
    run_as = os.environ.get(RUN_AS, "")
    if not owner.startswith("postgresql://"):
        print(f"commonweal move: set {TO}, such as postgresql://owner:password@host/name", file=sys.stderr)
        return 2
    start_django()
    from django.db import DatabaseError

    from commonweal.config import moving

    try:
        if not moving.is_frozen():
            _move(run_as)
        _switch(node, run_as or owner)
    except (moving.CannotMove, DatabaseError) as error:
        print(f"commonweal move: {error}", file=sys.stderr)
        return 1
    print(
        "Moved. Next: commonweal check --evidence; then keep node.sqlite3 apart, as your last backup of the old kind."
    )
    return 0


def _move(run_as: str) -> None:
    from commonweal.config import moving
    from commonweal.core.ledger import privileges

    def say(step: str, rows: int) -> None:
        print(f"{rows:>12,}  {step}", flush=True)

    moving.open_target()
    if run_as:
        address = urlsplit(run_as)
        privileges.grant(unquote(address.username or ""), unquote(address.password or ""), using=moving.NEW)
    moving.watch()
    try:
        moving.copy(say)
        moving.follow(say)
        moving.freeze(say)
    except BaseException:
        moving.stop_watching()
        raise


def _switch(node: nodes.Node, address: str) -> None:
    """From the next start of each process on, and that is now."""
    path = node.keys / nodes.DATABASE
    if not path.exists():
        nodes.write_new(path, f"{address}\n".encode())
    if running := nodes.supervisor(node):
        os.kill(running, signal.SIGHUP)
