"""What those who run the node do with subscriptions, and see of everything else. Nobody's data is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.exchange import offers, outbox, overview, tampering
from commonweal.core.exchange.event_types import declared_events
from commonweal.core.exchange.offers import BadOffer, Offer
from commonweal.core.exchange.outbox import DeadLetter, Subscription
from commonweal.core.exchange.overview import Exchange, Overview
from commonweal.core.exchange.tampering import Attempt
from commonweal.core.exchange.xroad import SubsystemId
from commonweal.core.identity.actors import Actor
from commonweal.core.policy.actions import declare, purpose_named, reference
from commonweal.core.policy.purposes import OPERATION, OVERSIGHT

ADDRESS = (
    r"^(https://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|http://(localhost|127\.0\.0\.1))"
    r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?(/[!-~]*)?$"
)
"""Where deliveries are sent: https anywhere, plain http on this machine only; no names and passwords."""
OFFICE = _("the office that runs this node")
OVERVIEW = declare("exchange.overview.read", _("Looked at the node's exchanges"), changes=False, ask=OFFICE)
SUBSCRIBE = declare("exchange.subscribe", _("Set which events another agency is told of"), changes=True, ask=OFFICE)
reference("exchange/subscription", _("who is told of what"))


class BadSubscription(ValueError):
    """A subscription that cannot be; `field` is what is wrong with it."""

    def __init__(self, field: str, says: str) -> None:
        super().__init__(says)
        self.field = field


class NoSubscription(LookupError):
    """There is no such subscription."""


def look(actor: Actor) -> Overview:
    """The federation, the newest exchanges and what the witnesses said. Raises Refused."""
    _note_reading(actor)
    return overview.overview()


def exchanges(actor: Actor, limit: int, message: str = "") -> list[Exchange]:
    """The newest exchanges, newest first, or both sides of one message (X-Road-Id). Raises Refused."""
    _note_reading(actor)
    return overview.exchanges(limit, message)


def offered(actor: Actor) -> list[Offer]:
    """What this node's members offer, and to whom it is open. Raises BadOffer, Refused."""
    _note_reading(actor)
    return list(offers.load(settings.COMMONWEAL.home).values())


def event_names() -> list[str]:
    """The types of events that can be told of: those of rooms and of offers."""
    with suppress(BadOffer):
        offers.load(settings.COMMONWEAL.home)  # which declares them
    return [known.name for known in declared_events()]


def subscriptions(actor: Actor) -> list[Subscription]:
    """Who is told of what, oldest first. Raises Refused."""
    _note_reading(actor)
    return outbox.all_subscriptions()


def subscription(actor: Actor, id_: UUID) -> Subscription:
    """One of them. Raises NoSubscription, Refused."""
    _note_reading(actor)
    return _there(id_)


def dead_letters(actor: Actor, id_: UUID) -> list[DeadLetter]:
    """The events that a subscriber could not be told of in time, oldest first. Raises NoSubscription, Refused."""
    _note_reading(actor)
    return outbox.dead_letters(_there(id_).id)


def subscribe(
    actor: Actor, system: SubsystemId, types: Sequence[str], purpose: str, address: str, *, agency: str = "",
    scheme: str = "", most: int = 1,
) -> Subscription:  # fmt: skip
    """Let a system be told of events of these types, from the next one on.

    Raises BadSubscription, BadOffer, Refused.
    """
    _check(types, purpose, address)
    with act(actor, SUBSCRIBE, purpose=OPERATION, object=str(system)) as evidence:
        made = outbox.subscribe(
            str(system), agency=agency or str(system.member), types=types, purpose=purpose, scheme=scheme,
            address=address, most=most,
        )  # fmt: skip
        evidence.changed(["exchange/subscription"])
    return made


def replay(actor: Actor, id_: UUID, position: int) -> Subscription:
    """Tell a subscriber again of everything after a position. Raises NoSubscription, Refused."""
    with act(actor, SUBSCRIBE, purpose=OPERATION, object=str(id_)) as evidence:
        outbox.replay(_there(id_).id, position)
        evidence.changed(["exchange/subscription"])
        return _there(id_)


def unsubscribe(actor: Actor, id_: UUID) -> None:
    """End a subscription for good, with its dead letters. Raises NoSubscription, Refused."""
    with act(actor, SUBSCRIBE, purpose=OPERATION, object=str(id_)) as evidence:
        outbox.unsubscribe(_there(id_))
        evidence.changed(["exchange/subscription"])


def try_tampering(actor: Actor) -> list[Attempt]:
    """On a demo node: what tampering looks like, tried on copies. Raises Refused, NotADemo."""
    if not settings.COMMONWEAL.demo:
        raise clock.NotADemo("tampering is tried on demo nodes only")
    with act(actor, OVERVIEW, purpose=OVERSIGHT, object="tampering"):
        pass
    return tampering.attempts(settings.COMMONWEAL)


def _note_reading(actor: Actor) -> None:
    """One entry a session; of a machine, which has none, one a day."""
    with act(actor, OVERVIEW, purpose=OVERSIGHT, key=actor.session or f"{clock.now():%Y-%m-%d}"):
        pass


def _there(id_: UUID) -> Subscription:
    found = outbox.subscription(id_)
    if found is None:
        raise NoSubscription(f"there is no subscription {id_}")
    return found


def _check(types: Sequence[str], purpose: str, address: str) -> None:
    offers.load(settings.COMMONWEAL.home)  # a broken one would hide its types
    if unknown := sorted(set(types) - set(event_names())):
        raise BadSubscription("types", f"no room declares events of the type {unknown[0][:120]!r}")
    if purpose_named(purpose) is None:
        raise BadSubscription("purpose", f"there is no purpose {purpose[:80]!r}")
    if not re.fullmatch(ADDRESS, address):
        raise BadSubscription("address", "deliveries go to an https:// address, or to http:// on this machine")
