"""What is held about a person as somebody who acts or is acted for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person
from commonweal.core.mandates.models import Mandate
from commonweal.core.policy import retention

KEPT = timedelta(days=3 * 365)
retention.declare("mandates/mandate", _("Mandates to act for you"), _("three years after they ended"))


def held(person: Person) -> dict[str, Any]:
    """Every mandate to act for the person, and every one by which the person acts for others."""
    rows = Mandate.objects.filter(Q(person_id=person.id) | Q(agent_id=person.id)).order_by("given")
    return {
        "mandates": [
            {
                "kind": row.kind,
                "for": row.person_name,
                "by": row.agent_name,
                "scope": row.scope,
                "given": stamp(row.given),
                "given_by": row.given_by,
                "reason": row.reason,
                "ends": stamp(row.ends) if row.ends else None,
                "ended": stamp(row.ended) if row.ended else None,
            }
            for row in rows
        ]
    }


def erase(person: Person) -> None:
    """Delete the mandates on either side."""
    Mandate.objects.filter(Q(person_id=person.id) | Q(agent_id=person.id)).delete()


def expire(now: datetime) -> list[Person]:
    """Delete mandates that ended long ago, some at a time. Returns whom they were about."""
    over = Mandate.objects.filter(Q(ended__lt=now - KEPT) | Q(ends__lt=now - KEPT)).order_by("id")
    return retention.delete_some(over)
