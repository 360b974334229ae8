"""Whether a consent stands, as the door asks it."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from commonweal.core.policy.models import ConsentRecord


def in_force(consent: str, person: UUID, purpose: str, agency: str) -> bool:
    """True when the consent was given by this person, for this purpose, to this agency, and not withdrawn."""
    try:
        consent_id = UUID(consent)
    except ValueError:
        return False
    found = ConsentRecord.objects.filter(
        id=consent_id, person_id=person, purpose=purpose, agency=agency, withdrawn=None
    )
    if connection.in_atomic_block and connection.features.has_select_for_update:
        found = found.select_for_update()  # a withdrawal waits until this act has committed, or comes first
    return bool(found.values_list("id"))
