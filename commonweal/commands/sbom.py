"""Print what the node is made of, as CycloneDX 1.6 JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, help="write it to a file")


def run(options: argparse.Namespace) -> int:
    from commonweal.core.supply import bill

    text = json.dumps(bill.document(bill.installed()), indent=2)
    if options.output:
        options.output.write_text(text + "\n", "utf-8")
    else:
        sys.stdout.write(text + "\n")
    return 0
