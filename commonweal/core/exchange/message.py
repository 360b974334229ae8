"""One HTTP message of the gateway, read from and written to ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonweal.core.exchange.spool import Spool, TooLarge
from commonweal.core.exchange.xroad import Fault, MethodNotAllowed, single_headers

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Scope = MutableMapping[str, Any]
IDLE = 60.0  # seconds without a piece of the body
JSON = "application/json; charset=utf-8"


class Gone(ConnectionError):
    """The caller hung up, or fell silent, before the body had come."""


@dataclass
class Message:
    """A request: method, raw path and query as sent, where it came from."""

    method: str
    path: str
    query: str
    raw_headers: list[tuple[bytes, bytes]]
    caller: str
    receive: Receive

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Message:
        path = scope.get("raw_path") or scope["path"].encode()
        caller = scope.get("client") or ("",)
        return cls(
            scope["method"], path.decode("latin-1"), scope["query_string"].decode("latin-1"), list(scope["headers"]),
            caller[0], receive,
        )  # fmt: skip

    def headers(self) -> dict[str, str]:
        """By lower-case name. Raises Fault."""
        return single_headers(self.raw_headers)

    async def body(self, folder: Path, largest: int) -> Spool:
        """The whole body. Raises Fault `Client.RequestTooLarge`, Gone."""
        spool = Spool(folder, largest)
        try:
            while True:
                async with asyncio.timeout(IDLE):
                    event = await self.receive()
                if event["type"] == "http.disconnect":
                    raise Gone
                if piece := event.get("body"):
                    spool.write(piece)
                if not event.get("more_body"):
                    return spool
        except TimeoutError:
            spool.close()
            raise Gone from None
        except TooLarge as error:
            spool.close()
            raise Fault("Client.RequestTooLarge", f"The body has {error}") from error
        except BaseException:
            spool.close()
            raise


@dataclass
class Reply:
    """An answer: status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes | Spool = b""

    async def send(self, send: Send) -> None:
        """Write it out, a large body piece by piece."""
        size = self.body.size if isinstance(self.body, Spool) else len(self.body)
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        headers.append((b"content-length", str(size).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if isinstance(self.body, Spool):
            for piece in self.body.pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            self.body.close()
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": self.body})


def fault_reply(fault: Fault) -> Reply:
    """What X-Road answers to an error of its own."""
    headers = {"content-type": JSON, "x-road-error": fault.type}
    if isinstance(fault, MethodNotAllowed):
        headers["allow"] = fault.allowed
    return Reply(fault.status, headers, fault.body())


def text_reply(status: int, text: str, kind: str = "text/plain; charset=utf-8") -> Reply:
    """A short text."""
    return Reply(status, {"content-type": kind}, text.encode())
