"""A trustee. The folder holds the key: it never leaves this machine."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from commonweal.services.voting.box.ceremony import Contribution, signatures_in
from commonweal.services.voting.commands.audit import checkpoints_of, in_words
from commonweal.services.voting.engine.audit import audit
from commonweal.services.voting.frozen import Package, load_json
from commonweal.services.voting.roles import trustee


def arguments(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    new = _step(steps, "key", "make a key of which all are needed")
    new.add_argument("--election", required=True, metavar="UUID")
    first = _step(steps, "certificate", "threshold key, first move: this trustee's certificate")
    first.add_argument("--election", required=True, metavar="UUID")
    first.add_argument("--size", type=int, required=True, help="how many trustees there are")
    first.add_argument("--threshold", type=int, required=True, help="how many suffice to decrypt")
    first.add_argument("--index", type=int, required=True, help="which of them this is, from 1")
    for name, says in (
        ("share", "second move, with everybody's certificates"),
        ("finish", "third move, with everybody's certificates and shares"),
    ):
        move = _step(steps, name, says)
        move.add_argument("--election", required=True, metavar="UUID")
        move.add_argument("files", type=Path, nargs="+", help="the public files of all trustees so far")
    hold = _step(steps, "hold", "take the frozen package as the election that this trustee works for")
    hold.add_argument("package", type=Path)
    for name, says in (("shuffle", "shuffle the ranked ballots"), ("decrypt", "decrypt this trustee's part")):
        work = _step(steps, name, f"{says}; checks the whole record first")
        work.add_argument("board", type=Path, help="the record so far, a .bel file")
        work.add_argument(
            "--checkpoint", action="append", required=True, metavar="HEIGHT:DIGEST|FILE",
            help="the end of the closed board in the node's log: /voting/UUID/checkpoints.json has it",
        )  # fmt: skip
        if name == "decrypt":
            work.add_argument("--ceremony", type=Path, help="ceremony.json, with the signatures over the shuffles")
        work.add_argument("--send", action="store_true", help="send it to the ballot server")


def run(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    match options.step:
        case "key":
            _handed_over(trustee.new_single(folder, options.election))
        case "certificate":
            path = trustee.certify(folder, options.election, options.size, options.threshold, options.index)
            _handed_over(path)
        case "share":
            _handed_over(trustee.share(folder, options.election, load_json(options.files)))
        case "finish":
            _handed_over(trustee.finish(folder, options.election, load_json(options.files)))
        case "hold":
            package = Package.load(options.package)
            owner = trustee.hold(folder, package)
            print(f"You are trustee {owner}. Compare with the node's log: plan {package.plan.digest}")
        case "shuffle" | "decrypt":
            given = _work(options)
            path = folder / f"{given.kind}-{given.owner}.json"
            path.write_bytes(given.written())
            print(path)
            if options.send:
                _send(folder, given.written())
    return 0


def _work(options: argparse.Namespace) -> Contribution:
    logged = [one for words in options.checkpoint for one in checkpoints_of(words)]
    report = audit(options.board, logged)
    print(in_words(report))
    if options.step == "shuffle":
        return trustee.shuffle(options.folder, options.board, now(), logged, report=report)
    signatures = signatures_in(options.ceremony.read_bytes()) if options.ceremony else {}
    return trustee.decrypt(options.folder, options.board, now(), logged, signatures, report=report)


def now() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


def _step(steps: argparse._SubParsersAction[argparse.ArgumentParser], name: str, says: str) -> argparse.ArgumentParser:
    parser = steps.add_parser(name, help=says)
    parser.add_argument("folder", type=Path, help="this trustee's own folder")
    return parser


def _handed_over(path: Path) -> None:
    print(f"{path}: give this to the administrator and the other trustees.")


def _send(folder: Path, written: bytes) -> None:
    from commonweal.services.voting import boxes

    plan = trustee.held(folder).plan
    print(boxes.Server(plan.box).send(plan.uuid, written))
