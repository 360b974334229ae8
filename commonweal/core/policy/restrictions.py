"""Whether a person's objection or restriction stands in the way, as the door asks it.

Legal duties and vital interests go on (GDPR Art. 18(2), 21(1)), and so does what people do with their own data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import connection

from commonweal.core.policy.actions import Purpose, declared_purposes
from commonweal.core.policy.consents import storing
from commonweal.core.policy.models import Restriction

OBJECTIONABLE = ("public_task", "legitimate_interest")  # GDPR Art. 21(1)
RESTRICTABLE = (*OBJECTIONABLE, "consent", "contract")
STANDING = (
    "SELECT person_id, what FROM policy_restriction WHERE lifted IS NULL AND since IS NOT NULL "
    "AND person_id IN ({people}) AND what IN ({whats})"
)
Kind = Literal["objection", "restriction"]


@dataclass(frozen=True)
class Limit:
    """An objection (to the purpose `what`) or a restriction (of the room `what`)."""

    id: str
    kind: Kind
    what: str
    reason: str
    asked: datetime
    since: datetime | None
    lifted: datetime | None
    decided: datetime | None

    @property
    def in_force(self) -> bool:
        """Whether the door refuses because of it."""
        return self.since is not None and self.lifted is None


Use = tuple[UUID, str, str]  # whose data, in which action, for which purpose (its name)


def standing(uses: Iterable[Use]) -> frozenset[Use]:
    """Those of the uses that are restricted now: by their purpose, or by the room of their action."""
    uses = frozenset(uses)
    as_kept = storing()
    stored = {person: as_kept(person) for person, _, _ in uses}
    whats = {name for _, action, purpose in uses for name in (purpose, action.partition(".")[0])}
    marks = {"people": ",".join(["%s"] * len(stored)), "whats": ",".join(["%s"] * len(whats))}
    with connection.cursor() as cursor:
        cursor.execute(STANDING.format(**marks), [*stored.values(), *whats])
        found = set(cursor.fetchall())
    if not found:
        return frozenset()
    return frozenset(
        (person, action, purpose)
        for person, action, purpose in uses
        if found & {(stored[person], purpose), (stored[person], action.partition(".")[0])}
    )


def purposes() -> list[Purpose]:
    """What a person can object to: purposes that use data and rest on a public task or a legitimate interest."""
    return [why for why in declared_purposes() if why.basis in OBJECTIONABLE and why.data]


def rooms() -> list[str]:
    """What a person can ask to have restricted: the node's services."""
    return sorted(settings.SERVICES)


def value(row: Restriction) -> Limit:
    """The frozen value of an objection or restriction."""
    return Limit(str(row.id), row.kind, row.what, row.reason, row.asked, row.since, row.lifted, row.decided)  # type: ignore[arg-type]
