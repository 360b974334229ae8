"""The gateway: a plain ASGI application beside the web application, over the same tables and the same door.

/r1/...                  systems of our members ask here, in X-Road's way
/listClients             who is in the federation
/exchange/r1/...         other nodes ask here, signed
/exchange/directory      the directory as this node has it
/exchange/events         what events there are (AsyncAPI)
/exchange/statements     members' statements, where the directory is kept
/exchange/catalogue      what the federation offers (DCAT-AP)
/exchange/live           server-sent events: how large the public log is
/govstack/...            the same as /r1/, in the shapes of GovStack's Information Mediator
/witness/...             this node as a witness of other logs (C2SP tlog-witness)
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings

from commonweal.core.exchange import (
    asyncapi,
    catalogue,
    federation,
    mediator,
    member_keys,
    membership,
    metaservices,
    service,
    witness,
)
from commonweal.core.exchange.arrivals import PREFIX
from commonweal.core.exchange.consumer import Consumer
from commonweal.core.exchange.directory import BadDirectory
from commonweal.core.exchange.dispatcher import Dispatcher
from commonweal.core.exchange.live import Live
from commonweal.core.exchange.message import JSON, Gone, Message, Receive, Reply, Scope, Send, fault_reply, text_reply
from commonweal.core.exchange.provider import Provider
from commonweal.core.exchange.running import Running
from commonweal.core.exchange.statements import BadCode, BadStatement
from commonweal.core.exchange.xroad import METHODS, Fault, MethodNotAllowed

LARGEST_STATEMENT = 1_000_000
DOCUMENTS: dict[str, tuple[str, Callable[[Running], Any]]] = {
    "/listClients": (JSON, lambda running: metaservices.list_clients(running.directory)),
    "/exchange/catalogue": ("application/ld+json", lambda running: catalogue.of(running.directory)),
    "/exchange/events": (JSON, lambda running: asyncapi.document(running.node.name, running.node.origin)),
}
log = logging.getLogger("commonweal.exchange")


class Gateway:
    """The ASGI application of one node."""

    def __init__(self) -> None:
        self.running: Running | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            message = Message.of(scope, receive)
            if (message.method, message.path) == ("GET", "/exchange/live"):
                await self.live.stream(scope, receive, send)
                return
            try:
                reply = await self._answer(message) if message.method in METHODS else _no_such_method()
            except Gone:
                return
            await reply.send(send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                await self._start()
                await send({"type": "lifespan.startup.complete"})
            elif event["type"] == "lifespan.shutdown":
                if self.running is not None:
                    await self.dispatcher.stop()
                    await self.running.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _start(self) -> None:
        joined = membership.load(settings.COMMONWEAL)
        if joined is None:
            raise RuntimeError("this node is in no federation: run `commonweal federation found` or `commonweal join`")
        self.running = Running(joined)
        await self.running.start()
        self.consumer, self.provider = Consumer(self.running), Provider(self.running)
        self.mediator = mediator.Mediator(self.running, self.consumer)
        self.witness = witness.of_node(settings.COMMONWEAL)
        self.dispatcher = Dispatcher(self.running)
        self.live = Live(settings.COMMONWEAL.log, settings.COMMONWEAL.address)

    async def _answer(self, message: Message) -> Reply:
        try:
            if message.path.startswith(PREFIX):
                return await self.provider.answer(message)
            if message.path.startswith("/r1/"):
                return await self.consumer.answer(message)
            if message.path.startswith(mediator.PREFIX):
                return await self.mediator.answer(message)
            if message.path.startswith("/witness/"):
                return await self._as_witness(message)
            return await self._about_the_federation(message)
        except Gone:
            raise
        except Exception:
            log.exception("a request failed")
            return fault_reply(Fault("Server.ServerProxy.InternalError", "The request failed", str(uuid4())))

    async def _about_the_federation(self, message: Message) -> Reply:
        assert self.running is not None  # noqa: S101 - started
        match message.method, message.path:
            case "GET", "/exchange/directory":
                note = await self.running.desk.read(federation.newest_note)
                return text_reply(200, note) if note else text_reply(404, "no directory yet\n")
            case "POST", "/exchange/statements":
                return await self._state(self.running, message)
            case "GET", "/health/live":
                return text_reply(200, "ok\n")
            case "GET", path if path in DOCUMENTS:
                kind, document = DOCUMENTS[path]
                return text_reply(200, json.dumps(document(self.running), ensure_ascii=False), kind)
        return text_reply(404, "there is nothing here\n")

    async def _state(self, running: Running, message: Message) -> Reply:
        """A member's statement; the directory that follows from it, or the reason why not."""
        body = await message.body(running.spool, LARGEST_STATEMENT)
        text = b"".join(body.pieces()).decode("utf-8", "replace")
        body.close()
        proof = message.headers().get("commonweal-proof", "")
        try:
            note = await running.desk.read(lambda: service.accept(running.joined, text, proof))
        except (BadStatement, BadCode, BadDirectory, member_keys.UnfitKey) as error:
            running.note_refusal("Statement", "", type(error).__name__, "")
            return text_reply(403, f"{error}\n")
        await running.look()
        return text_reply(200, note)

    async def _as_witness(self, message: Message) -> Reply:
        assert self.running is not None  # noqa: S101 - started
        body = await message.body(self.running.spool, witness.LARGEST)
        content = b"".join(body.pieces())
        logs = {node.origin: node.log_keys for node in self.running.directory.nodes}
        found = await asyncio.to_thread(
            self.witness.answer, message.method, message.path.removeprefix("/witness"), content, logs
        )
        return Reply(found.status, {"content-type": found.kind}, found.body)


def _no_such_method() -> Reply:
    return fault_reply(MethodNotAllowed(METHODS))
