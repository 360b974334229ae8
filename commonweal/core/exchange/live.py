"""Server-sent events for live screens: each new size of the public log, and nothing else.

`GET /exchange/live` at the gateway (WHATWG HTML, server-sent events). What it tells is public already, so anybody may
listen; a page that listens loads itself anew, and is guarded as ever.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from commonweal.core.exchange.message import Receive, Scope, Send

LOOK_SECONDS = 0.5
STILL_HERE_SECONDS = 15.0
MOST = 200  # listeners of one gateway


class Live:
    """Tells listeners how large the public log is, whenever it has grown."""

    def __init__(self, log: Path, page: str) -> None:
        """`log` is the folder of the public log, `page` the origin whose scripts may listen."""
        self.log, self.page = log, page
        self.listeners = 0

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one listener until it goes, or the gateway stops."""
        if self.listeners >= MOST:
            await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"30")]})
            await send({"type": "http.response.body", "body": b""})
            return
        self.listeners += 1
        gone = asyncio.create_task(_goes(receive))
        headers = {
            "content-type": "text/event-stream",
            "cache-control": "no-store",
            "access-control-allow-origin": self.page,
        }
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": lines})
            await self._tell(send, gone)
        finally:
            self.listeners -= 1
            gone.cancel()

    async def _tell(self, send: Send, gone: asyncio.Task[None]) -> None:
        told, quiet = b"", 0.0
        while not gone.done():
            size = self._size()
            if size != told:
                told, quiet = size, 0.0
                await _say(send, b"event: checkpoint\ndata: " + size + b"\n\n")
            elif quiet >= STILL_HERE_SECONDS:
                quiet = 0.0
                await _say(send, b": still here\n\n")
            await asyncio.wait([gone], timeout=LOOK_SECONDS)
            quiet += LOOK_SECONDS

    def _size(self) -> bytes:
        try:
            return (self.log / "checkpoint").read_bytes().split(b"\n")[1]
        except (FileNotFoundError, IndexError):
            return b"0"


async def _say(send: Send, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _goes(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
