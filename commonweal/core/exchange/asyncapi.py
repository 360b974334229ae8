"""The events of this node as an AsyncAPI 3.0 document, from what the rooms declare."""

from __future__ import annotations

from typing import Any

from django.utils.translation import override

from commonweal.core.exchange.event_types import EventType, declared_events

SUBJECT = {
    "type": "object",
    "description": "Whom it is about, as the subscription names people",
    "required": ["scheme", "value"],
    "properties": {"scheme": {"type": "string"}, "value": {"type": "string"}},
}
HEADERS = {
    "type": "object",
    "description": "Standard Webhooks 1.0: HMAC-SHA-256 over id.timestamp.body",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The idempotency key: the same for every repetition"},
        "webhook-timestamp": {"type": "string"},
        "webhook-signature": {"type": "string"},
    },
}


def document(name: str, origin: str) -> dict[str, Any]:
    """What a node called `name`, whose log is `origin`, tells its subscribers."""
    with override("en"):
        types = declared_events()
        return {
            "asyncapi": "3.0.0",
            "info": {
                "title": f"Events of {name}",
                "version": "1",
                "description": "CloudEvents 1.0 by webhook, in order for each person, repeated until they are taken. "
                "Events name what changed, never the contents; a subscriber is told what its purpose may see.",
            },
            "defaultContentType": "application/cloudevents+json",
            "channels": {
                one.name: {
                    "address": None,
                    "description": str(one.says),
                    "messages": {one.name: {"$ref": f"#/components/messages/{one.name}"}},
                }
                for one in types
            },
            "operations": {
                f"tell.{one.name}": {
                    "action": "send",
                    "channel": {"$ref": f"#/channels/{one.name}"},
                    "messages": [{"$ref": f"#/channels/{one.name}/messages/{one.name}"}],
                }
                for one in types
            },
            "components": {"messages": {one.name: _message(one, origin) for one in types}},
        }


def _message(one: EventType, origin: str) -> dict[str, Any]:
    data: dict[str, Any] = {"subject": SUBJECT}
    if one.fields:
        data["fields"] = {"type": "array", "items": {"type": "string", "enum": list(one.fields)}}
    return {
        "name": one.name,
        "title": str(one.says),
        "contentType": "application/cloudevents+json",
        "headers": HEADERS,
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "sequence", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string", "format": "uuid"},
                "source": {"const": f"//{origin}"},
                "type": {"const": one.name},
                "time": {"type": "string", "format": "date-time"},
                "datacontenttype": {"const": "application/json"},
                "sequence": {"type": "string", "pattern": "^[0-9]{20}$"},
                "data": {"type": "object", "required": ["subject"], "properties": data},
            },
        },
    }
