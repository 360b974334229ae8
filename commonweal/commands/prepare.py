"""What must be done before the node starts; a process of its own, so that the supervisor stays small."""

from __future__ import annotations

import argparse
import sys

from commonweal.commands import init
from commonweal.config import node as nodes


def main() -> int:
    """Bring keys, tables and policies up to date, and fill the demo town when asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    options = parser.parse_args()
    try:
        node = nodes.load()
        init.prepare(node)
    except nodes.BadNode as error:
        print(f"commonweal: {error}", file=sys.stderr)
        return 1
    if options.demo:
        from commonweal.demo import town

        town.fill_if_empty(node)
    return 0


if __name__ == "__main__":
    sys.exit(main())
