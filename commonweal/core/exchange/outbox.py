"""Events: written in the transaction in which they happen, numbered afterwards, delivered in order.

    with act(...) as evidence:
        records.move(person, address)
        outbox.put("registry.person.moved", person, {"fields": ["address"]})

A node in no federation keeps none: nobody could be told. Nothing here opens an act; `service.tell` does, for each
delivery.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, QuerySet

from commonweal.core import clock
from commonweal.core.exchange import membership, models
from commonweal.core.exchange.models import uuid7
from commonweal.core.identity.actors import Person

KEPT = timedelta(days=30)  # an event, for those who were away
LEASE = timedelta(seconds=60)  # for which one dispatcher keeps a subscription to itself
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)
GIVEN_UP = 900  # failures in a row: about three days
NUMBER = (
    "UPDATE exchange_event SET position = %s + waiting.place FROM "
    "(SELECT id, row_number() OVER (ORDER BY id) AS place FROM exchange_event WHERE position IS NULL ORDER BY id "
    "LIMIT 10000) AS waiting WHERE exchange_event.id = waiting.id"
)
LOCK = 0x6F7574626F78  # PostgreSQL: "outbox"


@dataclass(frozen=True)
class Event:
    """One event and its place among all of the node's."""

    id: UUID
    position: int
    type: str
    person: UUID | None
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class Subscription:
    """Who is told of what."""

    id: UUID
    system: str
    agency: str
    types: tuple[str, ...]
    purpose: str
    scheme: str
    address: str
    secret: bytes
    most: int
    position: int
    ended: bool = False
    until: int | None = None


@dataclass(frozen=True)
class DeadLetter:
    """An event that a subscriber could not be told of in time, and why."""

    event: UUID
    type: str
    position: int
    reason: str
    at: datetime


def put(type: str, person: Person | None, data: dict[str, Any], *, agency: str = "") -> UUID:
    """Note an event, inside the transaction in which it happens; its id.

    `data` names what changed, never the contents: its `fields` are references, and a subscriber is told of those that
    its purpose may see. `agency` is the only one that is told of it; none named, all.
    """
    row = models.Event(id=uuid7(), type=type, person_id=person.id if person else None, data=data, agency=agency)
    _keep([row])
    return row.id


def put_all(type: str, people: Sequence[UUID], data: dict[str, Any]) -> None:
    """The same event about each of many people."""
    _keep([models.Event(id=uuid7(), type=type, person_id=person, data=data) for person in people])


def _keep(rows: list[models.Event]) -> None:
    if membership.joined(settings.COMMONWEAL):
        models.Event.objects.bulk_create(rows, batch_size=500)


def subscribe(
    system: str, *, agency: str, types: Sequence[str], purpose: str, scheme: str, address: str, most: int
) -> Subscription:
    """From the next event on."""
    row = models.Subscription.objects.create(
        system=system, agency=agency, types=list(types), purpose=purpose, scheme=scheme, address=address, most=most,
        secret=secrets.token_bytes(32), position=_last_position(),
    )  # fmt: skip
    return _value(row)


def all_subscriptions() -> list[Subscription]:
    """Everybody's, oldest first."""
    return [_value(row) for row in models.Subscription.objects.order_by("id")]


def subscription(id_: UUID) -> Subscription | None:
    """One of them."""
    row = models.Subscription.objects.filter(id=id_).first()
    return _value(row) if row else None


def dead_letters(subscription: UUID) -> list[DeadLetter]:
    """Those of one subscription, oldest event first."""
    rows = models.DeadLetter.objects.filter(subscription=subscription).select_related("event")
    return [
        DeadLetter(row.event_id, row.event.type, row.event.position or 0, row.reason, row.at)
        for row in rows.order_by("event__position")
    ]


def subscriptions(agency: str) -> list[Subscription]:
    """Those of one agency's systems, oldest first."""
    return [_value(row) for row in models.Subscription.objects.filter(agency=agency).order_by("id")]


def subscriptions_of(system: str) -> list[Subscription]:
    """A system's own, oldest first."""
    return [_value(row) for row in models.Subscription.objects.filter(system=system, ended=None).order_by("id")]


def pulled(system: str, type: str) -> Subscription | None:
    """By which a system pulls events of a type, if it does."""
    row = models.Subscription.objects.filter(system=system, types=[type], address="").first()
    return _value(row) if row else None


def unsubscribe(subscription: Subscription) -> None:
    """End it for good."""
    models.Subscription.objects.filter(id=subscription.id).delete()


def event(id_: UUID) -> Event | None:
    """An event that is kept still; its position is 0 until it has one."""
    row = models.Event.objects.filter(id=id_).first()
    return Event(row.id, row.position or 0, row.type, row.person_id, row.data, row.at) if row else None


