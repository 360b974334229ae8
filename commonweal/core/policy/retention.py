"""How long the rooms keep what they hold, as they declare it, and the deleting of what is over its time.

Each room says it in its `person_data.py`, beside the `expire(now)` that does it. The register of processing shows it;
`core.erasure` runs it every day, as an act under the rule "expired".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Words

SOME = 300  # rows deleted in one act


@dataclass(frozen=True)
class Retention:
    """What is kept (a reference, and in words) and for how long."""

    what: str
    says: Words
    kept: Words


_declared: dict[str, Retention] = {}


def declare(what: str, says: Words, kept: Words) -> None:
    """Declare for how long a room keeps something."""
    _declared[what] = Retention(what, says, kept)


def declared() -> tuple[Retention, ...]:
    """Everything that the rooms delete when its time is over."""
    return tuple(_declared[what] for what in sorted(_declared))


def delete_some(over: QuerySet[Any]) -> list[Person]:
    """Delete up to SOME of these rows (of a model with a `person_id`); returns the people whom they were about."""
    rows = list(over[:SOME])
    over.model._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
    return list(people.known({row.person_id for row in rows}).values())
