"""Load people into the register from an outside file and its mapping (docs/loading.md)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from commonweal.commands import start_django

SHOWN = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the file: delimited, or records with a copybook")
    parser.add_argument("--mapping", type=Path, required=True, help="TOML: which column is what (docs/loading.md)")
    parser.add_argument("--check", action="store_true", help="report everything that a load would find, load nothing")


def run(options: argparse.Namespace) -> int:
    start_django()
    from tqdm import tqdm

    from commonweal.core import clock
    from commonweal.core.identity.actors import the_node
    from commonweal.services.registry import service
    from commonweal.services.registry.engine.files import Reading
    from commonweal.services.registry.engine.mapping import read_mapping
    from commonweal.services.registry.engine.rows import BadMapping

    try:
        mapping = read_mapping(options.mapping)
        with options.file.open("rb") as file:
            reading = Reading(file, mapping, clock.now().date())
            with tqdm(
                total=options.file.stat().st_size, unit="B", unit_scale=True, disable=not sys.stderr.isatty()
            ) as bar:

                def progress(rows: int) -> None:
                    bar.update(file.tell() - bar.n)

                if options.check:
                    outcome = service.check_load(mapping.source, reading, progress)
                else:
                    outcome = service.load(the_node("load"), mapping.source, reading, progress)
    except (BadMapping, OSError) as error:
        print(f"commonweal load: {error}", file=sys.stderr)
        return 2
    would = "would be " if options.check else ""
    print(
        f"{would}{outcome.registered} registered, {outcome.updated} updated, {outcome.unchanged} unchanged, "
        f"{outcome.rejected} rejected"
    )
    _report(outcome.problems, len(outcome.problems))
    if outcome.missing:
        print(
            f"{outcome.missing} of earlier loads are missing in this file; nobody was changed for it:", file=sys.stderr
        )
        _report(outcome.missing_rows, outcome.missing)
    return 1 if outcome.rejected or outcome.missing else 0


def _report(lines: Sequence[object], count: int) -> None:
    for line in lines[:SHOWN]:
        print(line, file=sys.stderr)
    if count > SHOWN:
        print(f"... and {count - SHOWN} more", file=sys.stderr)
