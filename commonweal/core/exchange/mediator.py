"""The gateway as GovStack's Information Mediator: its addresses and shapes over the same signed exchange.

/govstack/listClients                                    who is in the federation
/govstack/[r1/]INSTANCE/CLASS/MEMBER/APPLICATION/...     metaservices, publish and subscribe, any service
/govstack/openapi.yaml                                   how all this is described
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from commonweal.core.exchange import metaservices
from commonweal.core.exchange.consumer import Consumer
from commonweal.core.exchange.message import JSON, Message, Reply, fault_reply, text_reply
from commonweal.core.exchange.running import Running
from commonweal.core.exchange.spool import Spool
from commonweal.core.exchange.xroad import METASERVICES, METHOD_NOT_ALLOWED, Fault, MethodNotAllowed, target

PREFIX = "/govstack/"
CLIENT = (b"x-govstack-client", b"information-mediator-client")  # in the API's text, and in GovStack's own suites
DESCRIPTION = Path(__file__).parent / "descriptions" / "information-mediator.yaml"
STATUSES = {
    METHOD_NOT_ALLOWED: 405,
    "Client.": 400,
    "Server.ClientProxy.AuthenticationFailed": 401,
    "Server.ClientProxy.UnknownMember": 403,
    "Server.ClientProxy.AccessDenied": 403,
    "Server.ServerProxy.AccessDenied": 403,
    "Server.ClientProxy.UnknownService": 404,
    "Server.ServerProxy.UnknownService": 404,
    "Server.ServerProxy.UnknownEndpoint": 404,
}
"""Where X-Road answers 500 to what a client did, GovStack answers the client's statuses."""
NAMES = re.compile(r"(r1/)?([A-Za-z][A-Za-z0-9-]*/){2}([A-Za-z0-9][\w.-]*/){2}.+", re.ASCII)
CODE = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


class Mediator:
    """Turns GovStack's requests into X-Road's, and X-Road's answers into GovStack's."""

    def __init__(self, running: Running, consumer: Consumer) -> None:
        self.running, self.consumer = running, consumer

    async def answer(self, message: Message) -> Reply:
        """The answer to a request below PREFIX."""
        path = message.path.removeprefix(PREFIX)
        if path in {"openapi.yaml", "listClients"}:
            return self._read_by_anybody(message.method, path)
        if not NAMES.fullmatch(path):
            return _fault(_no("The address must be INSTANCE/CLASS/MEMBER/APPLICATION/..."), text="getOpenAPI" in path)
        asked = replace(message, path=f"/r1/{path.removeprefix('r1/')}", raw_headers=_headers(message))
        metaservice = _metaservice(asked)
        if metaservice == "getOpenAPI" and not CODE.fullmatch(dict(parse_qsl(message.query)).get("serviceCode", "")):
            return _fault(_no("State serviceCode, the code of a service"), text=True)
        reply = await self.consumer.answer(asked)
        if "x-road-error" in reply.headers:
            return _fault(reply, text="getOpenAPI" in path)
        return _shaped(reply, metaservice)

    def _read_by_anybody(self, method: str, path: str) -> Reply:
        if method != "GET":
            return fault_reply(MethodNotAllowed(["GET"]))
        if path == "openapi.yaml":
            return text_reply(200, DESCRIPTION.read_text("utf-8"), "application/yaml")
        return _json(200, _clients(metaservices.list_clients(self.running.directory)))


def _headers(message: Message) -> list[tuple[bytes, bytes]]:
    return [(b"x-road-client" if name.lower() in CLIENT else name, value) for name, value in message.raw_headers]


def _metaservice(asked: Message) -> str:
    try:
        code = target(asked.path, asked.query).service.code
    except Fault:
        return ""
    return code if code in METASERVICES else ""


def _shaped(reply: Reply, metaservice: str) -> Reply:
    """Metaservices in GovStack's shape; the provider's signature stays with the answer that the node keeps."""
    if not metaservice:
        return reply
    body = _bytes(reply)
    if metaservice == "getOpenAPI":
        return _json(reply.status, body.decode()) if reply.status == 200 else Reply(reply.status, reply.headers, body)
    return _json(reply.status, {"member": [_service(one) for one in json.loads(body)["service"]]})


def _fault(reply: Reply, *, text: bool) -> Reply:
    """An X-Road fault with GovStack's status; to getOpenAPI as a text."""
    type_ = reply.headers["x-road-error"]
    status = next((status for start, status in STATUSES.items() if type_.startswith(start)), reply.status)
    body = _bytes(reply)
    if text:
        body = json.dumps(json.loads(body)["message"], ensure_ascii=False).encode()
    return Reply(status, reply.headers, body)


def _no(says: str) -> Reply:
    return fault_reply(Fault("Client.BadRequest", says))


def _clients(found: dict[str, Any]) -> dict[str, Any]:
    return {"member": [{"name": one["name"], "id": _id(one["id"])} for one in found["member"]]}


def _service(one: dict[str, Any]) -> dict[str, Any]:
    return _id(one) | {
        "serviceType": one["service_type"],
        "serviceCode": one["service_code"],
        "endpointList": {"member": one["endpoint_list"]},
    }


def _id(one: dict[str, Any]) -> dict[str, Any]:
    kind = {"SUBSYSTEM": "APPLICATION"}.get(one["object_type"], one["object_type"])
    application = {"applicationCode": one["subsystem_code"]} if "subsystem_code" in one else {}
    return {
        "objectType": kind,
        "instanceId": one["xroad_instance"],
        "memberClass": one["member_class"],
        "memberCode": one["member_code"],
    } | application


def _bytes(reply: Reply) -> bytes:
    if not isinstance(reply.body, Spool):
        return reply.body
    body = b"".join(reply.body.pieces())
    reply.body.close()
    return body


def _json(status: int, content: Any) -> Reply:
    return text_reply(status, json.dumps(content, ensure_ascii=False), JSON)
