"""What the portal holds about a person: their questions about uses of their data."""

from __future__ import annotations

from typing import Any

from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person
from commonweal.core.portal import models


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
