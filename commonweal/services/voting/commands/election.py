"""The administrator's part: what an election officer does in the browser, at the node's own machine."""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

from commonweal.commands import start_django


def arguments(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    draft = steps.add_parser("draft", help="begin an election from a TOML file (docs/voting.md)")
    draft.add_argument("file", type=Path)
    steps.add_parser("list", help="every election and its phase")
    enter = _of_one(steps, "enter", "put people on the roll: CSV with identifier,name,delivery and perhaps weight")
    enter.add_argument("file", type=Path)
    leave = _of_one(steps, "remove", "take somebody off the roll: they get no pass; one drawn before stays good")
    leave.add_argument("identifier", help="their number in the register")
    leave.add_argument("--reason", required=True, help="moved, died, not-entitled, mistake or asked; they read it")
    for named in (enter, leave):
        named.add_argument("--scheme", default="national", help="which kind of number `identifier` is")
    roll = _of_one(steps, "roll", "write the roll for the credential authority")
    roll.add_argument("out", type=Path)
    freeze = _of_one(steps, "freeze", "fix everything; nothing changes afterwards")
    freeze.add_argument(
        "--trustees", type=Path, nargs="+", required=True, help="the public files of trustees and ballot server"
    )
    freeze.add_argument("--credentials", type=Path, required=True, help="the public file of the credential authority")
    freeze.add_argument("--out", type=Path, required=True, help="where the package for all roles goes")
    sent = _of_one(steps, "sent", "note that the letters with the codes were sent")
    sent.add_argument("--label", action="append", default=[], help="again, to one voter")
    _of_one(steps, "follow", "fetch the ballot server's board and put its end into the log")
    _of_one(steps, "archive", "delete the roll of a closed election")


def run(options: argparse.Namespace) -> int:
    start_django()
    from commonweal.core.identity.actors import the_node
    from commonweal.services.voting import rolls, service
    from commonweal.services.voting.values import Draft

    node = the_node("command")
    match options.step:
        case "draft":
            written = Draft.from_json(tomllib.loads(options.file.read_text("utf-8")))
            print(service.draft(node, written))
        case "list":
            _list()
        case "enter":
            service.enter_roll(node, options.election, rolls.read(options.file.read_text("utf-8"), options.scheme))
        case "remove":
            person = service.person_called(options.scheme, options.identifier)
            if person is None:
                raise ValueError(f"Nobody in the register has this {options.scheme} number.")
            service.remove(node, options.election, person, options.reason)
        case "roll":
            _write_roll(options.out, options.election)
        case "freeze":
            _freeze(options)
        case "sent":
            print(f"noted for {service.code_sent(node, options.election, options.label)} people")
        case "follow":
            for head in service.follow(options.election).heads[-1:]:
                print(f"{head.checkpoint.height}:{head.checkpoint.digest}")
        case "archive":
            service.archive(node, options.election)
    return 0


def _of_one(
    steps: argparse._SubParsersAction[argparse.ArgumentParser], name: str, says: str
) -> argparse.ArgumentParser:
    parser = steps.add_parser(name, help=says)
    parser.add_argument("election", metavar="UUID")
    return parser


def _list() -> None:
    from commonweal.core import clock
    from commonweal.services.voting import service

    for one in service.standings():
        print(f"{one.uuid}  {one.phase(clock.now()):<8} {one.voters:>7} voters  {one.draft.name}")


def _write_roll(out: Path, uuid: str) -> None:
    from commonweal.core.identity.actors import the_node
    from commonweal.services.voting import rolls, service

    voters = service.roll(the_node("command"), uuid)
    out.touch(mode=0o600)
    out.write_text(rolls.write(voters), "utf-8", newline="")
    print(f"{len(voters)} voters in {out}: give this to the credential authority alone, then delete it.")


def _freeze(options: argparse.Namespace) -> None:
    from commonweal.core.identity.actors import the_node
    from commonweal.services.voting import service
    from commonweal.services.voting.frozen import load_json

    credentials = json.loads(options.credentials.read_text("utf-8"))
    package = service.freeze(the_node("command"), options.election, load_json(options.trustees), credentials)
    options.out.write_bytes(package.content())
    print(f"{options.out}: give this to the ballot server, the trustees and the credential authority.")
    print(
        f"plan {package.plan.digest}"
        + ("; LOW STAKES: several roles share a machine" if package.plan.low_stakes else "")
    )
