"""The frozen values that this room gives and takes. Models never leave it; these do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from commonweal.core.cases.titles import STEPS
from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Words

Outcome = Literal["accepted", "rejected"]
Status = Literal["open", "proposed", "closed"]
StepKind = Literal[
    "opened", "claimed", "released", "handed-over", "asked", "replied", "proposed", "sent-back", "decided", "appealed"
]
Standing = Literal["elsewhere", "colleague", "owner", "took-part"]


EACH_ITS_OWN = ""
"""Instead of an agency, in the queue of a case type that each agency has for itself."""


@dataclass(frozen=True)
class Queue:
    """Whose work it is: the holders of a role at an agency."""

    agency: str
    role: str

    def __str__(self) -> str:
        return f"{self.agency}/{self.role}"

    @classmethod
    def parse(cls, text: str) -> Queue:
        """The queue written `agency/role`."""
        agency, _slash, role = text.partition("/")
        return cls(agency, role)


@dataclass(frozen=True)
class ReadyText:
    """A reason in plain words. `words` may hold `{fields}`, each of which `fields` explains to the officer.

    `outcome` is the decision that it is a reason for; None fits either.
    """

    name: str
    words: Words
    fields: dict[str, Words] = field(default_factory=dict)
    outcome: Outcome | None = None

    def with_blanks(self) -> str:
        """The text as the officer chooses it, with what is still to be filled in between brackets."""
        return str(self.words).format(**{name: f"[{label}]" for name, label in self.fields.items()})


@dataclass(frozen=True)
class Ruling:
    """What a room is told when one of its cases is decided: `about` is its own reference."""

    about: str
    person: Person
    outcome: Outcome
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CaseType:
    """One kind of work, declared by the room that it comes from.

    `says` names it for officers and people alike. `days` is how long a decision may take, `appeal_days` how long the
    person may appeal against a rejection. `four_eyes`: a second officer must agree before a decision takes effect.
    `shows` gives what a case is about as pairs of label and value; `takes_effect` makes the room's own change, inside
    the decision's act, and returns references to what it changed; if it raises ValueError nothing is decided.
    `hand_over_to` are the queues of other offices that may take such a case over; `appeals` is the queue that decides
    appeals (the same one if not given, and never the same people). `told` heads the message of a decision.
    """

    name: str
    says: Words
    queue: Queue
    days: int
    shows: Callable[[str], list[tuple[Words, str]]]
    takes_effect: Callable[[Ruling], Sequence[str]]
    four_eyes: bool = False
    texts: tuple[ReadyText, ...] = ()
    hand_over_to: tuple[Queue, ...] = ()
    appeals: Queue | None = None
    appeal_days: int = 30
    told: dict[Outcome, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """Something that happened in a case. `by` is the name of whoever did it."""

    kind: StepKind
    at: datetime
    by: str
    text: str = ""
    outcome: str = ""
    own: bool = False

    @property
    def says(self) -> Words:
        """What happened, in words."""
        return STEPS[self.kind]


@dataclass(frozen=True)
class Line:
    """A case as the officers' list shows it: nothing in it tells whom it is about."""

    id: str
    number: str
    says: Words
    queue: Queue
    language: str
    status: Status
    appeal: bool
    owner: str
    mine: bool
    opened: datetime
    due: datetime
    days_left: int


@dataclass(frozen=True)
class Case:
    """A case, as far as whoever asked may see it. `facts` and `steps` are empty for officers who have not taken it."""

    id: str
    number: str
    type: CaseType
    about: str
    queue: Queue
    language: str
    status: Status
    appeal: bool
    outcome: str
    opened: datetime
    due: datetime
    owner: str
    standing: Standing | Literal["own"]
    facts: list[tuple[Words, str]]
    steps: list[Step]
    may_appeal: bool

    @property
    def proposal(self) -> Step | None:
        """What a first officer proposed and a second one has to confirm."""
        if self.status != "proposed":
            return None
        return next((step for step in reversed(self.steps) if step.kind == "proposed"), None)


@dataclass(frozen=True)
class Notice:
    """A message to a person, as their inbox shows it."""

    id: str
    case: str
    agency: str
    subject: str
    text: str
    written: datetime
    unread: bool


@dataclass(frozen=True)
class Channel:
    """How a person wants to be told, besides their inbox; `address` is a phone number or a postal address."""

    name: Literal["inbox", "mail", "sms", "letter"] = "mail"
    address: str = ""
    language: str = ""
