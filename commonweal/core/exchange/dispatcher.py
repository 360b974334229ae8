"""Delivers events: CloudEvents 1.0 in JSON, as Standard Webhooks, singly or in batches, in order for each."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import logging
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpcore
from django.db import DatabaseError

from commonweal.core.exchange import outbox, service
from commonweal.core.exchange.federation import UNREACHED
from commonweal.core.exchange.outbox import Subscription
from commonweal.core.exchange.running import Running
from commonweal.core.refused import Refused

LOOK_SECONDS = 0.2
TIMEOUT = {"connect": 5.0, "read": 15.0, "write": 15.0, "pool": 5.0}
GONE = 410
LONGEST_ANSWER = 64 * 1024  # bytes of a subscriber's answer, which nobody reads
log = logging.getLogger("commonweal.exchange.events")


class Dispatcher:
    """One for each gateway; a subscription is taken by one of them at a time."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._busy: dict[UUID, asyncio.Task[None]] = {}
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Deliver nothing more; what is under way is sent again by whoever comes next."""
        for task in (self._task, *self._busy.values()):
            task.cancel()

    async def _run(self) -> None:
        desk = self.running.desk
        while True:
            try:
                if await desk.read(outbox.any_unnumbered):
                    await desk.read(outbox.number_events)
                for subscription in await desk.read(outbox.take_due):
                    if subscription.id not in self._busy:
                        self._busy[subscription.id] = asyncio.create_task(self._deliver(subscription))
            except DatabaseError:
                log.exception("events wait")
            await asyncio.sleep(LOOK_SECONDS)

    async def _deliver(self, subscription: Subscription) -> None:
        """Everything that waits for it, one delivery after the other, until one fails."""
        next_one: Subscription | None = subscription
        try:
            while next_one:
                next_one = await self._deliver_next(next_one)
        except (DatabaseError, Refused):
            log.exception("a delivery to %s waits", subscription.system)  # the lease ends, then it is tried again
        finally:
            self._busy.pop(subscription.id, None)

    async def _deliver_next(self, subscription: Subscription) -> Subscription | None:
        """One delivery; the subscription as it stands then, or None when there is nothing more to do for now."""
        desk = self.running.desk
        events = await desk.read(lambda: outbox.next_events(subscription))
        if not events:
            return None
        told = await desk.read(lambda: service.tell(subscription, events))
        status, reason = await self._post(subscription, told) if told else (204, "")
        if 200 <= status < 300:
            return await desk.read(lambda: outbox.settle(subscription, events[-1].position))
        await desk.read(lambda: outbox.fail(subscription, events, reason, gone=status == GONE))
        return None

    async def _post(self, subscription: Subscription, told: list[dict[str, Any]]) -> tuple[int, str]:
        """Send one delivery; the status (0: no answer) and what went wrong."""
        body = json.dumps(told if subscription.most > 1 else told[0], ensure_ascii=False).encode()
        kind = "application/cloudevents-batch+json" if subscription.most > 1 else "application/cloudevents+json"
        headers = {"content-type": kind} | webhook_headers(told[0]["id"], body, subscription.secret, int(time.time()))
        addressed = _addressed(subscription.address, headers, body)
        request = httpcore.Request(
            "POST", subscription.address, content=body, extensions={"timeout": TIMEOUT},
            headers=[(name.encode(), value.encode()) for name, value in addressed],
        )  # fmt: skip
        try:
            response = await self.running.pool.handle_async_request(request)
            await read_little(response)
            await response.aclose()
        except UNREACHED as error:
            return 0, type(error).__name__
        return response.status, f"status {response.status}"


async def read_little(response: httpcore.Response) -> None:
    """Read an answer to its end, so that the connection can be used again; give up on a long one."""
    size = 0
    async for piece in response.aiter_stream():
        size += len(piece)
        if size > LONGEST_ANSWER:
            return


def webhook_headers(message: str, body: bytes, secret: bytes, now: int) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0: id, timestamp, and HMAC-SHA-256 over `id.timestamp.body`."""
    signed = f"{message}.{now}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return {"webhook-id": message, "webhook-timestamp": str(now), "webhook-signature": f"v1,{signature}"}


def _addressed(address: str, headers: dict[str, str], body: bytes) -> Sequence[tuple[str, str]]:
    url = httpcore.URL(address)
    host = url.host.decode() + (f":{url.port}" if url.port else "")
    return [("host", host), ("content-length", str(len(body))), *headers.items()]
