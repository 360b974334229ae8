"""What came out of an election, from its record alone: verified once, then shown with bars, ranks and rounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from commonweal.core.policy.actions import Words
from commonweal.services.voting.engine import counting
from commonweal.services.voting.engine.audit import Report, Verdict, audit
from commonweal.services.voting.engine.decryption import Result
from commonweal.services.voting.engine.election import AnyQuestion, Election, Question, RankedQuestion
from commonweal.services.voting.roles.folder import write_public

REPORT = ".report.json"


@dataclass(frozen=True)
class Bar:
    """One line of a plot: a name, its number, its length from 0 to 100, and whether it is among the chosen."""

    name: Words
    count: int
    length: int
    chosen: bool


@dataclass(frozen=True)
class Outcome:
    """What one question came to. `bars` where there are numbers; `order` where there is a ranking, best first."""

    question: str
    method: Words
    bars: tuple[Bar, ...]
    order: tuple[str, ...]
    notes: tuple[Words, ...]


@dataclass(frozen=True)
class Verified:
    """What our own audit of the finished record said."""

    accepted: bool
    findings: tuple[str, ...]
    ballots: int
    counted: int
    total_weight: int
    result: Result | None


def verify(record: Path, report: Report | None = None) -> Verified:
    """Audit the finished record, unless that was done, and keep what was found beside it."""
    if found := known(record):
        return found
    made = report or audit(record, cores=-1)
    value = {
        "size": record.stat().st_size,
        "accepted": made.verdict is Verdict.ACCEPTED,
        "findings": [str(finding) for finding in made.findings],
        "ballots": made.ballots,
        "counted": made.counted,
        "total_weight": made.total_weight,
        "result": made.result.as_json() if made.result else None,
    }
    write_public(record.with_suffix(REPORT), value)
    return _verified(value)


def known(record: Path) -> Verified | None:
    """What `verify` found in this record, if it was verified as it stands now."""
    kept = record.with_suffix(REPORT)
    if not kept.exists():
        return None
    value = json.loads(kept.read_text("utf-8"))
    return _verified(value) if value["size"] == record.stat().st_size else None


def outcomes(election: Election, result: Result) -> list[Outcome]:
    """What each question came to."""
    return [outcome(question, row) for question, row in zip(election.questions, result.questions, strict=True)]


def outcome(question: AnyQuestion, row: Sequence[Any]) -> Outcome:
    """What a question came to: the sums, or a count of the ranked ballots by the method that was frozen with it."""
    if isinstance(question, Question):
        return _sums(question, row)
    method = question.method if isinstance(question.method, dict) else {}
    count = _METHODS.get(method.get("type", ""), _listed)
    return count(question, row, method.get("value", {}))


def _sums(question: Question, row: Sequence[int]) -> Outcome:
    row = row or [0] * question.choices
    names: list[Words] = [*([_("Blank vote")] if question.blank else []), *question.answers]
    best = max(row[1 if question.blank else 0 :], default=0)
    bars = [
        Bar(name, count, _share(count, max(row)), bool(best) and count == best and not (question.blank and index == 0))
        for index, (name, count) in enumerate(zip(names, row, strict=True))
    ]
    return Outcome(question.question, _("Votes counted together, never one by one"), tuple(bars), (), ())


def _stv(question: RankedQuestion, row: Sequence[Any], value: dict[str, Any]) -> Outcome:
    options, answers = len(question.answers), question.answers
    found = counting.stv(row, options, int(value["seats"]), value["lot"])
    votes = found.rounds[0].votes if found.rounds else {}
    first = [int(votes.get(option, 0)) for option in range(options)]
    highest = max(first)
    bars = tuple(
        Bar(answers[option], first[option], _share(first[option], highest), option in found.elected)
        for option in range(options)
    )
    notes = [
        _("First preferences are shown. Quota: %(quota)d; rounds: %(rounds)d.")
        % {"quota": found.quota, "rounds": len(found.rounds)}
    ]
    if found.spoilt:
        notes.append(_("Ballots that rank nobody: %(count)d.") % {"count": found.spoilt})
    elected = tuple(answers[option] for option in found.elected)
    return Outcome(question.question, _("Single transferable vote"), bars, elected, tuple(notes))


def _schulze(question: RankedQuestion, row: Sequence[Any], _value: dict[str, Any]) -> Outcome:
    found = counting.schulze(row, len(question.answers))
    return Outcome(question.question, _("Schulze’s method"), (), _tiers(question, found.ranking), ())


def _judgment(question: RankedQuestion, row: Sequence[Any], value: dict[str, Any]) -> Outcome:
    grades = value["grades"]
    found = counting.majority_judgment(row, len(question.answers), len(grades))
    notes = tuple(
        f"{answer}: {grades[median - 1]}" for answer, median in zip(question.answers, found.medians, strict=True)
    )
    return Outcome(question.question, _("Majority judgment"), (), _tiers(question, found.ranking), notes)


def _equal_shares(question: RankedQuestion, row: Sequence[Any], value: dict[str, Any]) -> Outcome:
    found = counting.equal_shares_add1(
        row, value["costs"], int(value["budget"]), counting.Satisfaction.COST, value["lot"]
    )
    support = [sum(1 for vector in row if vector[option]) for option in range(len(question.answers))]
    bars = tuple(
        Bar(answer, support[option], _share(support[option], max(support, default=0)), option in found.chosen)
        for option, answer in enumerate(question.answers)
    )
    funded = tuple(question.answers[option] for option in found.chosen)
    return Outcome(question.question, _("Method of Equal Shares"), bars, funded, (_("Supporters are shown."),))


def _listed(question: RankedQuestion, row: Sequence[Any], _value: dict[str, Any]) -> Outcome:
    notes = (_("%(count)d ranked ballots, no method of counting was frozen.") % {"count": len(row)},)
    return Outcome(question.question, _("Ranked ballots"), (), (), notes)


_METHODS = {
    "STV": _stv, "Schulze": _schulze, "MajorityJudgment": _judgment, "EqualShares": _equal_shares,
}  # fmt: skip


def _tiers(question: RankedQuestion, ranking: Sequence[Sequence[int]]) -> tuple[str, ...]:
    return tuple(" = ".join(question.answers[option] for option in tier) for tier in ranking)


def _share(count: int, of: int) -> int:
    return round(100 * count / of) if of else 0


def _verified(value: dict[str, Any]) -> Verified:
    result = Result.from_json(value["result"]) if value["result"] else None
    weight = value.get("total_weight", value["counted"])  # reports of before votes had weights
    return Verified(value["accepted"], tuple(value["findings"]), value["ballots"], value["counted"], weight, result)
