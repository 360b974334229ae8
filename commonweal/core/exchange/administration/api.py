"""The exchange, for those who run the node: who is in the federation, who exchanged what, who is told of events.

For machines with the role `operator`. What a member offers stays in its files, and keys stay with the command
`commonweal federation`: no token can open a service or change a key.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Schema, Status

from commonweal.core.exchange.administration import service
from commonweal.core.exchange.administration.service import ADDRESS, BadSubscription, NoSubscription
from commonweal.core.exchange.directory import Directory, MemberKey
from commonweal.core.exchange.offers import BadOffer, Offer
from commonweal.core.exchange.outbox import Subscription
from commonweal.core.exchange.xroad import PART, Fault, subsystem_id
from commonweal.core.portal.api import OneOf, Whole, actor, machine_api, purpose_names
from commonweal.core.portal.guards import guarded_api
from commonweal.core.portal.refusals import problem

api = machine_api("exchange:exchange", "Administration of the exchange", __doc__ or "")

LAST = 2**62
LINE = r"^[^\x00-\x1f\x7f]*$"
SYSTEM = rf"^{PART}(/{PART}){{3}}$"
FIELDS: dict[type[Exception], tuple[str, int]] = {
    NoSubscription: ("subscription_id", 404),
    BadOffer: ("offers", 409),
    Fault: ("system", 400),
}
"""Which field an error of the service is about, and its status."""
REMEDY = {
    "subscription_id": "Use an id that the list of subscriptions names",
    "offers": "Mend the file; commonweal check names every problem",
    "system": "Write INSTANCE/CLASS/CODE/SYSTEM",
    "types": "Name types that rooms declare, as the node's AsyncAPI document lists them",
    "purpose": "Name a declared purpose, such as benefits.assessment",
    "address": "Give an https:// address without a name and password in it",
}


class KeyOut(Schema):
    id: str
    since: datetime
    revoked: datetime | None


class SystemOut(Schema):
    code: str
    services: list[str] = Field(description="What it offers; none, if it only asks")


class MemberOut(Schema):
    id: str
    names: dict[str, str]
    node: str = Field(description="The node that hosts it, by its log's origin")
    keys: list[KeyOut]
    systems: list[SystemOut]


class FederationOut(Schema):
    """In no federation `instance` is null; `problem` says why the membership or the directory cannot be used."""

    instance: str | None
    version: int | None
    expires: datetime | None
    members: list[MemberOut]
    problem: str


class ExchangeOut(Schema):
    at: datetime
    kind: str = Field(description="asked, received or provided: this node's side of it")
    client: str
    service: str
    permitted: bool
    message: str = Field(description="The X-Road-Id that both sides keep")


class WitnessOut(Schema):
    name: str
    said: str = Field(description="`cosigned`, or what it said instead")


class WitnessesOut(Schema):
    """`cosigned` is when a quorum cosigned last, and `size` how many entries the log had then."""

    cosigned: datetime | None
    size: int | None
    witnesses: list[WitnessOut]


class OpenToOut(Schema):
    client: str
    purposes: list[str]
    agency: str = Field(description="Whom the node's rules take the client for")
    roles: list[str]


class ServiceOut(Schema):
    member: str
    system: str
    code: str
    title: str
    purposes: list[str]
    open_to: list[OpenToOut]


class SubscriptionOut(Schema):
    id: UUID
    system: str
    agency: str
    types: list[str]
    purpose: str
    scheme: str
    address: str = Field(description="Empty where the system fetches events itself")
    most: int
    position: int = Field(description="Everything up to here was delivered or given up")
    ended: bool = Field(description="The subscriber said that it is gone; a replay begins anew")


class SubscribedOut(SubscriptionOut):
    secret: str = Field(description="The key of Standard Webhooks' signatures. Shown this once.")


class SubscriptionIn(Schema):
    system: str = Field(pattern=SYSTEM, max_length=400, description="INSTANCE/CLASS/CODE/SYSTEM")
    types: list[Annotated[str, OneOf(service.event_names)]] = Field(min_length=1, max_length=50)
    purpose: Annotated[str, OneOf(purpose_names)]
    address: str = Field(pattern=ADDRESS, max_length=500, description="Where deliveries are sent (Standard Webhooks)")
    agency: str = Field(
        "", pattern=LINE, max_length=300, description="Whom the node's rules take it for; the member, if empty"
    )
    scheme: str = Field(
        "", pattern=LINE, max_length=80, description="How people are named; the agency's own pairwise ids, if empty"
    )
    most: Whole = Field(1, ge=1, le=1_000, description="Events of one delivery; above 1 in CloudEvents batches")


class ReplayIn(Schema):
    position: Whole = Field(ge=0, le=LAST, description="Everything after it is told again")


class DeadLetterOut(Schema):
    event: UUID
    type: str
    position: int
    reason: str
    at: datetime


Limit = Annotated[int, Query(ge=1, le=1_000)]
Message = Annotated[str, Query(pattern=LINE, max_length=100, description="Only the sides of one message (X-Road-Id)")]


@api.get("federation", response=FederationOut, summary="The federation, as the directory in use names it")
def federation(request: HttpRequest) -> FederationOut:
    found = service.look(actor(request))
    if found.directory is None:
        instance = found.joined.instance if found.joined else None
        return FederationOut(instance=instance, version=None, expires=None, members=[], problem=found.problem)
    return FederationOut(
        instance=found.directory.instance,
        version=found.directory.serial,
        expires=datetime.fromisoformat(found.directory.expires),
        members=_members(found.directory),
        problem=found.problem,
    )


@api.get("exchanges", response=list[ExchangeOut], summary="The newest exchanges, newest first; nobody's data")
def exchanges(request: HttpRequest, message: Message = "", limit: Limit = 100) -> list[ExchangeOut]:
    return [ExchangeOut.from_orm(one) for one in service.exchanges(actor(request), limit, message)]


@api.get("witnesses", response=WitnessesOut, summary="What the witnesses said when they were asked last")
def witnesses(request: HttpRequest) -> WitnessesOut:
    found = service.look(actor(request))
    said = [WitnessOut.from_orm(one) for one in found.cosigners]
    return WitnessesOut(cosigned=found.cosigned, size=found.cosigned_size, witnesses=said)


@api.get("services", response=list[ServiceOut], summary="What this node's members offer, and to whom it is open")
def services(request: HttpRequest) -> list[ServiceOut]:
    return [_service(one) for one in service.offered(actor(request))]


@api.get("subscriptions", response=list[SubscriptionOut], summary="Who is told of events")
def subscriptions(request: HttpRequest) -> list[SubscriptionOut]:
    return [SubscriptionOut.from_orm(one) for one in service.subscriptions(actor(request))]


@api.post("subscriptions", response={201: SubscribedOut}, summary="Let a system be told of events, from now on")
def subscribe(request: HttpRequest, wanted: SubscriptionIn) -> Status[SubscribedOut]:
    made = service.subscribe(
        actor(request), subsystem_id(wanted.system), wanted.types, wanted.purpose, wanted.address,
        agency=wanted.agency, scheme=wanted.scheme, most=wanted.most,
    )  # fmt: skip
    secret = f"whsec_{base64.b64encode(made.secret).decode()}"
    return Status(201, SubscribedOut(**SubscriptionOut.from_orm(made).dict(), secret=secret))


@api.get("subscriptions/{subscription_id}", response=SubscriptionOut, summary="One subscription")
def subscription(request: HttpRequest, subscription_id: UUID) -> Subscription:
    return service.subscription(actor(request), subscription_id)


@api.delete("subscriptions/{subscription_id}", response={204: None}, summary="End a subscription for good")
def unsubscribe(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    service.unsubscribe(actor(request), subscription_id)
    return HttpResponse(status=204)


@api.post("subscriptions/{subscription_id}/replay", response=SubscriptionOut, summary="Tell everything again")
def replay(request: HttpRequest, subscription_id: UUID, wanted: ReplayIn) -> Subscription:
    return service.replay(actor(request), subscription_id, wanted.position)


@api.get(
    "subscriptions/{subscription_id}/dead-letters", response=list[DeadLetterOut],
    summary="Events that the subscriber could not be told of in time",
)  # fmt: skip
def dead_letters(request: HttpRequest, subscription_id: UUID) -> list[DeadLetterOut]:
    return [DeadLetterOut.from_orm(one) for one in service.dead_letters(actor(request), subscription_id)]


def _members(directory: Directory) -> list[MemberOut]:
    return [
        MemberOut(
            id=member.id,
            names=member.names,
            node=member.node,
            keys=[_key(key) for key in member.keys],
            systems=[
                SystemOut(code=system.code, services=[one.code for one in system.services]) for system in member.systems
            ],
        )
        for member in directory.members
    ]


def _key(key: MemberKey) -> KeyOut:
    revoked = datetime.fromisoformat(key.revoked) if key.revoked else None
    return KeyOut(id=key.id, since=datetime.fromisoformat(key.since), revoked=revoked)


def _service(one: Offer) -> ServiceOut:
    return ServiceOut(
        member=one.member,
        system=one.system,
        code=one.service.code,
        title=one.service.title,
        purposes=sorted(one.service.purposes),
        open_to=[
            OpenToOut(
                client=str(access.client), purposes=sorted(access.purposes), agency=access.agency,
                roles=sorted(access.roles),
            )
            for access in one.accesses
        ],
    )  # fmt: skip


def _unusable(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """What the service says of a request, with the field and the remedy."""
    assert isinstance(error, Exception)  # noqa: S101 - ninja's signature names the class too
    field, status = (error.field, 400) if isinstance(error, BadSubscription) else FIELDS[type(error)]
    return problem(status, "The request cannot be met", str(error), field=field, remedy=REMEDY[field])


api.add_exception_handler(BadSubscription, _unusable)
for known in FIELDS:
    api.add_exception_handler(known, _unusable)
urlpatterns = guarded_api(api)
