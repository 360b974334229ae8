"""The federation's offers as a DCAT-AP 3 catalogue in JSON-LD: each service a `dcat:DataService`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from commonweal.core.exchange.directory import Directory, Member
from commonweal.core.policy.actions import purpose_named

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "dpv": "https://w3id.org/dpv#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def of(directory: Directory) -> dict[str, Any]:
    """The catalogue of one version of the directory."""
    services = [_service(directory, member, system.code, one) for member in directory.members
                for system in member.systems for one in system.services]  # fmt: skip
    catalogue = {
        "@id": f"urn:commonweal:{quote(directory.instance)}",
        "@type": "dcat:Catalog",
        "dct:title": {"@value": directory.instance, "@language": "en"},
        "dct:description": {"@value": f"Services of the federation {directory.instance}", "@language": "en"},
        "dct:publisher": _agent(directory.instance, {"en": directory.instance}),
        "dct:issued": {"@value": directory.issued, "@type": "xsd:dateTime"},
        "dcat:service": services,
    }
    return {"@context": CONTEXT, **catalogue}


def _service(directory: Directory, member: Member, system: str, one: Any) -> dict[str, Any]:
    name = f"{member.id}/{quote(system, safe='')}/{quote(one.code, safe='')}"
    address = f"{directory.node_of(member).address}/r1/{name}"
    return {
        "@id": f"urn:commonweal:{name}",
        "@type": "dcat:DataService",
        "dct:title": {"@value": one.title, "@language": "en"},
        "dct:publisher": _agent(member.id, member.names),
        "dcat:endpointURL": {"@id": address},
        "dcat:endpointDescription": {"@id": f"{address.rpartition('/')[0]}/getOpenAPI?serviceCode={quote(one.code)}"},
        "dct:accessRights": {"@id": "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"},
        "dpv:hasPurpose": [{"@id": _term(purpose)} for purpose in one.purposes],
    }


def _agent(name: str, names: dict[str, str]) -> dict[str, Any]:
    said = [{"@value": text, "@language": language} for language, text in sorted(names.items())]
    return {"@id": f"urn:commonweal:{name}", "@type": "foaf:Agent", "foaf:name": said}


def _term(purpose: str) -> str:
    known = purpose_named(purpose)
    return known.dpv if known else f"urn:commonweal:purpose:{quote(purpose)}"
