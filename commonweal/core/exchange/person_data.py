"""What the exchange holds about a person: the events that they were in, until everybody has been told long since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal.core.clock import stamp
from commonweal.core.exchange.models import Event
from commonweal.core.exchange.outbox import KEPT
from commonweal.core.identity.actors import Person
from commonweal.core.policy import retention

retention.declare("exchange/event", _("Events that other agencies are told of"), _("thirty days"))


def held(person: Person) -> dict[str, Any]:
    """Every event about the person that is still kept."""
    rows = Event.objects.filter(person_id=person.id).order_by("at")
    return {"events": [{"type": row.type, "at": stamp(row.at), "data": row.data} for row in rows]}


def erase(person: Person) -> None:
    """Delete them: whoever was not told yet will not be."""
    Event.objects.filter(person_id=person.id).delete()


def expire(now: datetime) -> list[Person]:
    """Delete what is older than KEPT, some at a time. Returns whom it was about."""
    return retention.delete_some(Event.objects.filter(at__lt=now - KEPT).order_by("pk"))
