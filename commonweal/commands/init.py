"""Make the node's folder, keys, database and first policies. A second run changes nothing."""

from __future__ import annotations

import argparse

from commonweal.commands import start_django
from commonweal.config import node as nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="Commonweal", help="what people call this node, e.g. 'Town of Aldermere'")
    parser.add_argument("--origin", help="the public log's name, like a host name and path; never changes afterwards")
    parser.add_argument("--address", default="http://localhost:8000", help="where browsers reach the node")
    parser.add_argument("--services", default=",".join(nodes.ROOMS), help="names of the services to run, with commas")


def run(options: argparse.Namespace) -> int:
    folder = nodes.home()
    if not options.origin and not (folder / "node.toml").exists():
        print("commonweal init: --origin is missing; for example --origin log.aldermere.example/2026")
        return 2
    node = nodes.create(folder, options.name, options.origin or "", options.address, tuple(options.services.split(",")))
    prepare(node)
    print(f"{node.name} is ready in {node.home}. Start it with: commonweal up")
    return 0


def prepare(node: nodes.Node) -> None:
    """Keys, tables, caches and policies; safe to repeat at every start."""
    start_django()
    from django.core.management import call_command

    from commonweal.core.ledger import keys

    keys.create(node.keys, node.origin)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)

    from commonweal.core.erasure.service import erase_again

    if again := erase_again():
        print(f"{again} erasures that this database had forgotten were done again.")
