"""An existing HTTP back end behind the node. Bodies stream; redirects are passed on, never followed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import httpcore

from commonweal.core.exchange.sources.call import Answer, Call, SourceFailed
from commonweal.core.exchange.spool import Spool, TooLarge
from commonweal.core.exchange.xroad import passed_on


@dataclass
class HttpSource:
    """A back end at `address`; `timeout` in seconds for the whole exchange, `largest` bytes of an answer."""

    address: str
    timeout: float
    largest: int
    folder: Path
    opens_door: bool = False
    pool: httpcore.AsyncConnectionPool = field(default_factory=lambda: httpcore.AsyncConnectionPool(max_connections=64))

    async def fetch(self, call: Call) -> Answer:
        """Send the call on. Raises SourceFailed."""
        try:
            async with asyncio.timeout(self.timeout):
                return await self._fetch(call)
        except TimeoutError:
            raise SourceFailed("ServiceTimeout", f"The service did not answer within {self.timeout:g} s") from None
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise SourceFailed("NetworkError", f"The service cannot be reached: {type(error).__name__}") from error
        except TooLarge as error:
            raise SourceFailed("AnswerTooLarge", f"The service's answer is too large: {error}") from error

    async def _fetch(self, call: Call) -> Answer:
        base = httpcore.URL(self.address)
        target = base.target.rstrip(b"/") + call.path.encode() + (b"?" + call.query.encode() if call.query else b"")
        headers = {name: value for name, value in call.headers.items() if name not in {"content-length", "host"}}
        headers["content-length"] = str(call.body.size)
        request = httpcore.Request(
            call.method,
            httpcore.URL(scheme=base.scheme, host=base.host, port=base.port, target=target or b"/"),
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            + [(b"host", _host(base))],
            content=call.body.stream(),
        )
        response = await self.pool.handle_async_request(request)
        body = Spool(self.folder, self.largest)
        try:
            async for piece in response.aiter_stream():
                body.write(piece)
        except BaseException:
            body.close()
            raise
        finally:
            await response.aclose()
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        own = {name: value for name, value in passed_on(given).items() if not name.startswith("x-road-")}
        return Answer(response.status, own, body)


def _host(address: httpcore.URL) -> bytes:
    return address.host if address.port is None else address.host + b":%d" % address.port
