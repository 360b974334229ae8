"""Give a PostgreSQL role what the node needs to run, and nothing that could change or delete evidence."""

from __future__ import annotations

import argparse
import os
import sys

from commonweal.commands import start_django

PASSWORD = "COMMONWEAL_ROLE_PASSWORD"  # noqa: S105 - the name of a variable


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = f"Run it as the tables' owner; again after each upgrade. {PASSWORD} sets the role's password."
    parser.add_argument("role", help="the role that the node will run under, such as commonweal")


def run(options: argparse.Namespace) -> int:
    start_django()
    from django.db import DatabaseError, connection, transaction

    from commonweal.core.ledger import privileges

    if connection.vendor != "postgresql":
        print("commonweal grant: SQLite has no roles; set DATABASE_URL to a PostgreSQL database", file=sys.stderr)
        return 2
    try:
        with transaction.atomic():
            privileges.grant(options.role, os.environ.get(PASSWORD, ""))
    except DatabaseError as error:
        print(f"commonweal grant: {error}Connect as the owner of the tables, who may create roles.", file=sys.stderr)
        return 1
    print(f"{options.role} may run the node; it cannot change or delete evidence. Now use it in DATABASE_URL.")
    return 0
