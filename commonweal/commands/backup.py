"""Write the node's database and settings to one file, while it runs. Back up keys/ and tombstones.jsonl apart."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from commonweal.config import copies
from commonweal.config import node as nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the file to write, such as /backups/node-2026-11-25.tar")


def run(options: argparse.Namespace) -> int:
    try:
        about = copies.make(nodes.load(), options.file.absolute())
    except (copies.BadBackup, nodes.BadNode, OSError) as error:
        print(f"commonweal backup: {error}", file=sys.stderr)
        return 1
    print(f"{options.file}: {about.origin}, log size {about.size}, {options.file.stat().st_size / 1e6:,.1f} MB")
    print("Not in it, keep them apart: keys/ and tombstones.jsonl. The public log can be copied at any time.")
    return 0
