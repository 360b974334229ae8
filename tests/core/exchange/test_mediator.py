"""GovStack's Information Mediator: its metaservices and its publish/subscribe, over the same exchange."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.core.exchange.federation import Answer, Federation, fetch

ROOM = "ALD/GOV/register/population"
ACCESS = """
[[access]]
client = "ALD/GOV/benefits/casework"
purposes = ["benefits.assessment"]
agency = "benefits"
roles = ["benefit-officer", "publisher"]
"""
OFFER = """
member = "register"
system = "population"
code = "{code}"
title = "Events"
purposes = ["benefits.assessment"]
{access}
[events]
[[events.type]]
name = "officeClosed"
says = "An office is closed"
"""
MOVE = """
from datetime import date
from commonweal.core.identity import people
from commonweal.services.registry import service
from commonweal.services.registry.values import Address
from tests.town import REGISTRAR
person = people.identify("national", "{national}")
service.move(REGISTRAR, person, Address("Elm Row", "{number}", "4021", "Testford", date(2020, 1, {number})))
"""


@pytest.fixture(scope="module")
def room(town: Federation) -> Federation:
    for code in ("api", "pub", "pull"):
        town.offer(f"events-{code}", OFFER.format(code=code, access=ACCESS))
    return town


def ask(town: Federation, path: str, method: str = "GET", body: Any = None, **more: str) -> Answer:
    headers = {"Information_Mediator_Client": town.CLIENT, "Content_Type": "application/json"} | more
    data = None if body is None else json.dumps(body).encode()
    return fetch(f"{town.benefits.address}/govstack/{path}", method, data, **headers)


def move(town: Federation, number: int, national: str = "70010100001") -> None:
    town.register.python(MOVE.format(number=number, national=national))


def evidence(town: Federation) -> int:
    """How many records say that this system pulled."""
    return len([one for one in town.register.records() if one["action"] == "exchange.tell"])


def subscription(type_: str) -> dict[str, str]:
    return {"eventType": type_, "delivery": "PULL"}


def test_metaservices_have_govstacks_shape(room: Federation) -> None:
    clients = ask(room, "listClients").json["member"]
    application = {"objectType": "APPLICATION", "instanceId": "ALD", "memberClass": "GOV", "memberCode": "register"}
    assert application | {"applicationCode": "population"} in [one["id"] for one in clients]
    for name in ("listMethods", "allowedMethods"):
        for prefix in ("", "r1/"):
            codes = {one["serviceCode"] for one in ask(room, f"{prefix}{ROOM}/{name}").json["member"]}
            assert {"api", "pub", "pull"} <= codes
    described = ask(room, f"{ROOM}/getOpenAPI?serviceCode=pull")
    assert yaml.safe_load(described.json)["info"]["title"] == "Information Mediator"
    assert described.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ROOM}/getOpenAPI", 400),
        (f"{ROOM}/getOpenAPI?serviceCode=_x", 400),
        (f"{ROOM}/getOpenAPI?serviceCode=nothing", 404),
        ("1nval1d/GOV/register/population/listMethods", 400),
        ("ALD/GOV/nobody/nothing/listMethods", 404),
        ("ALD/GOV", 400),
    ],
)
def test_what_cannot_be_is_told_with_govstacks_statuses(room: Federation, path: str, status: int) -> None:
    answer = ask(room, path)
    assert answer.status == status
    assert isinstance(answer.json, str) == ("getOpenAPI" in path)
    assert ask(room, f"{ROOM}/listMethods", Information_Mediator_Client="ALD/GOV/nobody/x").status == 403


def test_a_system_pulls_what_happened_in_order_and_acknowledges_it(room: Federation) -> None:
    type_ = "registry.person.moved"
    subs, pull = f"{ROOM}/api/v1/subs/{type_}", f"{ROOM}/pull/v1/{type_}"
    assert type_ in ask(room, f"{ROOM}/api/v1/eventType").json
    assert ask(room, pull).status == 404, "nobody subscribed"
    made = ask(room, subs, "POST", subscription(type_)).json
    assert (made["delivery"], made["subscriberId"]["applicationCode"]) == ("PULL", "casework")
    assert ask(room, subs, "POST", subscription(type_)).status == 409
    assert made["id"] in [one["id"] for one in ask(room, f"{ROOM}/api/v1/subs").json]
    for number in (1, 2):
        move(room, number)
    room.register.wait_until(lambda: ask(room, pull).status == 200)
    first = ask(room, pull).json
    told = evidence(room)
    assert first["event"]["fields"] == ["registry/address"]
    assert first["event"]["subject"]["scheme"] == "pairwise"
    assert ask(room, pull).json == first, "until it is acknowledged"
    assert evidence(room) == told, "a repeated pull adds no evidence"
    assert ask(room, f"{pull}/{first['id']}", "DELETE").status == 204
    assert ask(room, f"{pull}/{first['id']}", "DELETE").status == 404
    second = ask(room, pull).json
    assert second["sequence"] > first["sequence"]
    move(room, 3)
    waiting = "SELECT count(*) FROM exchange_event WHERE position IS NULL"
    room.register.wait_until(lambda: room.register.rows(waiting) == [[0]])
    (third,) = room.register.rows("SELECT id FROM exchange_event ORDER BY position DESC LIMIT 1")[0]
    assert ask(room, f"{pull}/{third}", "DELETE").status == 409
    assert ask(room, subs, "DELETE").status == 204
    assert ask(room, pull).status == 404


def test_a_publisher_tells_others_and_can_take_it_back(room: Federation) -> None:
    type_, event = "officeClosed", {"office": "North", "day": "2026-12-24"}
    subs, pull, pub = (f"{ROOM}/{path}/{type_}" for path in ("api/v1/subs", "pull/v1", "pub/v1"))
    assert ask(room, subs, "POST", subscription(type_)).status == 200
    assert ask(room, pub, "POST", {"eventType": "other", "event": event}).status == 409
    assert ask(room, f"{ROOM}/pub/v1/registry.person.moved", "POST", {"eventType": "x", "event": {}}).status == 404
    published = ask(room, pub, "POST", {"eventType": type_, "event": event})
    assert published.status == 201
    room.register.wait_until(lambda: ask(room, pull).status == 200)
    found = ask(room, pull).json
    assert (found["id"], found["event"]) == (published.json["id"], event)
    assert found["publisherId"]["memberCode"] == "benefits"
    assert ask(room, f"{pub}/{found['id']}").json["event"] == event
    assert ask(room, f"{pub}/{found['id']}", "DELETE").status == 204
    assert ask(room, pull).status == 404
    assert ask(room, f"{pub}/{found['id']}").status == 404
    assert ask(room, subs, "DELETE").status == 204
