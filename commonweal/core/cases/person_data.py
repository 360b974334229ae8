"""What this room holds about a person: their cases, the messages to them, and how they want to be told."""

from __future__ import annotations

from typing import Any

from commonweal.core.cases import models
from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person


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
