"""An observer: keep a copy of the board that only grows, verify all of it again and again, remember every checkpoint.

The folder is the observer's own. Checkpoints come from the node's page and are compared with the documents in its
public log; `commonweal verify` checks that log and the witnesses' cosignatures.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import httpcore

from commonweal.services.voting import boxes
from commonweal.services.voting.commands.audit import in_words
from commonweal.services.voting.engine.archive import Checkpoint, EventType
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles.folder import write_public

KEPT = "checkpoints.json"
BOARD = "board.bel"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the copy and the checkpoints are kept")
    parser.add_argument("package", type=Path, help="the frozen package")
    parser.add_argument("--every", type=float, default=600, help="seconds between two looks")
    parser.add_argument("--once", action="store_true", help="look once and end")
    parser.add_argument("--cores", type=int, default=1)


def run(options: argparse.Namespace) -> int:
    package = Package.load(options.package)
    while True:
        try:
            ended = look(options.folder, package, options.cores)
        except boxes.NoAnswer as silence:
            print(silence, flush=True)
            ended = False
        if ended or options.once:
            return 0
        time.sleep(options.every)


def look(folder: Path, package: Package, cores: int = 1) -> bool:
    """Fetch, compare, verify and print; True once there is an accepted result.

    Raises Refused as soon as anything does not fit what was seen before; boxes.NoAnswer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    box, path = boxes.Server(package.plan.box), folder / KEPT
    known = _kept(path)
    claimed = box.head(package.plan.uuid)
    boxes.extend(folder / BOARD, package, box, claimed, list(known.values()))
    for height, digest in _logged(package):
        if known.setdefault(height, Checkpoint(height, digest)).digest != digest:
            raise Refused(Reason.CHECKPOINT, f"event {height} in the log", known[height].digest, digest)
    known[claimed.checkpoint.height] = claimed.checkpoint
    write_public(path, [vars(one) for one in known.values()])
    report = audit(folder / BOARD, list(known.values()), cores)
    print(in_words(report), flush=True)
    if report.verdict is Verdict.REFUSED:
        one = report.findings[0]
        raise Refused(one.reason, one.where, one.expected, one.got)
    return report.phase is EventType.RESULT


def _kept(path: Path) -> dict[int, Checkpoint]:
    if not path.exists():
        return {}
    return {int(one["height"]): Checkpoint(**one) for one in json.loads(path.read_text("utf-8"))}


def _logged(package: Package) -> list[tuple[int, str]]:
    """The checkpoints that the node shows, each compared with its document in the public log."""
    node, uuid = package.plan.node, package.plan.uuid
    found = []
    for one in json.loads(_fetched(f"{node}/voting/{uuid}/checkpoints.json")):
        document = _fetched(f"{node}/log/document/{one['document']}")
        if sha256_hex(document) != one["document"]:
            raise Refused(Reason.CHECKPOINT, "document in the log", one["document"], sha256_hex(document))
        said: dict[str, Any] = json.loads(document)
        if (said["election"], said["height"], said["digest"]) != (uuid, one["height"], one["digest"]):
            raise Refused(Reason.CHECKPOINT, "document in the log", one, said)
        found.append((int(one["height"]), str(one["digest"])))
    return found


def _fetched(address: str) -> bytes:
    try:
        answer = httpcore.request("GET", address, extensions=boxes.PATIENCE)
    except boxes.FAILURES as error:
        raise boxes.NoAnswer(f"{address} does not answer: {error!r}") from None
    if answer.status != 200:
        raise boxes.NoAnswer(f"{address} answers {answer.status}")
    return answer.content
