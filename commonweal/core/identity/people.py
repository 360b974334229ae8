"""People: their ids, what they are called elsewhere, and what each agency calls them.

Nothing here opens an act: other rooms call it inside their own.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db import connection, transaction

from commonweal.core.identity import models
from commonweal.core.identity.actors import Person
from commonweal.core.identity.identifier_keys import IdentifierKeys
from commonweal.core.ledger.entries import open_chain, open_chains

CHUNK = 1_000
CALLED = (
    'SELECT named."index", named.scheme, person.id, person.chain, person.head_secret '
    "FROM identity_externalidentifier named JOIN identity_person person ON person.id = named.person_id "
    'WHERE named."index" IN '
)


class UnknownPerson(LookupError):
    """No person has this id; they may have been erased."""


class IdentifierTaken(ValueError):
    """The identifier already belongs to another person."""


def create_person() -> Person:
    """A new person, with a chain for the evidence about them."""
    with transaction.atomic():
        person = models.Person.objects.create().value()
        open_chain(person.chain, person.label)
    return person


def create_people(n: int) -> list[Person]:
    """`n` new people at once, written in chunks of 1,000."""
    created: list[Person] = []
    while len(created) < n:
        with transaction.atomic():
            people_ = _insert_people(min(CHUNK, n - len(created)))
            open_chains([(person.chain, person.label) for person in people_])
        created += people_
    return created


def person(person_id: UUID) -> Person:
    """The person with this id. Raises UnknownPerson."""
    try:
        return models.Person.objects.get(id=person_id).value()
    except models.Person.DoesNotExist:
        raise UnknownPerson(f"no person {person_id}") from None


def people(ids: Iterable[UUID]) -> list[Person]:
    """The people with these ids, in the order asked. Raises UnknownPerson when one is missing."""
    wanted = list(ids)
    found = known(wanted)
    missing = next((person_id for person_id in wanted if person_id not in found), None)
    if missing is not None:
        raise UnknownPerson(f"no person {missing}")
    return [found[person_id] for person_id in wanted]


def known(ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those of these people who exist, by id: people who were erased are simply not there."""
    wanted, found = list(ids), dict[UUID, Person]()
    for start in range(0, len(wanted), CHUNK):
        found |= {row.id: row.value() for row in models.Person.objects.filter(id__in=wanted[start : start + CHUNK])}
    return found


def with_chain(chain: bytes) -> Person | None:
    """The person whose entries this chain holds, or None once they were erased."""
    row = models.Person.objects.filter(chain=chain).first()
    return row.value() if row else None


def taken(scheme: str, values: Iterable[str]) -> set[str]:
    """Those of these values that somebody is called already in `scheme`."""
    keys = _keys()
    by_index = {keys.index(scheme, value): value for value in values}
    rows = models.ExternalIdentifier.objects.filter(scheme=scheme, index__in=list(by_index))
    return {by_index[bytes(index)] for index in rows.values_list("index", flat=True)}


def add_identifier(person: Person, scheme: str, value: str) -> None:
    """Note what `person` is called in `scheme`. Repeating it changes nothing. Raises IdentifierTaken."""
    add_identifiers([(person, scheme, value)])


def add_identifiers(entries: Sequence[tuple[Person, str, str]]) -> None:
    """Note many identifiers, (person, scheme, value) each. Raises IdentifierTaken; then none is written."""
    keys = _keys()
    rows = [
        (_stored(person.id), scheme, keys.index(scheme, value), keys.encrypt(person, scheme, value))
        for person, scheme, value in entries
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO identity_externalidentifier (person_id, scheme, "index", value) VALUES (%s, %s, %s, %s) '
            "ON CONFLICT DO NOTHING",
            rows,
        )
        if cursor.rowcount < len(rows):
            _check_owners(rows)


def identify(scheme: str, value: str) -> Person | None:
    """The person who is called `value` in `scheme`, or None."""
    return identify_all([(scheme, value)]).get((scheme, value))


