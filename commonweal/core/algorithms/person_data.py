"""What algorithms advised about a person, to hand over or to erase."""

from __future__ import annotations

from typing import Any

from commonweal.core.algorithms import models
from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person


def held(person: Person) -> dict[str, Any]:
    """Every piece of advice, with its reasons and the version that gave it."""
    rows = models.Advice.objects.filter(person_id=person.id).order_by("given")
    return {
        "advice": [
            {
                "algorithm": row.algorithm,
                "version": row.version,
                "record": bytes(row.record).hex(),
                "advice": row.says,
                "reasons": row.reasons,
                "made_from": row.inputs,
                "adverse": row.adverse,
                "given": stamp(row.given),
            }
            for row in rows
        ]
    }


def erase(person: Person) -> None:
    """Delete all of it."""
    models.Advice.objects.filter(person_id=person.id).delete()
