"""A room of this node asks a service about a person, or gives it something about them, as any other system does.

The room's system is the `[[client]]` of exchange.toml with the room's purpose. Whether the service is on this node or
another one, the request passes the gateway, so that the rules of both sides hold and both keep evidence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
from django.conf import settings

from commonweal.core.exchange import federation, membership
from commonweal.core.exchange.directory import BadDirectory, Directory
from commonweal.core.exchange.federation import UNREACHED
from commonweal.core.exchange.membership import BadMembership
from commonweal.core.exchange.xroad import SubsystemId
from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Purpose

SCHEME = "national"  # what the nodes of a federation call people among each other
TIMEOUT = {"timeout": {"connect": 2.0, "read": 8.0, "write": 2.0, "pool": 2.0}}


class NotTold(RuntimeError):
    """The service told nothing: it cannot be reached, refuses, or does not know this person."""


@dataclass(frozen=True)
class Offered:
    """A service of a member that another node hosts: the member's names by language, and the service's path."""

    names: dict[str, str]
    node: str
    service: str

    def name(self, language: str) -> str:
        """The member's name in `language`, else in English, else in any."""
        return self.names.get(language[:2]) or self.names.get("en") or next(iter(self.names.values()), self.service)


def offered_elsewhere(directory: Directory, here: str, path: str) -> list[Offered]:
    """Every service of the federation with an endpoint of this path, but those of the node `here` (its origin)."""
    return [
        Offered(dict(member.names), member.node, f"{member.id}/{system.code}/{service.code}")
        for member in directory.members
        if member.node != here
        for system in member.systems
        for service in system.services
        if any(endpoint.path == path for endpoint in service.endpoints)
    ]


def offers_of_others(path: str) -> list[Offered]:
    """The same for this node, by the directory that it has; none where it is in no federation that can be used."""
    try:
        joined = membership.load(settings.COMMONWEAL)
        return offered_elsewhere(federation.newest(joined), joined.node.origin, path) if joined else []
    except (BadMembership, BadDirectory):  # named to the operator by `commonweal check`
        return []


def asks_for(purpose: Purpose) -> SubsystemId | None:
    """The system of this node that asks for this purpose; None where the operator connected none that can be used."""
    try:
        joined = membership.load(settings.COMMONWEAL)
    except BadMembership:  # named to the operator by `commonweal check`
        return None
    client = joined.client_for(purpose.name) if joined else None
    return client.system if client else None


def ask_about(
    person: Person, service: str, purpose: Purpose, consent: str = "", content: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """What a service (`INSTANCE/CLASS/MEMBER/SYSTEM/SERVICE/path`) answers about a person. Raises NotTold."""
    try:
        joined = membership.load(settings.COMMONWEAL)
    except BadMembership as error:
        raise NotTold(str(error)) from None
    client = joined.client_for(purpose.name) if joined else None
    identifier = people.identifiers(person).get(SCHEME)
    if joined is None or client is None or identifier is None:
        raise NotTold("this node asks nobody for this purpose")
    asking = {
        "X-Road-Client": str(client.system),
        "Content-Type": "application/json",
        "Commonweal-Purpose": purpose.name,
        "Commonweal-Basis": purpose.basis,
    } | ({"Commonweal-Consent": consent} if consent else {})
    about = {"subject": {"scheme": SCHEME, "value": identifier}}
    body = json.dumps(about | dict(content or {}), ensure_ascii=False).encode()
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