def identify_all(names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Person]:
    """The people who are called so, by (scheme, value); whom nobody knows is not there."""
    keys = _keys()
    by_index = {keys.index(scheme, value): (scheme, value) for scheme, value in names}
    if not by_index:
        return {}
    with connection.cursor() as cursor:  # SQL: every request of another node passes through here
        cursor.execute(CALLED + f"({','.join(['%s'] * len(by_index))})", list(by_index))
        rows = [row for row in cursor.fetchall() if row[1] == by_index[bytes(row[0])][0]]
    return {
        by_index[bytes(index)]: models.person_of(id_ if isinstance(id_, UUID) else UUID(id_), chain, secret)
        for index, _, id_, chain, secret in rows
    }


def identifiers(person: Person) -> dict[str, str]:
    """What the person is called, by scheme. For signed bodies between nodes only."""
    rows = models.ExternalIdentifier.objects.filter(person_id=person.id)
    keys = _keys()
    return {row.scheme: keys.decrypt(person, row.scheme, bytes(row.value)) for row in rows}


def identifiers_in(scheme: str, people: Sequence[Person]) -> dict[UUID, str]:
    """What these people are called in one scheme, by their ids; whoever has no name in it is not there."""
    keys, by_id, found = _keys(), {person.id: person for person in people}, dict[UUID, str]()
    ids = list(by_id)
    for start in range(0, len(ids), CHUNK):
        rows = models.ExternalIdentifier.objects.filter(scheme=scheme, person_id__in=ids[start : start + CHUNK])
        found |= {
            id_: keys.decrypt(by_id[id_], scheme, bytes(value)) for id_, value in rows.values_list("person_id", "value")
        }
    return found


def schemes() -> list[str]:
    """The schemes that identifiers are kept in."""
    return list(models.ExternalIdentifier.objects.order_by("scheme").values_list("scheme", flat=True).distinct())


def pairwise(person: Person, agency: str) -> str:
    """What this agency calls the person: 43 URL-safe characters, different for every agency.

    OpenID Connect Core 1.0 section 8.1 (reversible kind): the id under AES-SIV (RFC 5297) with a node secret, bound
    to the agency. No two agencies can join their records by it.
    """
    sealed = _pairwise_cipher().encrypt(person.id.bytes, [agency.encode()])
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def called(pairwise_id: str, agency: str) -> Person | None:
    """The person whom this agency calls so, or None."""
    try:
        sealed = base64.urlsafe_b64decode(pairwise_id + "=")
        found = known([UUID(bytes=_pairwise_cipher().decrypt(sealed, [agency.encode()]))])
    except (ValueError, InvalidTag):
        return None
    return next(iter(found.values()), None)


def _insert_people(n: int) -> list[Person]:
    """By SQL, since people come by the thousand. Their chains begin alike, so that they stand together in every index
    and a bulk act touches a tenth of the pages (benchmarks/import_rows.py); 80 random bits tell them apart."""
    together = secrets.token_bytes(6)
    rows = [(models.new_id(), together + secrets.token_bytes(10), models.new_head_secret()) for _ in range(n)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO identity_person (id, chain, head_secret) VALUES (%s, %s, %s)",
            [(_stored(id_), chain, secret) for id_, chain, secret in rows],
        )
    return [models.Person(id=id_, chain=chain, head_secret=secret).value() for id_, chain, secret in rows]


def _check_owners(rows: Sequence[tuple[UUID | str, str, bytes, bytes]]) -> None:
    """Raises IdentifierTaken unless each of these identifiers is its person's."""
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        stored = models.ExternalIdentifier.objects.filter(index__in=[index for _, _, index, _ in part])
        owners = {(row.scheme, bytes(row.index)): _stored(row.person_id) for row in stored}
        for person, scheme, index, _ in part:
            if owners[scheme, index] != person:
                raise IdentifierTaken(f"this {scheme} identifier already belongs to another person")


def _stored(id_: UUID) -> UUID | str:
    """An id as the database keeps it."""
    return id_ if connection.features.has_native_uuid_field else id_.hex


def _pairwise_cipher() -> AESSIV:
    return AESSIV(settings.COMMONWEAL.secret("pairwise"))


def _keys() -> IdentifierKeys:
    return IdentifierKeys(settings.COMMONWEAL.secret("identifiers"))
