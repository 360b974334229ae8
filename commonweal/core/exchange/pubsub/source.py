"""The services `api`, `pub` and `pull` of a room, behind the exchange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from commonweal.core.exchange import outbox
from commonweal.core.exchange.directory import Endpoint
from commonweal.core.exchange.event_types import EventType, UnknownType, declared_events, event_type
from commonweal.core.exchange.outbox import KEPT, Event, Subscription
from commonweal.core.exchange.pubsub import service
from commonweal.core.exchange.pubsub.service import OutOfOrder, Subscribed, Tell
from commonweal.core.exchange.sources.call import Answer, Call, as_json
from commonweal.core.exchange.threads import with_database
from commonweal.core.exchange.xroad import Fault, subsystem_id

ENDPOINTS = {
    "api": (
        Endpoint("GET", "/v1/eventType"), Endpoint("GET", "/v1/eventType/*"), Endpoint("GET", "/v1/subs"),
        Endpoint("GET", "/v1/subs/*"), Endpoint("POST", "/v1/subs/*"), Endpoint("DELETE", "/v1/subs/*"),
    ),
    "pub": (Endpoint("POST", "/v1/*"), Endpoint("GET", "/v1/*/*"), Endpoint("DELETE", "/v1/*/*")),
    "pull": (Endpoint("GET", "/v1/*"), Endpoint("DELETE", "/v1/*/*")),
}  # fmt: skip
NOTHING = Answer(204, {}, b"", ())


class No(ValueError):
    """A status of the standard's, and why."""

    def __init__(self, status: int, says: str) -> None:
        super().__init__(says)
        self.status = status


@dataclass(frozen=True)
class EventSource:
    """One of the three services. `types` are those that other systems may publish here."""

    part: str
    types: frozenset[str]
    tell: Tell
    opens_door: bool = True

    async def fetch(self, call: Call) -> Answer:
        """Answer one request. Raises Refused."""
        return await with_database(self.run, call)

    def run(self, call: Call) -> Answer:
        """Answer one request, in this thread."""
        steps = call.path.split("/")[2:]
        answer: Callable[..., Answer] = getattr(self, f"_{self.part}_{call.method.lower()}")
        try:
            return answer(call, *steps)
        except No as error:
            return as_json(error.status, {"message": str(error)}, ())

    def _api_get(self, call: Call, what: str, type: str = "") -> Answer:
        if what == "eventType":
            return as_json(200, _described(_type(type)) if type else [one.name for one in declared_events()], ())
        subscriptions = outbox.subscriptions_of(_system(call))
        if not type:
            return as_json(200, [_item(one, name) for one in subscriptions for name in one.types], ())
        found = next((one for one in subscriptions if type in one.types), None)
        if found is None:
            raise No(404, "there is no such subscription")
        return as_json(200, _item(found, type), ())

    def _api_post(self, call: Call, _subs: str, type: str) -> Answer:
        wanted = _json(call)
        if wanted.get("delivery") != "PULL":
            raise No(400, "state the delivery PULL; the operator sets up PUSH: federation subscribe")
        _same(wanted, type)
        try:
            made = service.subscribe(call.actor, _system(call), _type(type).name, call.purpose)
        except Subscribed:
            raise No(409, "there is such a subscription") from None
        return as_json(200, _item(made, type), ())

    def _api_delete(self, call: Call, _subs: str, type: str) -> Answer:
        service.unsubscribe(call.actor, _pulled(call, type), call.purpose)
        return NOTHING

    def _pub_post(self, call: Call, type: str) -> Answer:
        if type not in self.types:
            raise No(404, "no system publishes events of this type here")
        wanted = _json(call)
        if not isinstance(wanted.get("event"), dict):
            raise No(400, "state the event as an object")
        _same(wanted, type)
        id_ = service.publish(call.actor, _system(call), type, wanted["event"], call.purpose)
        return as_json(201, {"id": str(id_)}, ())

    def _pub_get(self, call: Call, type: str, id_: str) -> Answer:
        event = self._published(call, type, id_)
        item = {"id": str(event.id), "eventType": type, "event": event.data["event"], "publisherId": _id(_system(call))}
        return as_json(200, item | ({"sequence": event.position} if event.position else {}), ())

    def _pub_delete(self, call: Call, type: str, id_: str) -> Answer:
        service.withdraw(call.actor, self._published(call, type, id_), call.purpose)
        return NOTHING

    def _pull_get(self, call: Call, type: str) -> Answer:
        told = service.pull(_pulled(call, type), self.tell)
        if told is None:
            raise No(404, "no event waits")
        data = told["data"]
        item = {"id": told["id"], "sequence": int(told["sequence"]), "eventType": type}
        if "publisher" in data:
            return as_json(200, item | {"event": data["event"], "publisherId": _id(data["publisher"])}, ())
        return as_json(200, item | {"event": data}, ())

    def _pull_delete(self, call: Call, type: str, id_: str) -> Answer:
        event = _event(id_)
        try:
            if event is None or event.type != type or not service.acknowledge(_pulled(call, type), event):
                raise No(404, "no such event waits")
        except OutOfOrder:
            raise No(409, "acknowledge the events before it first") from None
        return NOTHING

    def _published(self, call: Call, type: str, id_: str) -> Event:
        event = _event(id_)
        if event is None or event.type != type or event.data.get("publisher") != _system(call):
            raise No(404, "your system published no such event, or it was deleted")
        return event


def _system(call: Call) -> str:
    return call.actor.id.removeprefix("system:")


def _pulled(call: Call, type: str) -> Subscription:
    found = outbox.pulled(_system(call), type)
    if found is None:
        raise No(404, "your system does not pull events of this type")
    return found


def _type(name: str) -> EventType:
    try:
        return event_type(name)
    except UnknownType as error:
        raise No(404, str(error)) from None


def _event(id_: str) -> Event | None:
    try:
        return outbox.event(UUID(id_))
    except ValueError:
        return None


def _json(call: Call) -> dict[str, Any]:
    try:
        found = call.body.json
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise No(400, "the body is no JSON object")
    return found


def _same(wanted: dict[str, Any], type: str) -> None:
    if not isinstance(wanted.get("eventType"), str):
        raise No(400, "state the eventType")
    if wanted["eventType"] != type:
        raise No(409, "the body states another eventType than the address")


def _described(found: EventType) -> dict[str, Any]:
    fields = {"type": "array", "items": {"type": "string", "enum": list(found.fields)}}
    properties = {"fields": fields, "subject": {"type": "object"}} if found.fields else {}
    schema = {"type": "object", "description": str(found.says), "properties": properties}
    return {"eventType": found.name, "schema": schema}


def _item(found: Subscription, type: str) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "subscriberId": _id(found.system),
        "eventType": type,
        "delivery": "PUSH" if found.address else "PULL",
        "options": {"TTL": int(KEPT.total_seconds()), "FIFO": True},
    }


def _id(system: str) -> dict[str, str]:
    try:
        found = subsystem_id(system)
    except Fault:
        return {}
    return {
        "instanceId": found.member.instance, "memberClass": found.member.member_class,
        "memberCode": found.member.code, "applicationCode": found.code,
    }  # fmt: skip
