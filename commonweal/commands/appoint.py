"""Give somebody a role at an agency: how the first administrator of an agency comes to their post."""

from __future__ import annotations

import argparse
import sys

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", help="the verified address of an account that signed up on the node")
    parser.add_argument("agency", help="the agency's code")
    parser.add_argument("role", help="administrator, registrar, auditor, operator, ...")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.identity import accounts, service
    from commonweal.core.identity.actors import the_node

    account = accounts.account_at(options.email)
    if account is None:
        print(
            f"commonweal appoint: no account has the verified address {options.email}; sign up first", file=sys.stderr
        )
        return 2
    try:
        service.appoint(the_node("command"), account.id, options.agency, options.role)
    except (accounts.UnknownAgency, accounts.NotItsRole) as error:
        print(f"commonweal appoint: {error}; see: commonweal agency --help", file=sys.stderr)
        return 2
    print(f"{options.email} is {options.role} at {options.agency}")
    return 0
