"""The frozen values that this room gives and takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Channel = Literal["web", "sms", "ussd", "mail"]
State = Literal["machine", "waiting", "talking", "ended"]
Role = Literal["user", "agent", "officer", "notice"]


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

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


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
class Reply:
    """What the machine says. `outcome` is a value of the engine's Outcome; `office` answers where it cannot."""

    outcome: str
    citations: tuple[Citation, ...] = ()
    office: str = ""
    flow: str = ""
    alarm: str = ""
    chance: float = 0.0


@dataclass(frozen=True)
class Said:
    """One message of a conversation; `reply` where the machine spoke."""

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
    said: tuple[Said, ...] = field(default=())
