"""For whom somebody acts in this session: chosen on a page, kept until they stop or sign out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor
from commonweal.core.mandates import models
from commonweal.core.mandates.in_force import AT_COUNTER

KEY = "acting_for"


def represent(actor: Actor, session: Any) -> Actor:
    """The actor, acting for whomever they chose. A mandate that has ended stays chosen, so that the door refuses
    rather than let somebody do for themselves what they meant to do for another."""
    row = _chosen(session)
    if row is None or not (AT_COUNTER in actor.roles if row.kind == "assisted" else actor.kind == "resident"):
        return actor
    person = people.known([row.person_id]).get(row.person_id)
    return replace(actor, on_behalf_of=person, mandate=str(row.id)) if person else actor


def name(session: Any) -> str:
    """What the person is called for whom this session acts."""
    row = _chosen(session)
    return row.person_name if row else ""


def choose(session: Any, mandate: str) -> None:
    """Act by this mandate from now on."""
    session[KEY] = mandate


def stop(session: Any) -> None:
    """Act for oneself again. Repeating it changes nothing."""
    session.pop(KEY, None)


def _chosen(session: Any) -> models.Mandate | None:
    chosen = session.get(KEY)
    return models.Mandate.objects.filter(id=UUID(chosen)).first() if chosen else None
