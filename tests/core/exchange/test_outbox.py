"""Who holds a subscription delivers all that waits for it; a replay meanwhile is not lost."""

from __future__ import annotations

import pytest

from commonweal.core.exchange import outbox
from commonweal.core.exchange.outbox import Event, Subscription

pytestmark = pytest.mark.django_db
TYPE = "registry.person.moved"


@pytest.fixture
def subscription(in_a_federation: None) -> Subscription:
    made = outbox.subscribe(
        "ALD/GOV/benefits/casework", agency="benefits", types=[TYPE], purpose="benefits.assessment", scheme="",
        address="http://127.0.0.1:9", most=2,
    )  # fmt: skip
    for number in range(5):
        outbox.put(TYPE, None, {"number": number})
    outbox.number_events()
    return made


def taken() -> Subscription:
    (found,) = outbox.take_due()
    return found


def numbers(events: list[Event]) -> list[int]:
    return [event.data["number"] for event in events]


def test_one_delivery_follows_the_other_and_nobody_else_takes_it_meanwhile(subscription: Subscription) -> None:
    held: Subscription | None = taken()
    told: list[list[int]] = []
    while held and (events := outbox.next_events(held)):
        assert outbox.take_due() == []
        told.append(numbers(events))
        held = outbox.settle(held, events[-1].position)
    assert told == [[0, 1], [2, 3], [4]]
    outbox.put(TYPE, None, {"number": 5})
    outbox.number_events()
    assert numbers(outbox.next_events(taken())) == [5], "it was let go when nothing was left"


def test_a_replay_during_a_delivery_is_kept(subscription: Subscription) -> None:
    held = taken()
    held = outbox.settle(held, outbox.next_events(held)[-1].position)
    assert held
    outbox.replay(subscription.id, 0)
    assert outbox.settle(held, 4) is None
    assert numbers(outbox.next_events(taken())) == [0, 1]


def test_one_that_was_ended_during_a_delivery_gets_no_more(subscription: Subscription) -> None:
    held = taken()
    outbox.unsubscribe(subscription)
    assert outbox.settle(held, 2) is None