def withdraw(id_: UUID) -> None:
    """Take an event back."""
    models.Event.objects.filter(id=id_).delete()


def replay(subscription: UUID, position: int) -> None:
    """Tell it again of everything after a position."""
    models.Subscription.objects.filter(id=subscription).update(
        position=position, until=None, failures=0, due=clock.now(), ended=None
    )


def number_events() -> None:
    """Give positions to the events that have none yet, so that none ever comes in behind a reader."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        with connection.cursor() as cursor:
            cursor.execute(NUMBER, [_last_position()])


def any_unnumbered() -> bool:
    """Whether an event waits for its position; asked without the write lock."""
    return models.Event.objects.filter(position=None).exists()


def take_due() -> list[Subscription]:
    """The subscriptions that have something to be told now, each taken by one dispatcher for LEASE."""
    now = clock.now()
    pushed = models.Subscription.objects.exclude(address="")
    waiting = pushed.filter(ended=None, due__lte=now, position__lt=_last_position())
    return [
        _value(row)
        for row in waiting.order_by("due")
        if models.Subscription.objects.filter(id=row.id, due=row.due).update(due=now + LEASE)
    ]


def next_events(subscription: Subscription) -> list[Event]:
    """What comes next for it, at most `most`; [] moves it past events that are not for it, and lets it go.

    The same until it is settled, whatever has happened meanwhile: a repeated batch never grows under its id.
    """
    rows = models.Event.objects.filter(position__gt=subscription.position, type__in=subscription.types)
    rows = rows.filter(agency__in=["", subscription.agency])
    if subscription.until is not None:
        rows = rows.filter(position__lte=subscription.until)
    found = [
        Event(row.id, row.position or 0, row.type, row.person_id, row.data, row.at)
        for row in rows.order_by("position")[: subscription.most]
    ]
    if not found:
        position = subscription.until or _last_position()
        _at(subscription).update(position=position, until=None, failures=0, due=clock.now())
    elif subscription.most > 1 and subscription.until is None:
        models.Subscription.objects.filter(id=subscription.id).update(until=found[-1].position)
    return found


def settle(subscription: Subscription, position: int) -> Subscription | None:
    """Everything up to a position was delivered. As it stands then, still taken; None when it ended or is replayed."""
    if not _at(subscription).update(position=position, until=None, failures=0, due=clock.now() + LEASE):
        return None
    row = models.Subscription.objects.filter(id=subscription.id, ended=None).first()
    return _value(row) if row else None


def fail(subscription: Subscription, events: Sequence[Event], reason: str, *, gone: bool = False) -> None:
    """Try again later, waiting longer each time; after GIVEN_UP failures the events become dead letters."""
    row = models.Subscription.objects.get(id=subscription.id)
    row.failures += 1
    row.due = clock.now() + min(FIRST_WAIT * 2 ** min(row.failures, 20), LONGEST_WAIT)
    if gone:
        row.ended = clock.now()
    elif row.failures >= GIVEN_UP:
        letters = [models.DeadLetter(subscription=row, event_id=event.id, reason=reason[:300]) for event in events]
        models.DeadLetter.objects.bulk_create(letters)
        row.position, row.until, row.failures, row.due = events[-1].position, None, 0, clock.now()
    row.save()


def cloud_event(event: Event, source: str, subject: dict[str, str] | None) -> dict[str, Any]:
    """An event in CloudEvents' JSON format; the person is named in the data, never in an attribute."""
    return {
        "specversion": "1.0",
        "id": str(event.id),
        "source": source,
        "type": event.type,
        "time": event.at.isoformat(),
        "datacontenttype": "application/json",
        "sequence": f"{event.position:020}",
        "data": event.data | ({"subject": subject} if subject else {}),
    }


def _last_position() -> int:
    """The highest position that was ever given, also when its event is gone: nobody waits for one twice."""
    events = models.Event.objects.aggregate(last=Max("position"))["last"] or 0
    told = models.Subscription.objects.aggregate(last=Max("position"))["last"] or 0
    return max(events, told)


def _at(subscription: Subscription) -> QuerySet[models.Subscription]:
    """Its row, unless a replay moved it meanwhile."""
    return models.Subscription.objects.filter(id=subscription.id, position=subscription.position)


def _value(row: models.Subscription) -> Subscription:
    return Subscription(
        row.id, row.system, row.agency, tuple(row.types), row.purpose, row.scheme, row.address, bytes(row.secret),
        row.most, row.position, row.ended is not None, row.until,
    )  # fmt: skip
