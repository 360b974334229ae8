"""The frozen values that the register gives and takes. Models never leave the room; these do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from commonweal.core.identity.actors import Person

Field = Literal["name", "born", "died", "address", "household", "relations"]
FIELDS: tuple[Field, ...] = ("name", "born", "died", "address", "household", "relations")
Kinship = Literal["parent", "child", "spouse"]
Correctable = Literal["given", "family", "born", "birth_place", "address"]


@dataclass(frozen=True)
class Name:
    """A name as borne from `since` until `until` (None: still)."""

    given: str
    family: str
    since: date
    until: date | None = None

    def __str__(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True)
class Address:
    """A place of residence from `since` until `until` (None: still)."""

    street: str
    number: str
    postcode: str
    town: str
    since: date
    until: date | None = None

    def __str__(self) -> str:
        return f"{self.number} {self.street}, {self.postcode} {self.town}"


@dataclass(frozen=True)
class Relative:
    """Somebody the person is related to: `kind` is what the other is to the person (parent, child, spouse)."""

    kind: Kinship
    person: Person
    name: str


@dataclass(frozen=True)
class Housemate:
    """Somebody who lives at the same address now."""

    person: Person
    name: str


@dataclass(frozen=True)
class RegisterEntry:
    """What the register holds about one person, as far as the purpose allows; what it does not allow is None."""

    person: Person
    name: Name | None
    names: tuple[Name, ...] | None
    born: date | None
    birth_place: str | None
    died: date | None
    addresses: tuple[Address, ...] | None
    household: tuple[Housemate, ...] | None
    relations: tuple[Relative, ...] | None
    fields: tuple[Field, ...]

    @property
    def address(self) -> Address | None:
        """Where the person lives now."""
        return next((address for address in self.addresses or () if address.until is None), None)

    def references(self) -> list[str]:
        """What an evidence record says was disclosed."""
        return [f"registry/{field}" for field in self.fields]


@dataclass(frozen=True)
class Circumstances:
    """What questions about entitlements ask, and nothing that names anybody.

    `age` is in full years, `household` counts the person too; whoever is `registered` has an address in the town now,
    since `months_registered` full months without a gap.
    """

    age: int
    household: int
    registered: bool
    months_registered: int


@dataclass(frozen=True)
class Found:
    """One line of a search result."""

    person: Person
    name: str
    born: date
    town: str


@dataclass(frozen=True)
class Correction:
    """A resident's request to correct one field, and what an officer decided."""

    id: str
    person: Person
    field: Correctable
    current: str
    proposed: str
    explanation: str
    asked: datetime
    status: Literal["open", "accepted", "rejected"]
    reason: str
    decided: datetime | None
    decided_by: str


@dataclass(frozen=True)
class Change:
    """One line of the change feed: `position` only grows; `kind` is what happened."""

    position: int
    kind: str
    person: Person
    at: datetime


@dataclass(frozen=True)
class NewEntry:
    """What it takes to enter a person into the register."""

    given: str
    family: str
    born: date
    birth_place: str
    street: str
    number: str
    postcode: str
    town: str
    since: date
    identifier: str = ""
    died: date | None = None
    sex: Literal["female", "male", "other", ""] = ""
