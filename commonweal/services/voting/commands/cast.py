"""Cast a ballot from this machine: the voter's part without a browser, for assisted places and for tests.

The pass comes from the node in two steps, because drawing it is the voter's own act: `request` prints the page to open,
`ballot` takes what that page answers. The same encryption and the same proofs as in the booth.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import urlencode

from commonweal.services.voting.engine.encoding import items, number, parse
from commonweal.services.voting.engine.passes import base64url, from_base64url
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles import voter


def arguments(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    ask = steps.add_parser("request", help="blind a pass and print the page that signs it")
    ballot = steps.add_parser("ballot", help="encrypt the choices and cast them")
    for step in (ask, ballot):
        step.add_argument("folder", type=Path, help="a folder of this voter's own; delete it afterwards")
        step.add_argument("package", type=Path)
    ballot.add_argument("--code", type=Path, required=True, help="a file with the voting code")
    ballot.add_argument("--signature", type=Path, required=True, help="a file with the blind signature from that page")
    ballot.add_argument("--choices", type=Path, required=True, help="JSON: for each question a number for each answer")


def run(options: argparse.Namespace) -> int:
    package = Package.load(options.package)
    if options.step == "request":
        print(signing_page(package, voter.request(options.folder, package).blinded))
        return 0
    code, signature = options.code.read_text("utf-8").strip(), from_base64url(options.signature.read_text().strip())
    choices = [[number(mark) for mark in items(marks)] for marks in items(parse(options.choices.read_bytes()))]
    print(f"Cast. Tracker: {voter.cast(options.folder, package, code, choices, signature)}")
    return 0


def signing_page(package: Package, blinded: bytes) -> str:
    """The address of the node's page that signs this blinded pass for whoever is signed in there."""
    asked = urlencode({"blinded": base64url(blinded), "return": package.plan.booth})
    return f"{package.plan.node}/voting/{package.plan.uuid}/pass/?{asked}"
