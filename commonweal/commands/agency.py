"""Name an agency that this node hosts, or rename it."""

from __future__ import annotations

import argparse

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="a short code that never changes: benefits")
    parser.add_argument("names", nargs="+", metavar="LANGUAGE=NAME", help='en="Benefits Office" fr="..."')
    parser.add_argument("--roles", nargs="*", default=[], help="which roles may be held there, besides administrator")
    parser.add_argument("--email", default="", help="where people can ask")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.identity import accounts

    names = dict(name.split("=", 1) for name in options.names if "=" in name)
    if len(names) < len(options.names):
        print('commonweal agency: write names as LANGUAGE=NAME, for example en="Benefits Office"')
        return 2
    contact = {"email": options.email} if options.email else None
    agency = accounts.register_agency(options.code, names, contact, roles=options.roles)
    roles = ", ".join(agency.roles) or "administrator only"
    print(f"{agency.code}: {', '.join(agency.names.values())}; roles: {roles}")
    return 0
