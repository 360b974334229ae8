"""The `commonweal` command. Each subcommand lives in commonweal/commands/ and is imported only when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "up": "run the node: web server, sequencer and task worker under one supervisor",
    "init": "make the node's folder, keys and database",
    "load": "load people into the register from a CSV file",
    "agency": "name an agency that this node hosts",
    "appoint": "give somebody a role at an agency",
    "assistant": "publish guidance pages from a folder, or take one away",
    "sign-out": "end all sessions of somebody, or of everybody",
    "token": "let a machine act for an agency",
    "voting": "hold elections that anyone can verify: the roles’ commands, and the audit of a record",
    "federation": "begin a federation, invite members, publish what they offer, change their keys",
    "join": "join a federation with a code that a person handed over",
    "witness": "run a witness alone: cosign other logs' checkpoints",
    "verify": "check a log, a receipt or a person's history, with nothing but public files",
    "status": "how the node is doing",
    "check": "find misconfiguration, broken rules and tampered evidence",
    "move": "move a running node from SQLite to PostgreSQL",
    "rotate": "change a key",
    "grant": "make the PostgreSQL role that the node runs under, which cannot change evidence",
    "backup": "write the node's database and settings to one file, while it runs",
    "restore": "put a backup back",
    "sbom": "print what the node is made of (CycloneDX)",
    "vulnerabilities": "compare what is installed with advisories in files, offline",
    "new-service": "make the room of a new service",
    "collect": "prepare static files for serving",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand. Returns the exit code: 0 well, 1 something is wrong, 2 wrong usage."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(usage())
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"commonweal: there is no command {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    module = import_module(f"commonweal.commands.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(prog=f"commonweal {name}", description=COMMANDS[name])
    module.arguments(parser)
    try:
        code: int = module.run(parser.parse_args(rest))
    except KeyboardInterrupt:
        return 130
    except _database_unusable() as error:
        print(f"commonweal {name}: the node's database cannot be used: {error}", file=sys.stderr)
        print("What is wrong with the node: commonweal check. A new one: commonweal init.", file=sys.stderr)
        return 1
    return code


def _database_unusable() -> tuple[type[Exception], ...]:
    """What Django raises when there is no such database or table; nothing where a command did without Django."""
    if "django.db" not in sys.modules:
        return ()
    from django.db import OperationalError, ProgrammingError

    return OperationalError, ProgrammingError


def usage() -> str:
    """The list of subcommands."""
    lines = [f"  {name:<12} {says}" for name, says in COMMANDS.items()]
    return "usage: commonweal COMMAND [--help]\n\n" + "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
