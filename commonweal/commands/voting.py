"""Elections: each role's commands, and the audit of a record. Only `election` needs the node."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType

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
    roles = parser.add_subparsers(dest="role", required=True, metavar="ROLE")
    for name, says in ROLES.items():
        _module(name).arguments(roles.add_parser(name, help=says, description=says))


def run(options: argparse.Namespace) -> int:
    from commonweal.services.voting.box.ballot_box import UnknownElection
    from commonweal.services.voting.engine.refusal import Refused

    try:
        code: int = _module(options.role).run(options)
    except UnknownElection as unknown:
        print(f"commonweal voting {options.role}: there is no election {unknown} in this folder", file=sys.stderr)
        return 1
    except (Refused, OSError) as refused:
        print(f"commonweal voting {options.role}: {refused}", file=sys.stderr)
        return 1
    return code


def _module(role: str) -> ModuleType:
    return import_module(f"commonweal.services.voting.commands.{role}")
