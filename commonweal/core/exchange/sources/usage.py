"""Who used a person's data, for a portal that shows it to them: Estonia's Data Tracker, usage API 2.1.0.

Its three endpoints are `GET /v2/findUsage`, `/v2/usagePeriod` and `/v2/heartbeat`. The person is named in the query, as
that API has it; nothing of the query is logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from commonweal.core.exchange.directory import Endpoint
from commonweal.core.exchange.sources.call import Answer, Call, as_json

ENDPOINTS = tuple(Endpoint("GET", f"/v2/{name}") for name in ("findUsage", "usagePeriod", "heartbeat"))
MOST = 1_000
Find = Callable[..., list[dict[str, str]]]


class BadParameter(ValueError):
    """A parameter of the query that cannot be read."""


@dataclass(frozen=True)
class UsageSource:
    """`find(actor, name, start, stop)` opens the door and gives all uses, newest first; people by `scheme`."""

    scheme: str
    find: Find
    begun: Callable[[], datetime]
    opens_door: bool = True

    async def fetch(self, call: Call) -> Answer:
        """Answer one of the three endpoints; whatever `find` raises is raised."""
        match call.path:
            case "/v2/heartbeat":
                return as_json(200, {"status": "OK", "message": "API is ready"}, ())
            case "/v2/usagePeriod":
                return as_json(200, {"periodStart": _instant(await asyncio.to_thread(self.begun))}, ())
        try:
            stated = _parameters(call.query)
        except BadParameter as error:
            return as_json(400, {"message": str(error)}, ())
        found = await asyncio.to_thread(
            self.find, call.actor, (self.scheme, stated["userCode"]), stated["periodStart"], stated["periodEnd"]
        )
        start = stated["offset"]
        return as_json(200, {"totalUsages": len(found), "usages": found[start : start + stated["limit"]]})


def _parameters(query: str) -> dict[str, Any]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    if not given.get("userCode"):
        raise BadParameter("state userCode")
    return {
        "userCode": given["userCode"],
        "periodStart": _time(given.get("periodStart"), datetime.min.replace(tzinfo=UTC)),
        "periodEnd": _time(given.get("periodEnd"), datetime.max.replace(tzinfo=UTC)),
        "offset": _count(given.get("offset", "0"), 2**31),
        "limit": _count(given.get("limit", str(MOST)), MOST),
    }


def _time(text: str | None, usual: datetime) -> datetime:
    if text is None:
        return usual
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadParameter("write times as 2021-01-31T10:20:30Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _count(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        raise BadParameter("offset and limit are whole numbers from 0 on")
    return min(int(text), most)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
