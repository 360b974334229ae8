"""What is held about a person's consents."""

from __future__ import annotations

from typing import Any

from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person
from commonweal.core.policy.models import ConsentRecord


def held(person: Person) -> dict[str, Any]:
    """Every consent, given and withdrawn."""
    rows = ConsentRecord.objects.filter(person_id=person.id).order_by("given")
    return {
        "consents": [
            {
                "id": str(row.id),
                "purpose": row.purpose,
                "agency": row.agency,
                "given": stamp(row.given),
                "withdrawn": stamp(row.withdrawn) if row.withdrawn else None,
            }
            for row in rows
        ]
    }


def erase(person: Person) -> None:
    """Delete the consent records."""
    ConsentRecord.objects.filter(person_id=person.id).delete()
