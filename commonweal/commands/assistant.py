"""Guidance for the assistant: publish the pages of a folder, or take one away."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    publish = what.add_parser("import", help="publish what is new or changed in a folder of LANGUAGE/PAGE.md or .html")
    publish.add_argument("folder", type=Path)
    withdraw = what.add_parser("withdraw", help="take a page away; its versions stay readable for old answers")
    withdraw.add_argument("page", help="LANGUAGE/PAGE, such as en/parking-permit")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.identity.actors import the_node
    from commonweal.services.assistant import service

    try:
        if options.what == "withdraw":
            language, _slash, slug = options.page.partition("/")
            service.withdraw(the_node("command"), slug, language)
            print(f"{options.page} was taken away")
        else:
            done = service.load_folder(the_node("command"), options.folder)
            print(f"{len(done.added)} new, {len(done.changed)} changed, {len(done.unchanged)} unchanged")
    except (service.BadPage, service.NoPage) as error:
        print(f"commonweal assistant: {error}", file=sys.stderr)
        return 1
    return 0
