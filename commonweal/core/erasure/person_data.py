"""What is held about a person because somebody wanted something erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonweal.core.clock import stamp
from commonweal.core.erasure.models import Request
from commonweal.core.identity.actors import Person
from commonweal.core.policy import retention

KEPT = timedelta(days=365)
retention.declare("erasure/request", _("Requests to erase something"), _("one year after they were carried out"))


def held(person: Person) -> dict[str, Any]:
    """Every request to erase something about the person."""
    return {
        "requests": [
            {
                "entries": row.entries,
                "rule": row.rule,
                "reason": row.reason,
                "asked": stamp(row.asked),
                "by": row.asked_by,
                "done": stamp(row.done) if row.done else None,
            }
            for row in Request.objects.filter(person_id=person.id).order_by("asked")
        ]
    }


def erase(person: Person) -> None:
    """Delete the requests."""
    Request.objects.filter(person_id=person.id).delete()


def expire(now: datetime) -> list[Person]:
    """Delete requests that were carried out or rejected long ago. Returns whom they were about."""
    before = now - KEPT
    return retention.delete_some(Request.objects.filter(Q(done__lt=before) | Q(rejected__lt=before)).order_by("pk"))
