"""Let a machine act for an agency. Prints its token, this once."""

from __future__ import annotations

import argparse
import sys

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agency", help="the agency's code")
    parser.add_argument("name", help="what residents read: 'Assessment run'")
    parser.add_argument("roles", nargs="+", help="the roles it acts in: tax-officer")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.identity import accounts, service
    from commonweal.core.identity.actors import the_node

    try:
        issued = service.issue_token(the_node("command"), options.name, options.agency, frozenset(options.roles))
    except (accounts.UnknownAgency, accounts.NotItsRole) as error:
        print(f"commonweal token: {error}; see: commonweal agency --help", file=sys.stderr)
        return 2
    print(issued.token)
    return 0
