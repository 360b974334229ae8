"""The frozen values that this room gives and takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from commonweal.services.assistant.engine.flows import Flow

Channel = Literal["web", "sms", "ussd", "mail"]
State = Literal["machine", "waiting", "talking", "case", "ended"]
Role = Literal["user", "agent", "officer", "notice"]
Verdict = Literal["answers", "other", "none"]


@dataclass(frozen=True)
class NewPage:
    """A page as its owner publishes it. `source` is Markdown or HTML, `topic` the subject area that evidence names."""

    slug: str
    language: str
    title: str
    source: str
    owner: str
    topic: str
    description: str = ""
    format: str = "markdown"
    address: str = ""
    flow: str = ""
    review: date | None = None


@dataclass(frozen=True)
class PageVersion:
    """One stored version: `hash` is the SHA-256 of its readable text, `until` when another one took its place."""

    slug: str
    language: str
    hash: str
    title: str
    description: str
    source: str
    format: str
    owner: str
    topic: str
    address: str
    flow: str
    review: date | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 6, with its anchor) or a paragraph (`level` 0) of a version's readable text."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Published:
    """What a publication did: slugs, each in its language."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __add__(self, other: Published) -> Published:
        return Published(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True)
class Gathered:
    """What came of fetching pages: what was published, (address, why) of what failed, and pages named no longer."""

    published: Published
    failed: tuple[tuple[str, str], ...]
    gone: tuple[PageVersion, ...]


@dataclass(frozen=True)
class Citation:
    """Words of a version, verbatim: `text` is its readable text from character `start` to `end`."""

    slug: str
    language: str
    hash: str
    title: str
    heading: str
    anchor: str
    since: datetime
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class NewFlow:
    """A decision flow as its owner publishes it: a TOML file (engine/flows.py)."""

    name: str
    language: str
    source: str


@dataclass(frozen=True)
class FlowVersion:
    """One stored version of a decision flow: `hash` is the SHA-256 of its file."""

    name: str
    flow: Flow
    since: datetime
    until: datetime | None

    @property
    def hash(self) -> str:
        """By which an old result finds it again."""
        return self.flow.version


@dataclass(frozen=True)
class Asked:
    """A question of a decision flow: `options` are pairs of id and words, numbered from 1 where people type."""

    flow: str
    version: str
    language: str
    question: str
    text: str
    options: tuple[tuple[str, str], ...]
    rule: str
    first: bool


@dataclass(frozen=True)
class Chosen:
    """One answered question of a result: ids, and the words in the language of the flow.

    What is `known` the population register answered.
    """

    question: str
    option: str
    asked: str
    answered: str
    rule: str
    known: bool = False


@dataclass(frozen=True)
class Result:
    """Where a decision flow ended: what holds, and the way there. The rule of the last step decided."""

    flow: str
    version: str
    language: str
    title: str
    outcome: str
    text: str
    trace: tuple[Chosen, ...]


@dataclass(frozen=True)
class Reply:
    """What the machine says. `outcome` is a value of the engine's Outcome; `office` answers where it cannot.

    `chance` was reckoned with the models of `mode`. `flow` names a decision flow that can be begun; `asked` is its next
    question, `result` where it ended. `plainly` are the checked sentences of a language model, if the operator names
    one.
    """

    outcome: str
    citations: tuple[Citation, ...] = ()
    office: str = ""
    flow: str = ""
    flow_title: str = ""
    asked: Asked | None = None
    result: Result | None = None
    alarm: str = ""
    chance: float = 0.0
    mode: str = ""
    plainly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """One message of a conversation; `reply` where the machine spoke, or an officer led through a flow."""

    n: int
    role: Role
    by: str
    text: str
    at: datetime
    outcome: str = ""
    reply: Reply | None = None


@dataclass(frozen=True)
class Talk:
    """A conversation as it stands."""

    id: str
    language: str
    channel: Channel
    state: State
    office: str
    officer_name: str
    anonymous: bool
    offered: bool
    began: datetime
    last: datetime
    waiting_since: datetime | None
    place: Asked | Result | None = None
    said: tuple[Said, ...] = field(default=())


@dataclass(frozen=True)
class Received:
    """What the office that sent a conversation is told: its id here."""

    conversation: str


@dataclass(frozen=True)
class Line:
    """Where a telephone line stands: its conversation ("" before the first question), how much of it was sent."""

    language: str
    talk_id: str = ""
    told: int = 0


@dataclass(frozen=True)
class Subject:
    """How often what was asked of a subject was answered (or needed a question back), partly, and not at all."""

    topic: str
    answered: int
    partly: int
    unanswered: int

    @property
    def asked(self) -> int:
        """How often it was asked of."""
        return self.answered + self.partly + self.unanswered


@dataclass(frozen=True)
class OwnerReport:
    """What concerns one agency's pages: its subjects, and the pages past or near the day of their review."""

    owner: str
    subjects: tuple[Subject, ...]
    due: tuple[PageVersion, ...]


@dataclass(frozen=True)
class Report:
    """A time for page owners: each one's pages, replies by outcome, and questions that no page answered, masked."""

    begins: datetime
    ends: datetime
    owners: tuple[OwnerReport, ...]
    outcomes: tuple[tuple[str, int], ...]
    unanswered: tuple[str, ...]

    @property
    def last(self) -> datetime:
        """A moment of its last day."""
        return self.ends - timedelta(seconds=1)

    @property
    def not_known(self) -> int:
        """How many questions no page answered, also of people who were signed in."""
        return dict(self.outcomes).get("not known", 0)


@dataclass(frozen=True)
class Given:
    """An answer of the machine that an officer may judge. `asked` is masked; `slug` is "" where nothing was quoted.

    `mine`: it stands in a conversation that this officer has.
    """

    number: int
    asked: str
    quoted: str
    slug: str
    title: str
    language: str
    outcome: str
    chance: float
    mode: str
    at: datetime
    mine: bool = False


@dataclass(frozen=True)
class Tried:
    """A test question as it comes out now. `expected` is "" where no page answers; `found` is the likeliest page.

    Both name a section after a hash sign, the first only if it matters which. `held`: others' subject, never quoted.
    """

    number: int
    language: str
    text: str
    expected: str
    found: str
    chance: float
    mode: str
    silent: bool
    held: bool
    right: bool

    @property
    def finds_it(self) -> bool:
        """Whether the likeliest page, and section if one is named, is the expected one."""
        return bool(self.expected) and self.expected in (self.found, self.found.partition("#")[0])


@dataclass(frozen=True)
class Point:
    """What a threshold would mean: the share of answerable questions that get an answer, of answers the wrong share.

    `least` and `most`: between them the true share of wrong answers lies, 95 times of 100 (Wilson's interval).
    """

    threshold: float
    coverage: float
    wrong: float
    answers: int
    mistakes: int
    least: float
    most: float
