"""End all sessions of an account, or of all accounts, after a device was lost or a breach was found."""

from __future__ import annotations

import argparse
import sys

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("email", nargs="?", help="the verified address of the account")
    whose.add_argument("--everybody", action="store_true", help="of all accounts")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.identity import accounts, service
    from commonweal.core.identity.actors import the_node

    found = accounts.signed_in() if options.everybody else [accounts.account_at(options.email)]
    if None in found:
        print(f"commonweal sign-out: no account has the verified address {options.email}", file=sys.stderr)
        return 2
    ended = sum(service.sign_out(the_node("command"), account) for account in found if account)
    print(f"{ended} sessions of {len(found)} accounts ended")
    return 0
