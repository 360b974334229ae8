"""What other systems may do with events: subscribe, publish, pull, acknowledge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.core.act import act
from commonweal.core.exchange import outbox
from commonweal.core.exchange.outbox import Event, Subscription
from commonweal.core.identity.actors import Actor
from commonweal.core.policy.actions import Purpose, declare

OFFICE = _("the office that runs this node")
SUBSCRIBE = declare("exchange.events.subscribe", _("Began to be told of events, or ended it"), changes=True, ask=OFFICE)
PUBLISH = declare("exchange.events.publish", _("Told other agencies of an event"), changes=True, ask=OFFICE)
Tell = Callable[[Subscription, Sequence[Event]], list[dict[str, Any]]]


class Subscribed(ValueError):
    """The system has this subscription already."""


class OutOfOrder(ValueError):
    """An earlier event was not acknowledged yet."""


def subscribe(actor: Actor, system: str, type: str, purpose: Purpose) -> Subscription:
    """Let a system pull events of a type, from the next one on, for a purpose. Raises Subscribed, Refused."""
    with act(actor, SUBSCRIBE, purpose=purpose, object=system) as evidence:
        if outbox.pulled(system, type):
            raise Subscribed(type)
        made = outbox.subscribe(
            system, agency=actor.agency, types=[type], purpose=purpose.name, scheme="", address="", most=1
        )
        evidence.changed(["exchange/subscription"])
    return made


def unsubscribe(actor: Actor, subscription: Subscription, purpose: Purpose) -> None:
    """End a subscription. Raises Refused."""
    with act(actor, SUBSCRIBE, purpose=purpose, object=subscription.system) as evidence:
        outbox.unsubscribe(subscription)
        evidence.changed(["exchange/subscription"])


def publish(actor: Actor, system: str, type: str, event: dict[str, Any], purpose: Purpose) -> UUID:
    """Put a system's event among the node's; its id. Raises Refused."""
    with act(actor, PUBLISH, purpose=purpose, object=type) as evidence:
        id_ = outbox.put(type, None, {"event": event, "publisher": system})
        evidence.changed(["exchange/event"])
    return id_


def withdraw(actor: Actor, event: Event, purpose: Purpose) -> None:
    """Take an event back: whoever was not told yet will not be. Raises Refused."""
    with act(actor, PUBLISH, purpose=purpose, object=event.type) as evidence:
        outbox.withdraw(event.id)
        evidence.changed(["exchange/event"])


def pull(subscription: Subscription, tell: Tell) -> dict[str, Any] | None:
    """The next event that it may be told of and has not acknowledged, as a CloudEvent. Raises Refused."""
    current: Subscription | None = subscription
    while current and (events := outbox.next_events(current)):
        if told := tell(current, events):
            return told[0]
        current = outbox.settle(current, events[-1].position)
    return None


def acknowledge(subscription: Subscription, event: Event) -> bool:
    """Take an event for told; False for one that was acknowledged before. Raises OutOfOrder."""
    if event.position <= subscription.position:
        return False
    if outbox.next_events(subscription)[0].id != event.id:
        raise OutOfOrder(str(event.id))
    outbox.settle(subscription, event.position)
    return True
