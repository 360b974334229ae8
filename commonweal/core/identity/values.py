"""What identity's functions return besides Person and Actor. Frozen; models stay inside."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from commonweal.core.identity.actors import Person


@dataclass(frozen=True, slots=True)
class Account:
    """A way to sign in. `person` is None until the account was connected to an entry."""

    id: UUID
    email: str
    name: str
    person: Person | None


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency that the node hosts; `names` by language code; `roles` that may be held there."""

    code: str
    names: dict[str, str]
    contact: dict[str, str]
    roles: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """The name in `language`, else in English, else in any."""
        return self.names.get(language[:2]) or self.names.get("en") or next(iter(self.names.values()), self.code)


@dataclass(frozen=True, slots=True)
class Post:
    """A role that an account holds at an agency."""

    id: int
    account: UUID
    agency: str
    role: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """A service account; `token` is known only at the moment of issue."""

    id: UUID
    name: str
    agency: str
    roles: frozenset[str]
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session of an account, as its owner sees it."""

    id: str
    began: datetime
    seen: datetime
    device: str
    demo: bool


@dataclass(frozen=True, slots=True)
class DemoOffer:
    """An account on the demo sign-in page."""

    account: UUID
    name: str
    label: str
