"""Whether a consent stands, as the door asks it."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

STANDING = (
    "SELECT 1 FROM policy_consentrecord WHERE id = %s AND person_id = %s AND purpose = %s AND agency = %s "
    "AND withdrawn IS NULL"
)


def in_force(consent: str, person: UUID, purpose: str, agency: str) -> bool:
    """True when the consent was given by this person, for this purpose, to this agency, and not withdrawn."""
    try:
        consent_id = UUID(consent)
    except ValueError:
        return False
    # A withdrawal waits until the act around this has committed, or comes first.
    lock = " FOR UPDATE" if connection.in_atomic_block and connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(STANDING + lock, [as_stored(consent_id), as_stored(person), purpose, agency])
        return cursor.fetchone() is not None


def as_stored(value: UUID) -> UUID | str:
    """A UUID as the database keeps it."""
    return value if connection.features.has_native_uuid_field else value.hex
