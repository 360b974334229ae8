"""The register's HTTP API for other agencies' machines: read, search, change feed. Vocabulary: EU Core Person 2.1.

People are named by the id that the caller's own agency has for them (pairwise), so no two agencies can join their data.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Schema

from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.portal.api import BadField, OneOf, actor, machine_api, purpose_names, stated
from commonweal.core.portal.guards import guarded_api
from commonweal.services.registry import records, service, values
from commonweal.services.registry.named_cases import LONGEST, READABLE, named_case

api = machine_api("registry", "Population register", __doc__ or "")

Stated = Annotated[str, OneOf(purpose_names)]
Purpose = Annotated[Stated, Query(description="Why: the name of a declared purpose, such as benefits.assessment")]
Case = Annotated[
    str,
    Query(
        max_length=LONGEST, pattern=READABLE, description="The case that it belongs to, where the rules ask for one"
    ),
]
Consent = Annotated[str, Query(max_length=36, description="The id of the consent, where the purpose rests on one")]


class NameOut(Schema):
    given_name: str
    family_name: str
    since: date
    until: date | None


class AddressOut(Schema):
    thoroughfare: str
    locator_designator: str
    post_code: str
    post_name: str
    since: date
    until: date | None


class RelationOut(Schema):
    kind: values.Kinship
    id: str
    name: str


class PersonOut(Schema):
    """What the stated purpose may see; what it may not is null."""

    id: str
    names: list[NameOut] | None
    date_of_birth: date | None
    place_of_birth: str | None
    date_of_death: date | None
    addresses: list[AddressOut] | None
    household: list[str] | None
    relations: list[RelationOut] | None
    fields: list[str] = Field(description="What was disclosed, as the evidence says it")


class FoundOut(Schema):
    id: str
    name: str
    date_of_birth: date
    post_name: str


class SearchIn(Schema):
    """In the body, not the address, so that no name reaches an access log."""

    name: str = Field(max_length=120, pattern=r"[\p{L}\p{N}].*[\p{L}\p{N}]")
    date_of_birth: date | None = None
    purpose: Stated
    case: str = Field("", max_length=LONGEST, pattern=READABLE)


class ChangeOut(Schema):
    position: int
    kind: str
    id: str
    at: datetime


@api.get("people/{person_id}", response=PersonOut, summary="One person's entry, limited to what the purpose may see")
def read(request: HttpRequest, person_id: str, purpose: Purpose, case: Case = "", consent: Consent = "") -> PersonOut:
    caller, why = actor(request), stated(purpose)
    person = people.called(person_id, caller.agency)
    if person is None:
        raise _unknown()
    try:
        entry = service.read(caller, person, why, case=_case(case), consent=consent)
    except records.NoEntry:
        raise _unknown() from None
    return _person(entry, caller)


@api.post("search", response=list[FoundOut], summary="People by name; everyone found learns of it")
def search(request: HttpRequest, wanted: SearchIn) -> list[FoundOut]:
    caller, why, case = actor(request), stated(wanted.purpose), _case(wanted.case)
    try:
        found = service.search(caller, wanted.name, why, born=wanted.date_of_birth, case=case)
    except ValueError as error:
        raise BadField("name", str(error), "Add letters, a first name, or a date of birth") from None
    return [
        FoundOut(id=_id(line.person, caller), name=line.name, date_of_birth=line.born, post_name=line.town)
        for line in found
    ]


@api.get("changes", response=list[ChangeOut], summary="What changed after a position, oldest first")
def changes(
    request: HttpRequest,
    purpose: Purpose,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> list[ChangeOut]:
    caller = actor(request)
    found = service.changes(caller, stated(purpose), after, limit)
    return [
        ChangeOut(position=line.position, kind=line.kind, id=_id(line.person, caller), at=line.at) for line in found
    ]


def _case(text: str) -> str:
    try:
        return named_case(text)
    except ValueError as error:
        raise BadField("case", str(error), "Name the case as your own files do, or leave it out") from None


def _unknown() -> BadField:
    return BadField("person_id", "Your agency knows nobody by this id.", "Use an id from a search or the feed", 404)


def _id(person: Person, caller: Actor) -> str:
    return people.pairwise(person, caller.agency)


def _person(entry: values.RegisterEntry, caller: Actor) -> PersonOut:
    return PersonOut(
        id=_id(entry.person, caller),
        names=None
        if entry.names is None
        else [
            NameOut(given_name=name.given, family_name=name.family, since=name.since, until=name.until)
            for name in entry.names
        ],
        date_of_birth=entry.born,
        place_of_birth=entry.birth_place,
        date_of_death=entry.died,
        addresses=None
        if entry.addresses is None
        else [
            AddressOut(
                thoroughfare=address.street,
                locator_designator=address.number,
                post_code=address.postcode,
                post_name=address.town,
                since=address.since,
                until=address.until,
            )
            for address in entry.addresses
        ],
        household=None if entry.household is None else [mate.name for mate in entry.household],
        relations=None
        if entry.relations is None
        else [
            RelationOut(kind=relative.kind, id=_id(relative.person, caller), name=relative.name)
            for relative in entry.relations
        ],
        fields=list(entry.fields),
    )


urlpatterns = guarded_api(api)
