"""Acceptance 6: a subscriber that was away gets every event, in order and once; one without a right gets none."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.core.exchange.federation import Federation

EMIT = """
from django.db import transaction
from commonweal.core.exchange import outbox
from commonweal.core.identity import people
for number in range({start}, {stop}):
    with transaction.atomic():
        person = people.identify("national", f"7001010000{{number % 5}}")
        outbox.put("registry.person.moved", person, {{"number": number}})
"""


class Subscriber:
    """Somebody else's system; `down` answers 503 or nothing at all."""

    def __init__(self) -> None:
        self.down = False
        self.deliveries: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not outer.down:
                    outer.deliveries.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(503 if outer.down else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    @property
    def events(self) -> list[dict[str, Any]]:
        found = [json.loads(body) for _, body in self.deliveries]
        return [event for one in found for event in (one if isinstance(one, list) else [one])]

    @property
    def numbers(self) -> list[int]:
        return [event["data"]["number"] for event in self.events if "number" in event["data"]]

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while len(self.events) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(self.events) >= count, self.events


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    made = Subscriber()
    yield made
    made.server.shutdown()


def subscribe(town: Federation, subscriber: Subscriber, *more: str) -> tuple[str, bytes]:
    printed = town.register.command(
        "federation", "subscribe", town.CLIENT, subscriber.address, "--types", "registry.person.moved",
        "--purpose", "benefits.assessment", "--agency", "benefits", *more,
    )  # fmt: skip
    subscription, secret = printed.split(" whsec_")
    return subscription, base64.b64decode(secret)


def test_each_event_is_a_signed_cloud_event_and_evidence(town: Federation, subscriber: Subscriber) -> None:
    _, secret = subscribe(town, subscriber, "--scheme", "national")
    town.register.python(EMIT.format(start=0, stop=1))
    subscriber.wait_for(1)
    headers, body = subscriber.deliveries[0]
    event = json.loads(body)
    assert headers["content-type"] == "application/cloudevents+json"
    assert (event["specversion"], event["type"]) == ("1.0", "registry.person.moved")
    assert event["data"]["subject"] == {"scheme": "national", "value": "70010100000"}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == event["id"]
    record = next(one for one in town.register.records()[::-1] if one["action"] == "exchange.tell")
    assert (record["agency"], record["disclosed"]) == ("benefits", ["exchange/event"])


def test_a_subscriber_that_was_down_gets_everything_once_and_in_order(town: Federation, subscriber: Subscriber) -> None:
    subscription, _ = subscribe(town, subscriber, "--most", "10")
    subscriber.down = True
    town.register.python(EMIT.format(start=0, stop=25))
    time.sleep(1.5)
    told = [one for one in town.register.records() if one["action"] == "exchange.tell"]
    assert subscriber.events == []
    subscriber.down = False
    subscriber.wait_for(25)
    assert subscriber.numbers == list(range(25))
    assert len({headers["webhook-id"] for headers, _ in subscriber.deliveries}) == len(subscriber.deliveries) < 25
    assert subscriber.deliveries[0][0]["content-type"] == "application/cloudevents-batch+json"
    again = [one for one in town.register.records() if one["action"] == "exchange.tell"]
    assert len(again) - len(told) <= 10, "a repeated delivery adds no evidence"

    town.register.command("federation", "replay", subscription, "0")
    town.register.wait_until(lambda: len(subscriber.numbers) >= 50)
    assert subscriber.numbers[25:][-25:] == list(range(25))


def test_who_lost_the_right_is_told_nothing(town: Federation, subscriber: Subscriber) -> None:
    subscribe(town, subscriber, "--scheme", "national")
    subscriber.down = True
    town.register.python(EMIT.format(start=100, stop=103))
    town.register.python(
        "from commonweal.core import clock\nfrom commonweal.core.exchange.models import Subscription\n"
        "newest = Subscription.objects.order_by('-id').first()\n"
        "newest.purpose = 'survey.invitation'  # rests on a consent that nobody gave\nnewest.save()"
    )
    subscriber.down = False
    town.register.wait_until(lambda: town.register.rows(
        "SELECT count(*) FROM exchange_subscription WHERE purpose = 'survey.invitation' "
        "AND position < (SELECT max(position) FROM exchange_event)") == [[0]])  # fmt: skip
    assert subscriber.events == []


def test_a_repeated_batch_does_not_grow_under_its_id(town: Federation, subscriber: Subscriber) -> None:
    """Whoever took a batch but whose answer was lost drops its repetition by the webhook-id, whatever is in it."""
    subscribe(town, subscriber, "--most", "10")
    subscriber.down = True
    town.register.python(EMIT.format(start=0, stop=3))
    town.register.wait_until(
        lambda: town.register.rows("SELECT max(failures) FROM exchange_subscription WHERE until IS NOT NULL")[0][0]
    )
    town.register.python(EMIT.format(start=3, stop=6))
    subscriber.down = False
    subscriber.wait_for(6)
    assert [len(json.loads(body)) for _, body in subscriber.deliveries] == [3, 3]
    assert subscriber.numbers == list(range(6))


MOVE = """
from datetime import date
from commonweal.core.identity import people
from commonweal.services.registry import service
from commonweal.services.registry.values import Address
from tests.town import REGISTRAR
person = people.identify("national", "70010100002")
service.move(REGISTRAR, person, Address("Elm Row", "7", "4021", "Testford", date(2020, 1, 7)))
service.rename(REGISTRAR, person, "Mara2", "Adeyemi", date(2020, 1, 7))
"""


def test_a_change_in_the_register_reaches_a_real_subscriber_without_its_contents(
    town: Federation, subscriber: Subscriber
) -> None:
    """From the commit of an act to the delivery; only what the purpose may see is named."""
    subscribe(town, subscriber, "--scheme", "national")
    town.register.python(MOVE)
    subscriber.wait_for(1)
    event = subscriber.events[0]
    assert event["type"] == "registry.person.moved", "nothing else was subscribed to"
    assert event["data"] == {"fields": ["registry/address"], "subject": {"scheme": "national", "value": "70010100002"}}
    record = next(one for one in town.register.records()[::-1] if one["action"] == "exchange.tell")
    assert record["disclosed"] == ["exchange/event"]
