"""Join a federation with a code that a person handed over."""

from __future__ import annotations

import argparse
import sys

from commonweal.commands import start_django
from commonweal.config import node as nodes


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="the code, whole: ADDRESS#MEMBER#LETTERS")
    parser.add_argument("--address", help="where other nodes reach this node's gateway")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.exchange import directory, federation, membership, service, statements
    from commonweal.core.identity.accounts import UnknownAgency, agency
    from commonweal.core.ledger.keys import UnsafeKeys

    node = nodes.load()
    try:
        code = statements.JoinCode.parse(options.code)
        known = membership.load(node)
        address = (options.address or (known.address if known else "")).rstrip("/")
        if not address:
            print("commonweal join: --address is missing: where do other nodes reach this node?", file=sys.stderr)
            return 2
        joined = service.join(node, code, address, agency(code.member.code).names)
    except (
        statements.BadCode, statements.BadStatement, directory.BadDirectory, membership.BadMembership,
        federation.Unreachable, UnsafeKeys,
    ) as error:  # fmt: skip
        print(f"commonweal join: {error}", file=sys.stderr)
        return 1
    except UnknownAgency as error:
        print(f"commonweal join: {error}; name it first: commonweal agency {code.member.code} ...", file=sys.stderr)
        return 2
    print(f"{code.member} has joined {joined.instance}. Start the node again, so that its gateway runs.")
    return 0
