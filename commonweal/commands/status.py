"""How the node is doing, in a few lines; `--json` for programs."""

from __future__ import annotations

import argparse
import dataclasses
import json

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.portal.oversight import status

    found = status()
    if options.json:
        print(json.dumps(dataclasses.asdict(found), default=str))
        return 0
    head = f"{found.checkpoint.size} entries published" if found.checkpoint else "nothing published yet"
    print(f"Commonweal {found.version} on {found.engine}, {found.database_bytes / 1e6:,.0f} MB")
    print(f"{found.people:,} people, {found.entries:,} entries of evidence, {head}, {found.pending} waiting")
    print(
        f"{found.tasks_waiting} tasks waiting, {found.tasks_failed} failed; {found.disk_free_bytes / 1e9:,.1f} GB free"
    )
    for worry in found.worries:
        print(f"- {worry}")
    return 1 if found.worries else 0
