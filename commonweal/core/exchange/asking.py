"""A room of this node asks a service for what it needs to know about a person, in the same way as any other system.

The room's system is the `[[client]]` of exchange.toml with the room's purpose. Whether the service is on this node or
another one, the request passes the gateway, so that the rules of both sides hold and both keep evidence.
"""

from __future__ import annotations

import json
from typing import Any

import httpcore
from django.conf import settings

from commonweal.core.exchange import membership
from commonweal.core.exchange.elsewhere import SCHEME, TIMEOUT
from commonweal.core.exchange.federation import UNREACHED
from commonweal.core.exchange.xroad import SubsystemId
from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Purpose


class NotTold(RuntimeError):
    """The service told nothing: it cannot be reached, refuses, or does not know this person."""


def asks_for(purpose: Purpose) -> SubsystemId | None:
    """The system of this node that asks for this purpose; None where the operator connected none.

    Raises BadMembership.
    """
    joined = membership.load(settings.COMMONWEAL)
    client = joined.client_for(purpose.name) if joined else None
    return client.system if client else None


def ask_about(person: Person, service: str, purpose: Purpose, consent: str) -> dict[str, Any]:
    """What a service (`INSTANCE/CLASS/MEMBER/SYSTEM/SERVICE/path`) answers about a person.

    Raises NotTold, BadMembership.
    """
    joined, identifier = membership.load(settings.COMMONWEAL), people.identifiers(person).get(SCHEME)
    client = joined.client_for(purpose.name) if joined else None
    if joined is None or client is None or identifier is None:
        raise NotTold("this node asks nobody for this purpose")
    asking = {
        "X-Road-Client": str(client.system),
        "Content-Type": "application/json",
        "Commonweal-Purpose": purpose.name,
        "Commonweal-Basis": purpose.basis,
        "Commonweal-Consent": consent,
    }
    body = json.dumps({"subject": {"scheme": SCHEME, "value": identifier}}).encode()
    try:
        with httpcore.ConnectionPool() as pool:
            answer = pool.request(
                "POST", f"{joined.own_gateway}/r1/{service}", headers=list(asking.items()), content=body,
                extensions=TIMEOUT,
            )  # fmt: skip
        found = json.loads(answer.content)
    except (*UNREACHED, ValueError) as error:
        raise NotTold(f"{service} does not answer") from error
    if answer.status != 200 or not isinstance(found, dict):
        raise NotTold(f"{service} answered {answer.status}")
    return found
