"""Move a node from SQLite to PostgreSQL while it runs."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from urllib.parse import unquote, urlsplit

from commonweal.commands import start_django
from commonweal.config import node as nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "owner", help="address of an empty database, as its owner: postgresql://owner:password@host/name"
    )
    parser.add_argument(
        "--run-as", help="the same with the role that the node shall run under; made if need be (default: the owner)"
    )


def run(options: argparse.Namespace) -> int:
    node = nodes.load()
    os.environ["COMMONWEAL_MOVE_TO"] = options.owner
    start_django()
    from django.db import DatabaseError

    from commonweal.config import moving

    try:
        if not moving.is_frozen():
            _move(options.owner, options.run_as)
        _switch(node, options.run_as or options.owner)
    except (moving.CannotMove, DatabaseError) as error:
        print(f"commonweal move: {error}", file=sys.stderr)
        return 1
    print(
        "Moved. Next: commonweal check --evidence; then keep node.sqlite3 apart, as your last backup of the old kind."
    )
    return 0


def _move(owner: str, run_as: str | None) -> None:
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
