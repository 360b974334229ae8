"""What this room holds about a person: their cases, the messages to them, and how they want to be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal.core.cases import models
from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person
from commonweal.core.policy import retention

KEPT = timedelta(days=3 * 365)
retention.declare("cases/case", _("Cases, with their steps and messages"), _("three years after they were decided"))
retention.declare("cases/notice", _("Messages that belong to no case"), _("three years after they were written"))


def held(person: Person) -> dict[str, Any]:
    """Every case with its steps, every message, and the chosen channel."""
    cases = models.Case.objects.filter(person_id=person.id).prefetch_related("steps").order_by("opened")
    notices = models.Notice.objects.filter(person_id=person.id).order_by("written")
    chosen = models.ChosenChannel.objects.filter(person_id=person.id).first()
    return {
        "cases": [_case(row) for row in cases],
        "messages": [
            {"written": stamp(row.written), "agency": row.agency, "subject": row.subject, "text": row.text}
            for row in notices
        ],
        "channel": {"name": chosen.name, "address": chosen.address, "language": chosen.language} if chosen else None,
    }


def erase(person: Person) -> None:
    """Delete the cases with their steps, the messages and the chosen channel."""
    models.Notice.objects.filter(person_id=person.id).delete()
    models.Case.objects.filter(person_id=person.id).delete()
    models.ChosenChannel.objects.filter(person_id=person.id).delete()


def expire(now: datetime) -> list[Person]:
    """Delete some of the cases decided, and of the other messages written, long ago. Returns whom they were about."""
    before = now - KEPT
    return [
        *retention.delete_some(models.Case.objects.filter(closed__lt=before).order_by("pk")),
        *retention.delete_some(models.Notice.objects.filter(case=None, written__lt=before).order_by("pk")),
    ]


def _case(row: models.Case) -> dict[str, Any]:
    steps = sorted(row.steps.all(), key=lambda step: step.n)
    return {
        "kind": row.kind,
        "office": row.queue,
        "opened": stamp(row.opened),
        "due": stamp(row.due),
        "status": row.status,
        "outcome": row.outcome,
        "steps": [
            {
                "kind": step.kind,
                "at": stamp(step.at),
                "by": step.by_name,
                "text": step.text,
                "outcome": step.outcome,
            }
            for step in steps
        ],
    }
