"""The independent check: the same file that the node publishes for everyone."""

from __future__ import annotations

import argparse
import sys

from commonweal.core.ledger import verify


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="see: commonweal verify -- --help")


def run(options: argparse.Namespace) -> int:
    return verify.main([part for part in options.rest if part != "--"])


if __name__ == "__main__":
    sys.exit(verify.main())
