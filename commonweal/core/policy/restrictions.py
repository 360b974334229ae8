"""Whether a person's objection or restriction stands in the way, as the door asks it.

Legal duties and vital interests go on (GDPR Art. 18(2), 21(1)), and so does what people do with their own data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import connection

from commonweal.core.policy.actions import Purpose, declared_purposes
from commonweal.core.policy.consents import as_stored
from commonweal.core.policy.models import Restriction

OBJECTIONABLE = ("public_task", "legitimate_interest")  # GDPR Art. 21(1)
RESTRICTABLE = (*OBJECTIONABLE, "consent", "contract")
STANDING = (
    "SELECT 1 FROM policy_restriction WHERE what IN (%s, %s) AND lifted IS NULL AND since IS NOT NULL AND person_id IN "
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


def stand(people: Sequence[UUID], action: str, purpose: Purpose) -> bool:
    """True when this use is restricted now for one of these people."""
    if not people:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            STANDING + f"({','.join(['%s'] * len(people))})",
            [purpose.name, action.partition(".")[0], *(as_stored(person) for person in people)],
        )
        return cursor.fetchone() is not None


def purposes() -> list[Purpose]:
    """What a person can object to: purposes that use data and rest on a public task or a legitimate interest."""
    return [why for why in declared_purposes() if why.basis in OBJECTIONABLE and why.data]


def rooms() -> list[str]:
    """What a person can ask to have restricted: the node's services."""
    return sorted(settings.SERVICES)


def value(row: Restriction) -> Limit:
    """The frozen value of an objection or restriction."""
    return Limit(str(row.id), row.kind, row.what, row.reason, row.asked, row.since, row.lifted, row.decided)  # type: ignore[arg-type]
