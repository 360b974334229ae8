"""Whether a consent stands, as the door asks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from uuid import UUID

from django.db import connection

from commonweal.core.identity.actors import Person
from commonweal.core.policy.models import ConsentRecord

STANDING = "SELECT id, person_id, purpose, agency FROM policy_consentrecord WHERE withdrawn IS NULL AND id IN ({marks})"
_HEX = attrgetter("hex")
Claim = tuple[str, UUID, str, str]  # a consent's id, whose it should be, for which purpose (its name), to which agency


def in_force(claims: Sequence[Claim]) -> list[bool]:
    """Of each: whether it was given by this person, for this purpose, to this agency, and not withdrawn."""
    stored = storing()
    wanted = {consent: stored(id_) for consent, *_ in claims if (id_ := _uuid(consent))}
    if not wanted:
        return [False] * len(claims)
    statement = STANDING.format(marks=",".join(["%s"] * len(wanted)))
    # A withdrawal waits until the act around this has committed, or comes first.
    lock = " ORDER BY id FOR UPDATE" if connection.in_atomic_block and connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(statement + lock, list(wanted.values()))
        standing = set(cursor.fetchall())
    return [
        (wanted.get(consent), stored(person), purpose, agency) in standing
        for consent, person, purpose, agency in claims
    ]


def standing(person: Person, purpose: str, agency: str) -> str:
    """The id of a person's consent to this purpose of this agency, if one stands; else ""."""
    found = ConsentRecord.objects.filter(person_id=person.id, purpose=purpose, agency=agency, withdrawn=None).first()
    return str(found.id) if found else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def storing() -> Callable[[UUID], UUID | str]:
    """How the database keeps UUIDs; asked once for many, because Django looks its connection up each time."""
    return _as_it_is if connection.features.has_native_uuid_field else _HEX


def _as_it_is(value: UUID) -> UUID:
    return value
