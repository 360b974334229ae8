"""Elections: each role's commands, and the audit of a record. Only `election` needs the node."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

ROLES = {
    "election": "the administrator's part, on the node",
    "authority": "the credential authority: voting codes and letters",
    "trustee": "a trustee: keys, shuffles, decryption",
    "box": "the ballot server",
    "cast": "cast a ballot from this machine, as at an assisted place",
    "watch": "an observer: keep a copy of the board and verify it again and again",
    "audit": "verify a record, with nothing but the record",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(f"  {name:<10} {says}" for name, says in ROLES.items())
    parser.add_argument("role", choices=list(ROLES), metavar="ROLE", help="whose part; each has a --help of its own")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="what the role is to do")


def run(options: argparse.Namespace) -> int:
    role = import_module(f"commonweal.services.voting.commands.{options.role}")
    parser = argparse.ArgumentParser(prog=f"commonweal voting {options.role}", description=ROLES[options.role])
    role.arguments(parser)
    try:
        code: int = role.run(parser.parse_args(options.rest))
    except (OSError, LookupError, ValueError) as refused:
        print(f"commonweal voting {options.role}: {refused}", file=sys.stderr)
        return 1
    return code
