"""The ballot server."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from commonweal.services.voting.box import ceremony, promises
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.frozen import Package

THREADS = 8


def arguments(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    key = steps.add_parser("key", help="before the freeze: make the key for an election's receipts")
    key.add_argument("folder", type=Path)
    key.add_argument("--election", required=True, metavar="UUID")
    install = steps.add_parser("install", help="take in a frozen election")
    install.add_argument("folder", type=Path)
    install.add_argument("package", type=Path)
    serve = steps.add_parser("serve", help="serve the booth, take ballots, grow the boards")
    serve.add_argument("folder", type=Path)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8002)
    show = steps.add_parser("status", help="how far each election is")
    show.add_argument("folder", type=Path)
    add = steps.add_parser("add", help="take a file that a trustee brought")
    add.add_argument("folder", type=Path)
    add.add_argument("election", metavar="UUID")
    add.add_argument("file", type=Path)


def run(options: argparse.Namespace) -> int:
    if options.step == "key":
        print(f"{promises.make_key(options.folder, options.election)}: give this to the administrator.")
        return 0
    if options.step == "serve":
        serve(options.folder, options.host, options.port)
    box = BallotBox(options.folder)
    match options.step:
        case "install":
            package = Package.load(options.package)
            box.install(package)
            print(f"{package.plan.uuid} is installed. Compare with the node's log: plan {package.plan.digest}")
        case "status":
            for uuid in box.elections():
                state, head = box.package(uuid).plan.state(datetime.now(UTC)), box.head(uuid)
                print(f"{uuid}: {state}, {box.phase(uuid)}, height {head.checkpoint.height}: {head.checkpoint.digest}")
        case "add":
            given = ceremony.Contribution.read(options.file.read_bytes())
            print(ceremony.contribute(box, options.election, given).as_json())
    return 0


def command(host: str, port: int) -> list[str]:
    """The server's process; the folder is named by COMMONWEAL_BOX."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1",
        "--blocking-threads", str(THREADS), "--respawn-failed-workers", "--no-ws", "--log-level", "warning",
        "commonweal.services.voting.box.application:application",
    ]  # fmt: skip


def serve(folder: Path, host: str, port: int) -> None:
    """Become the server's process."""
    os.execve(sys.executable, command(host, port), os.environ | {"COMMONWEAL_BOX": str(folder.absolute())})  # noqa: S606
