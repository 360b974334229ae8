"""Where else a person's data was used: the other nodes' Data Trackers, asked through this node's own gateway.

A system of this node whose usual purpose is `own-access` is its portal (exchange.toml). Each node decides for itself
what it tells the portal, and its evidence says that it did.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import httpcore
from django.utils.translation import gettext as _

from commonweal.core.exchange.asking import TIMEOUT, Offered, offered_elsewhere
from commonweal.core.exchange.directory import Directory
from commonweal.core.exchange.federation import UNREACHED
from commonweal.core.exchange.membership import Client, Membership
from commonweal.core.policy.purposes import OWN_ACCESS

FIND_USAGE = "/v2/findUsage"
MOST = 100


@dataclass(frozen=True)
class UseElsewhere:
    """One use of a person's data, as another node tells it."""

    at: datetime
    action: str
    office: str
    system: str


@dataclass(frozen=True)
class Told:
    """What one node told, newest first; `failed` says why it told nothing."""

    tracker: Offered
    uses: tuple[UseElsewhere, ...] = ()
    total: int = 0
    failed: str = ""


def ask_all(joined: Membership, directory: Directory, identifier: str) -> list[Told]:
    """Ask every other Data Tracker about the person with this identifier, all at once."""
    portal, found = joined.client_for(OWN_ACCESS.name), offered_elsewhere(directory, joined.node.origin, FIND_USAGE)
    if portal is None or not found:
        return []
    with ThreadPoolExecutor(len(found)) as pool:
        return list(pool.map(lambda one: _ask(joined, portal, one, identifier), found))


def _ask(joined: Membership, portal: Client, tracker: Offered, identifier: str) -> Told:
    query = f"userCode={quote(identifier, safe='')}&limit={MOST}"
    address = f"{joined.own_gateway}/r1/{tracker.service}{FIND_USAGE}?{query}"
    asking = {"X-Road-Client": str(portal.system), "X-Road-UserId": identifier, "Commonweal-Purpose": OWN_ACCESS.name}
    try:
        with httpcore.ConnectionPool() as pool:
            answer = pool.request("GET", address, headers=list(asking.items()), extensions=TIMEOUT)
        if answer.status != 200:
            return Told(tracker, failed=_("it answered with an error"))
        found = json.loads(answer.content)
        return Told(tracker, tuple(_use(one) for one in found["usages"]), int(found["totalUsages"]))
    except (*UNREACHED, ValueError, KeyError, TypeError):
        return Told(tracker, failed=_("it does not answer"))


def _use(one: dict[str, str]) -> UseElsewhere:
    return UseElsewhere(
        datetime.fromisoformat(one["logtime"]), one["action"], one.get("receiverName") or one["receiverCode"],
        one["receiverSystem"],
    )  # fmt: skip
