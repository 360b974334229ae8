"""The plain values that the room's service takes and returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from commonweal.core.identity.actors import Person
from commonweal.services.voting.engine.archive import Checkpoint
from commonweal.services.voting.engine.credentials import base58
from commonweal.services.voting.engine.election import AnyQuestion, Question, RankedQuestion
from commonweal.services.voting.engine.encoding import boolean, items, members, number, string
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import DAY, Package

Read = TypeVar("Read")

DRAFT, FROZEN, ARCHIVED = "draft", "frozen", "archived"
LISTED, DRAWN = "listed", "drawn"
LEAVING = {
    "moved": _("moved away"),
    "died": _("died"),
    "not-entitled": _("not entitled to vote in this election"),
    "mistake": _("entered by mistake"),
    "asked": _("asked to leave the roll"),
}  # why somebody leaves the roll


@dataclass(frozen=True)
class Draft:
    """What the administrator asks, when, and where: everything that the freeze will fix.

    `box` is the web origin of the ballot server; `board_every` in seconds; `order` for each question.
    """

    name: str
    description: str
    questions: tuple[AnyQuestion, ...]
    opens: datetime
    closes: datetime
    box: str
    board_every: int = DAY
    order: tuple[str, ...] = ()
    binding: bool = False
    texts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Draft:
        """The draft in TOML or JSON (docs/voting.md). Raises ValueError naming what is missing or wrong."""
        asked = _given(value, "questions", items)
        return cls(
            name=_given(value, "name", string),
            description=_given(value, "description", string, ""),
            questions=tuple(_question(one) for one in asked),
            opens=_given(value, "opens", _instant),
            closes=_given(value, "closes", _instant),
            box=_given(value, "box", string).rstrip("/"),
            board_every=_given(value, "board_every", number, DAY),
            order=tuple(_given(one, "order", _order, LISTED) for one in asked),
            binding=_given(value, "binding", boolean, False),
            texts=_given(value, "texts", members, {}),
        )

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        questions = [_question_json(one) for one in self.questions]
        order = self.order or (LISTED,) * len(questions)
        return {
            "name": self.name,
            "description": self.description,
            "questions": [one | {"order": rule} for one, rule in zip(questions, order, strict=True)],
            "opens": self.opens.isoformat(),
            "closes": self.closes.isoformat(),
            "box": self.box,
            "board_every": self.board_every,
            "binding": self.binding,
            "texts": dict(self.texts),
        }


@dataclass(frozen=True)
class RollLine:
    """Somebody who is to vote, where the credential authority sends the letter, and how often the vote counts."""

    person: Person
    name: str
    delivery: str
    weight: int = 1


@dataclass(frozen=True)
class Voter:
    """A line of the roll as the credential authority gets it."""

    label: str
    name: str
    delivery: str
    weight: int = 1


@dataclass(frozen=True)
class Standing:
    """An election as the node knows it. `weight` is that of all `voters` together; `heads` are the checkpoints in the
    log, oldest first.
    """

    uuid: str
    state: str
    draft: Draft
    package: Package | None
    voters: int
    weight: int
    heads: tuple[LoggedHead, ...]
    trouble: str

    @property
    def frozen(self) -> Package:
        """The package. Raises LookupError before the freeze."""
        if self.package is None:
            raise LookupError(f"election {self.uuid} is not frozen")
        return self.package

    def phase(self, now: datetime) -> str:
        """`draft`, `waiting`, `open`, `closed` or `archived`."""
        return self.package.plan.state(now) if self.package and self.state == FROZEN else self.state


@dataclass(frozen=True)
class LoggedHead:
    """A checkpoint of the board in the node's log: its document's SHA-256, and the size of the board in bytes."""

    checkpoint: Checkpoint
    size: int
    document: str


def new_uuid() -> str:
    """The id of an election."""
    return base58(14)


def _given(value: Any, name: str, reader: Callable[[Any], Read], default: Read | None = None) -> Read:
    """The field as its reader reads it, or the default. Raises ValueError naming the field."""
    try:
        if name not in members(value):
            if default is None:
                raise ValueError(f"The draft lacks {name}.")
            return default
        return reader(value[name])
    except Refused as refused:
        raise refused.within(name) from None


def _question(value: Any) -> AnyQuestion:
    question = _given(value, "question", string)
    answers = tuple(string(one) for one in _given(value, "answers", items))
    if "method" in value:
        return RankedQuestion(question, answers, value["method"])
    least, most = _given(value, "min", number, 1), _given(value, "max", number, 1)
    return Question(question, answers, least, most, _given(value, "blank", boolean, False) or None)


def _question_json(question: AnyQuestion) -> dict[str, Any]:
    common = {"question": question.question, "answers": list(question.answers)}
    if isinstance(question, RankedQuestion):
        return common | {"method": question.method}
    return common | {"min": question.minimum, "max": question.maximum, "blank": bool(question.blank)}


def _order(value: Any) -> str:
    if value not in (LISTED, DRAWN):
        raise Refused(Reason.MALFORMED, "", f"{LISTED} or {DRAWN}", value)
    return str(value)


def _instant(value: Any) -> datetime:
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Refused(Reason.MALFORMED, "", "a time with its zone, like 2026-05-01T06:00:00Z", value)
    return instant
