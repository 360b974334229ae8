"""Verify a record with nothing but the record, and with checkpoints that somebody kept or that stand in the log."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from commonweal.services.voting.engine.archive import Checkpoint, steps
from commonweal.services.voting.engine.audit import Report, Verdict, audit
from commonweal.services.voting.engine.election import Election, RankedQuestion
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.receipts import Receipt

EXIT = {Verdict.ACCEPTED: 0, Verdict.UNFINISHED: 0, Verdict.REFUSED: 1}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the record, a .bel file")
    parser.add_argument(
        "--checkpoint", action="append", default=[], metavar="HEIGHT:DIGEST|FILE",
        help="an earlier end of the board that the record must contain; a JSON file may hold many",
    )  # fmt: skip
    parser.add_argument("--plan", metavar="SHA256", help="the hash of the frozen plan that stands in the node's log")
    parser.add_argument("--package", type=Path, help="the frozen package whose plan has that hash")
    parser.add_argument(
        "--receipt", action="append", type=Path, default=[], metavar="FILE",
        help="a receipt of the ballot server: once the board is closed, its ballot must be there; needs --package",
    )  # fmt: skip
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    if options.plan and not options.package:
        raise Refused(Reason.FROZEN, "--plan", "--package FILE beside it: the record alone names no plan", "none")
    checkpoints = [one for words in options.checkpoint for one in checkpoints_of(words)]
    if options.package:
        check_plan(options.file, options.package, options.plan)
    check_receipts(options.file, options.package, options.receipt)
    report = audit(options.file, checkpoints, options.cores)
    print(json.dumps(_as_json(report), ensure_ascii=False, indent=1) if options.json else in_words(report))
    return EXIT[report.verdict]


def checkpoints_of(words: str) -> list[Checkpoint]:
    """Those named by "HEIGHT:DIGEST", or kept in a JSON file as one object or a list. Raises Refused, OSError."""
    height, colon, digest = words.partition(":")
    if colon and height.isdigit():
        return [Checkpoint(int(height), digest)]
    try:
        found = json.loads(Path(words).read_text("utf-8"))
        return [
            Checkpoint(int(one["height"]), str(one["digest"]))
            for one in (found if isinstance(found, list) else [found])
        ]
    except (ValueError, KeyError, TypeError):
        raise Refused(Reason.MALFORMED, words, "checkpoints with height and digest", "something else") from None


def check_plan(record: Path, frozen: Path, digest: str | None) -> None:
    """Raises Refused unless the package has the plan of the log and the record has the package's setup."""
    package = Package.load(frozen)
    if digest and package.plan.digest != digest:
        raise Refused(Reason.FROZEN, "plan", digest, package.plan.digest)
    with record.open("rb") as stream:
        first = next(steps(stream), None)
    if first is None:
        raise Refused(Reason.CHAIN_ORDER, str(record), "at least a Setup event", "no event")
    setup = tuple(item.digest for item in first.data[:3])
    named = package.plan.setup
    if setup != (named.election, named.trustees, named.credentials):
        raise Refused(Reason.FROZEN, "setup", named, setup)


def check_receipts(record: Path, frozen: Path | None, receipts: Sequence[Path]) -> None:
    """Raises Refused for a receipt that the ballot server did not sign, or whose promise it broke."""
    if not receipts:
        return
    if frozen is None:
        raise Refused(Reason.RECEIPT, "--receipt", "--package FILE beside it, which names the key", "none")
    package = Package.load(frozen)
    for path in receipts:
        receipt = Receipt.load(path)
        receipt.verify(package.plan.uuid, package.receipt_key)
        kept = receipt.require_kept(record)
        print(f"{path}: the ballot is {'' if kept else 'not yet '}on the board", file=sys.stderr)


def _as_json(report: Report) -> dict[str, object]:
    return {
        "verdict": report.verdict,
        "election": report.election.uuid if report.election else None,
        "fingerprint": report.fingerprint,
        "head": {"height": report.head.height, "digest": report.head.digest} if report.head else None,
        "ballots": report.ballots,
        "counted": report.counted,
        "total_weight": report.total_weight,
        "result": report.result.as_json() if report.result else None,
        "contains_checkpoint": report.complete_since.height if report.complete_since else None,
        "findings": [{"reason": one.reason, "where": one.where, "says": str(one)} for one in report.findings],
    }


def in_words(report: Report) -> str:
    """What a person reads on the terminal."""
    lines = [report.verdict.upper()]
    if report.election:
        lines.append(f"{report.election.name} ({report.election.uuid}), fingerprint {report.fingerprint}")
    weight = f", of weight {report.total_weight}" if report.total_weight != report.counted else ""
    lines.append(f"{report.ballots} ballots on the board, {report.counted} counted{weight}")
    if report.head:
        lines.append(f"ends at height {report.head.height}: {report.head.digest}")
    if report.complete_since:
        lines.append(f"contains the checkpoint at height {report.complete_since.height}: nothing before it was changed")
    else:
        lines.append("no earlier checkpoint given: that no ballot was left out cannot be told from the record alone")
    lines += [str(finding) for finding in report.findings]
    if report.election and report.result:
        lines += _counts(report.election, report)
    return "\n".join(lines)


def _counts(election: Election, report: Report) -> list[str]:
    lines = []
    for question, row in zip(election.questions, report.result.questions if report.result else (), strict=True):
        lines.append(f"{question.question}")
        if isinstance(question, RankedQuestion):
            lines.append(f"  {len(row)} ranked ballots")
            continue
        answers = ("(blank)", *question.answers) if question.blank else question.answers
        lines += [f"  {count:>8}  {answer}" for answer, count in zip(answers, row, strict=True)]
    return lines
