"""What the portal holds about a person: their questions about uses of their data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person
from commonweal.core.policy import retention
from commonweal.core.portal import models

KEPT = timedelta(days=2 * 365)
retention.declare("portal/question", _("Questions about uses of your data"), _("two years after they were answered"))


def held(person: Person) -> dict[str, Any]:
    """Every question and its answer."""
    rows = models.Question.objects.filter(person_id=person.id).order_by("asked")
    return {
        "questions": [
            {"entry": row.n, "asked": stamp(row.asked), "text": row.text, "answer": row.answer, "by": row.answered_by}
            for row in rows
        ]
    }


def erase(person: Person) -> None:
    """Delete the questions."""
    models.Question.objects.filter(person_id=person.id).delete()


def expire(now: datetime) -> list[Person]:
    """Delete questions that were answered long ago, some at a time. Returns who asked."""
    return retention.delete_some(models.Question.objects.filter(answered__lt=now - KEPT).order_by("pk"))
