"""What is held about a person's consents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person
from commonweal.core.policy import retention
from commonweal.core.policy.models import ConsentRecord, Emergency, Restriction

KEPT = timedelta(days=3 * 365)
retention.declare("policy/consent", _("Consents"), _("three years after they were withdrawn"))
retention.declare("policy/limit", _("Objections and restrictions"), _("three years after they were lifted"))
retention.declare("policy/emergency", _("Uses in an emergency"), _("three years after they were reviewed"))


def held(person: Person) -> dict[str, Any]:
    """Every consent, objection and restriction, and every emergency."""
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
        ],
        "limits": [
            {
                "kind": row.kind,
                "what": row.what,
                "reason": row.reason,
                "asked": stamp(row.asked),
                "lifted": stamp(row.lifted) if row.lifted else None,
            }
            for row in Restriction.objects.filter(person_id=person.id).order_by("asked")
        ],
        "emergencies": [
            {"by": row.actor_name, "action": row.action, "reason": row.reason, "at": stamp(row.at)}
            for row in Emergency.objects.filter(person_id=person.id).order_by("at")
        ],
    }


def erase(person: Person) -> None:
    """Delete the consent records, objections, restrictions and emergencies."""
    for model in (ConsentRecord, Restriction, Emergency):
        model.objects.filter(person_id=person.id).delete()


def expire(now: datetime) -> list[Person]:
    """Delete what ended long ago, some at a time. Returns whom it was about."""
    before = now - KEPT
    return [
        *retention.delete_some(ConsentRecord.objects.filter(withdrawn__lt=before).order_by("pk")),
        *retention.delete_some(Restriction.objects.filter(lifted__lt=before).order_by("pk")),
        *retention.delete_some(Emergency.objects.filter(decided__lt=before).order_by("pk")),
    ]
