"""Load people into the register from a delimited file and its mapping."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from commonweal.commands import start_django

SHOWN = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the delimited file")
    parser.add_argument("--mapping", type=Path, required=True, help="TOML: which column is what (docs/operating.md)")
    parser.add_argument("--check", action="store_true", help="only report what is wrong with the file")


def run(options: argparse.Namespace) -> int:
    start_django()
    from tqdm import tqdm

    from commonweal.core import clock
    from commonweal.core.identity.actors import the_node
    from commonweal.services.registry import service
    from commonweal.services.registry.engine import rows

    try:
        mapping = rows.read_mapping(options.mapping)
        with options.file.open(encoding=mapping.encoding, errors="replace", newline="") as file:
            found = rows.rows(file, mapping, clock.now().date())
            if options.check:
                problems = [problem for row in found if isinstance(row, list) for problem in row]
            else:
                with tqdm(unit=" rows", disable=not sys.stderr.isatty()) as bar:
                    outcome = service.load(the_node("load"), mapping.source, found, bar.update)
                problems = outcome.problems
                print(f"{outcome.registered} registered, {outcome.updated} updated, {outcome.unchanged} unchanged")
    except (rows.BadMapping, OSError, LookupError) as error:
        print(f"commonweal load: {error}", file=sys.stderr)
        return 2
    for problem in problems[:SHOWN]:
        print(problem, file=sys.stderr)
    if len(problems) > SHOWN:
        print(f"... and {len(problems) - SHOWN} more", file=sys.stderr)
    return 1 if problems else 0
