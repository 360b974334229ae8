"""The credential authority. Its folder holds every voting code: keep it away from the node."""

from __future__ import annotations

import argparse
from pathlib import Path

from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles import authority


def arguments(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    make = steps.add_parser(
        "credentials", help="make a code for everybody on the roll; the public file is for the freeze"
    )
    make.add_argument("folder", type=Path)
    make.add_argument("roll", type=Path, help="CSV from the administrator: label,name,delivery,weight")
    make.add_argument("--election", required=True, metavar="UUID")
    send = steps.add_parser("letters", help="write the letters, for delivery outside the node")
    send.add_argument("folder", type=Path)
    send.add_argument("package", type=Path, help="the frozen package: it must hold exactly the codes made here")
    send.add_argument("--label", action="append", default=[], help="again, for one voter whose letter was lost")
    end = steps.add_parser("forget", help="destroy every code and letter, after the close")
    end.add_argument("folder", type=Path)


def run(options: argparse.Namespace) -> int:
    match options.step:
        case "credentials":
            path = authority.make_credentials(options.folder, options.election, authority.read_roll(options.roll))
            print(f"{path}: give this to the administrator. The rest of {options.folder} is for nobody else.")
        case "letters":
            written = authority.letters(options.folder, Package.load(options.package), options.label)
            print(f"{len(written)} letters in {options.folder / authority.LETTERS}")
        case "forget":
            authority.forget(options.folder)
            print("All codes and letters are destroyed.")
    return 0
