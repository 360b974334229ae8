"""Cast a ballot from this machine: the voter's part without a browser, for assisted places and for tests.

The pass comes from the node in two steps, because drawing it is the voter's own act: `request` prints the page to open,
`ballot` takes what that page answers. The same encryption and the same proofs as in the booth.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import urlencode

from commonweal.services.voting.boxes import Server
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import secret_of
from commonweal.services.voting.engine.encoding import items, number, parse
from commonweal.services.voting.engine.passes import Request, base64url, from_base64url
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles.folder import read_private, write_private

REQUEST = "request.json"


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
        print(request(options.folder, package))
        return 0
    secret = secret_of(options.code.read_text("utf-8").strip(), package.plan.uuid)
    choices = [[number(mark) for mark in items(marks)] for marks in items(parse(options.choices.read_bytes()))]
    content = make_ballot(package.election, secret, choices).content()
    shown = _request(options.folder).finish(package.pass_key, from_base64url(options.signature.read_text().strip()))
    print(f"Cast. Tracker: {Server(package.plan.box).cast(package.plan.uuid, content, shown)}")
    return 0


def request(folder: Path, package: Package) -> str:
    """Keep a fresh request in the folder; returns the address of the page that signs it. Raises FileExistsError."""
    made = Request.new(package.pass_key)
    kept = {"message": made.message.hex(), "blinded": made.blinded.hex(), "inverse": str(made.inverse)}
    write_private(folder / REQUEST, kept)
    plan = package.plan
    asked = urlencode({"blinded": base64url(made.blinded), "return": plan.booth})
    return f"{plan.node}/voting/{plan.uuid}/pass/?{asked}"


def _request(folder: Path) -> Request:
    kept = read_private(folder / REQUEST)
    return Request(bytes.fromhex(kept["message"]), bytes.fromhex(kept["blinded"]), int(kept["inverse"]))
