"""Compare what is installed with advisories in files, offline. Exit code 1 when something is vulnerable."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--osv", type=Path, required=True, help="a folder of OSV JSON advisories for PyPI")
    parser.add_argument("--kev", type=Path, help="CISA's known_exploited_vulnerabilities.json")


def run(options: argparse.Namespace) -> int:
    from commonweal.core.supply import bill, vulnerabilities

    try:
        found = vulnerabilities.match(bill.installed(), options.osv, options.kev)
    except vulnerabilities.BadAdvisories as error:
        print(f"commonweal vulnerabilities: {error}", file=sys.stderr)
        return 2
    for finding in found:
        print(finding)
    print(
        f"{len(found)} advisories concern what is installed."
        if found
        else "Nothing that is installed is known to be vulnerable."
    )
    return 1 if found else 0
