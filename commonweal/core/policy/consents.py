"""Whether a consent stands, as the door asks it."""
from __future__ import annotations

from uuid import UUID

from commonweal.core.policy.models import ConsentRecord


def in_force(consent: str, person: UUID, purpose: str, agency: str) -> bool:
    """True when the consent was given by this person, for this purpose, to this agency, and not withdrawn."""
    try:
        consent_id = UUID(consent)
    except ValueError:
        return False
    return ConsentRecord.objects.filter(
        id=consent_id, person_id=person, purpose=purpose, agency=agency, withdrawn=None
    ).exists()
