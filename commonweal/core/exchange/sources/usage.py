"""Who used a person's data, for a portal that shows it to them: Estonia's Data Tracker, usage API 2.1.0.

Its three endpoints are `GET /v2/findUsage`, `/v2/usagePeriod` and `/v2/heartbeat`; GovStack's Digital Registries API
1.3.0 shows the same as `GET /data/myPersonalDataUsage`. The person is named in the query, as those APIs have it;
nothing of the query is logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from commonweal.core.exchange.directory import Endpoint
from commonweal.core.exchange.sources.call import Answer, Call, as_json
from commonweal.core.exchange.threads import with_database
from commonweal.core.portal.uses import Use

GOVSTACK = ("/data/myPersonalDataUsage", "/data/MyPersonalDataUsage/1.0")  # as 1.3.0 has it, and as its suite asks
TRACKER = ("/v2/findUsage", "/v2/usagePeriod", "/v2/heartbeat")
ENDPOINTS = tuple(Endpoint("GET", path) for path in (*TRACKER, *GOVSTACK))
MOST = 1_000
BEGIN, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
DATABASE = re.compile(r"[a-z_]+")
Find = Callable[..., list[Use] | None]


class BadParameter(ValueError):
    """A parameter of the query that cannot be read."""


@dataclass(frozen=True)
class UsageSource:
    """`find(actor, name, start, stop)` opens the door and gives all uses, newest first; people by `scheme`."""

    scheme: str
    find: Find
    rooms: tuple[str, ...]
    begun: Callable[[], datetime]
    opens_door: bool = True

    async def fetch(self, call: Call) -> Answer:
        """Answer one of the three endpoints; whatever `find` raises is raised."""
        match call.path:
            case "/v2/heartbeat":
                return as_json(200, {"status": "OK", "message": "API is ready"}, ())
            case "/v2/usagePeriod":
                return as_json(200, {"periodStart": _instant(await with_database(self.begun))}, ())
        if call.path in GOVSTACK:
            return await with_database(self._personal_data_usage, call)
        try:
            stated = _parameters(call.query)
        except BadParameter as error:
            return as_json(400, {"message": str(error)}, ())
        found = await with_database(
            self.find, call.actor, (self.scheme, stated["userCode"]), stated["periodStart"], stated["periodEnd"]
        )
        usages, start = [_tracked(use) for use in found or []], stated["offset"]
        return as_json(200, {"totalUsages": len(usages), "usages": usages[start : start + stated["limit"]]})

    def _personal_data_usage(self, call: Call) -> Answer:
        """Who read what one database (a service of the node) holds about a person: GovStack's shape of a use."""
        given = {name.lower(): value for name, value in parse_qsl(call.query)}
        user, database = given.get("userid", ""), given.get("databaseid", "")
        if not (CODE.fullmatch(user) and DATABASE.fullmatch(database)):
            return as_json(400, {"message": f"state userId, and databaseId: {', '.join(self.rooms)}"}, ())
        if database not in self.rooms:
            return as_json(404, {"message": f"databaseId is one of: {', '.join(self.rooms)}"}, ())
        found = self.find(call.actor, (self.scheme, user), BEGIN, END)
        if found is None:
            return as_json(404, {"message": "nobody is called so"}, ())
        return as_json(200, [_personal(use) for use in found if use.action.split(".")[0] == database])


def _tracked(use: Use) -> dict[str, str]:
    return {
        "logtime": _instant(use.at),
        "action": str(use.says),
        "receiverCode": use.agency_code,
        "receiverName": use.agency,
        "receiverSystem": _system(use),
    }


def _personal(use: Use) -> dict[str, Any]:
    """GovStack's PersonalDataUsage, misspelling and all. Who read it is told as far as the person's own page does."""
    return {
        "id": str(use.n),
        "readerInstitutionId": use.agency_code,
        "readerInstitutionName": use.agency,
        "readerApplicationName": _system(use),
        "searchDateTime": _instant(use.at),
        "refrences": [{"ReferenceID": str(reference)} for reference in use.disclosed],
    }


def _system(use: Use) -> str:
    return use.who if use.automatic else use.role or use.agency


def _parameters(query: str) -> dict[str, Any]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    if not CODE.fullmatch(given.get("userCode", "")):
        raise BadParameter("state userCode: letters, digits and hyphens")
    return {
        "userCode": given["userCode"],
        "periodStart": _time(given.get("periodStart"), BEGIN),
        "periodEnd": _time(given.get("periodEnd"), END),
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
