"""X-Road's metaservices (PR-MREST): who is there, what they offer, what is open to the caller, how it is described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from commonweal.core.exchange.directory import Directory, Member, Service
from commonweal.core.exchange.sources.call import Answer, SourceFailed, as_json
from commonweal.core.exchange.xroad import METASERVICES, SubsystemId, Target, member_id

if TYPE_CHECKING:
    from commonweal.core.exchange.running import Running


def described(code: str) -> Service | None:
    """The description of a metaservice, or None for another code."""
    return Service(code, "REST", code) if code in METASERVICES else None


def list_clients(directory: Directory) -> dict[str, Any]:
    """`listClients`: members and their systems."""
    found = []
    for member in directory.members:
        id_ = member_id(member.id)
        named = {"member_class": id_.member_class, "member_code": id_.code, "xroad_instance": id_.instance}
        name = member.names.get("en", member.id)
        found.append({"id": named | {"object_type": "MEMBER"}, "name": name})
        found += [
            {"id": named | {"object_type": "SUBSYSTEM", "subsystem_code": system.code}, "name": name}
            for system in member.systems
        ]
    return {"member": found}


def answer(running: Running, wanted: Target, client: SubsystemId, member: Member) -> Answer:
    """`listMethods`, `allowedMethods`, `getOpenAPI` of one of our members. Raises SourceFailed."""
    place = wanted.service.subsystem
    own = {
        code: offer for (owner, system, code), offer in running.offers.items()
        if (owner, system) == (place.member.code, place.code)
    }  # fmt: skip
    if wanted.service.code == "getOpenAPI":
        code = dict(parse_qsl(wanted.query)).get("serviceCode", "")
        offer = own.get(code)
        if offer is None or offer.openapi is None:
            raise SourceFailed("UnknownService", f"There is no description of {code!r}")
        kind = "application/json" if offer.openapi.suffix == ".json" else "text/yaml"
        return Answer(200, {"content-type": f"{kind}; charset=utf-8"}, offer.openapi.read_bytes(), ())
    allowed = wanted.service.code == "allowedMethods"
    chosen = [
        offer.service
        for offer in own.values()
        if not allowed or any(access.client == client for access in offer.accesses)
    ]
    return as_json(200, {"service": [_described(one, place) for one in chosen]}, ())


def _described(service: Service, place: SubsystemId) -> dict[str, Any]:
    return {
        "member_class": place.member.member_class,
        "member_code": place.member.code,
        "object_type": "SERVICE",
        "service_code": service.code,
        "service_type": service.type,
        "subsystem_code": place.code,
        "xroad_instance": place.member.instance,
        "endpoint_list": [{"method": one.method, "path": one.path} for one in service.endpoints],
    }
