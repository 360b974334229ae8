"""Whether a mandate stands, as the door asks it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q

from commonweal.core import clock
from commonweal.core.identity.actors import Actor
from commonweal.core.mandates import facts
from commonweal.core.mandates.models import Mandate

AT_COUNTER = "counter-officer"
USE = "mandates.mandate.use"
NOT_AT_COUNTER = frozenset({"policy.limit.lift"})  # what protects somebody is not taken away by an office
NEVER = frozenset({"identity", "voting"})  # rooms where nobody acts for anybody, whatever a mandate says


def stands(actor: Actor, action: str, purpose: str) -> bool:
    """True when the actor may act for `actor.on_behalf_of` now, in this action, for this purpose (its name)."""
    try:
        mandate = UUID(actor.mandate)
    except ValueError:
        return False
    now = clock.now()
    found = Mandate.objects.filter(
        Q(ends=None) | Q(ends__gt=now), id=mandate, ended=None, accepted__lte=now, starts__lte=now
    )
    if connection.in_atomic_block and connection.features.has_select_for_update:
        found = found.select_for_update()  # whoever ends it waits until this act has committed, or comes first
    row = found.first()
    if row is None or not _is_between(row, actor) or (row.kind == "assisted" and action in NOT_AT_COUNTER):
        return False
    return covers(row.scope, action, purpose)


def covers(scope: Sequence[str], action: str, purpose: str) -> bool:
    """Whether a scope (rooms, actions, purposes; empty: all) holds this action for this purpose."""
    room = action.partition(".")[0]
    if room in NEVER:
        return False
    return not scope or action == USE or bool({room, action, purpose} & set(scope))


def _is_between(row: Mandate, actor: Actor) -> bool:
    """Whether the mandate is this actor's, for this person."""
    if actor.on_behalf_of is None or row.person_id != actor.on_behalf_of.id:
        return False
    if row.kind == "assisted":
        at_counter = AT_COUNTER in actor.roles  # in another post the same officer has other rights
        return at_counter and (actor.kind, row.agent, row.session) == ("officer", actor.id, actor.session)
    if actor.kind != "resident" or actor.person is None or row.agent_id != actor.person.id:
        return False
    return row.kind != "child" or actor.on_behalf_of in [minor.person for minor in facts.minors_of(actor.person)]
