"""The frozen values that this room gives and takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.translation import gettext_lazy as _

from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Words

Kind = Literal["child", "care", "attorney", "assisted"]
KINDS: dict[Kind, Words] = {
    "child": _("parent of a child"),
    "care": _("guardian"),
    "attorney": _("power of attorney"),
    "assisted": _("help at a counter"),
}


@dataclass(frozen=True)
class Mandate:
    """Who may act for whom. `scope` names rooms, actions or purposes; empty: everything that mandates can be for."""

    id: str
    kind: Kind
    person_name: str
    agent_name: str
    scope: tuple[str, ...]
    given: datetime
    given_by: str
    reason: str
    starts: datetime
    ends: datetime | None
    accepted: datetime | None
    ended: datetime | None

    @property
    def says(self) -> Words:
        """Its kind in plain words."""
        return KINDS[self.kind]

    @property
    def endable(self) -> bool:
        """Whether the person who is represented may end it themselves."""
        return self.ended is None and self.kind in ("attorney", "assisted")


@dataclass(frozen=True)
class Minor:
    """A child of a parent, as a register knows it."""

    person: Person
    name: str
    born: date


@dataclass(frozen=True)
class Overview:
    """A person's mandates: `given` are those to act for them, `held` those by which they act for others.

    `minors` are children whom they do not act for yet.
    """

    given: Sequence[Mandate]
    held: Sequence[Mandate]
    minors: Sequence[Minor]
