"""What this node's members offer: one TOML file for each service in the node's folder `offers/`.

member = "register"                       # a member that this node hosts, by its code
system = "population"
code = "people"
title = "People, as the population register knows them"
purposes = ["benefits.assessment"]
openapi = "people.yaml"                   # its description, beside this file (optional)

[[endpoint]]
method = "POST"
path = "/read"

[subject]                                 # whom a request is about: {"scheme": ..., "value": ...} in the body
pointer = "/subject"
scheme = "national"

[[access]]                                # who may ask, and as whom the node's own rules see them
client = "ALD/GOV/benefits/casework"
purposes = ["benefits.assessment"]
agency = "benefits"
roles = ["benefit-officer"]

[function]                                # or [http], [sql], [soap], [files]; docs/exchange.md
name = "commonweal.services.registry.service:read"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from commonweal.core.exchange import membership
from commonweal.core.exchange.directory import Endpoint, Service, System
from commonweal.core.exchange.event_types import declare_event, declared_events
from commonweal.core.exchange.pubsub import source as pubsub
from commonweal.core.exchange.sources import files, function, http, soap, sql, usage
from commonweal.core.exchange.sources.call import Source
from commonweal.core.exchange.xroad import METASERVICES, METHODS, Fault, SubsystemId, subsystem_id
from commonweal.core.policy.actions import purpose_named

FOLDER = "offers"
TIMEOUT = 30.0  # seconds
LARGEST = 2_000_000_000  # bytes of a body
MOST = 1_000  # rows of an answer
SCALES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


class BadOffer(ValueError):
    """An offer's file cannot be used; the text names the file, the setting and the remedy."""


@dataclass(frozen=True)
class Access:
    """A system that may ask, for what, and which agency and roles the node's rules see it as."""

    client: SubsystemId
    purposes: frozenset[str]
    agency: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Offer:
    """One service of ours."""

    member: str
    system: str
    service: Service
    scheme: str
    accesses: tuple[Access, ...]
    source: Source
    openapi: Path | None
    largest: int

    def access(self, client: SubsystemId, purpose: str) -> Access | None:
        """What opens the service to this system for this purpose."""
        return next((one for one in self.accesses if one.client == client and purpose in one.purposes), None)


def load(home: Path) -> dict[tuple[str, str, str], Offer]:
    """Every offer by member, system and service code. Raises BadOffer."""
    found: dict[tuple[str, str, str], Offer] = {}
    for path in paths(home):
        offer = read(path, home)
        place = offer.member, offer.system, offer.service.code
        if place in found:
            raise BadOffer(f"{path.name}: another file offers {'/'.join(place)} already")
        found[place] = offer
    return found


def problems(home: Path) -> list[str]:
    """What is wrong with the offers, for `commonweal check`."""
    wrong = []
    for path in paths(home):
        try:
            offer = read(path, home)
        except BadOffer as error:
            wrong.append(str(error))
            continue
        if isinstance(offer.source, http.HttpSource) and not _private(offer.source.address):
            wrong.append(f"offers/{path.name}: anybody on the way can read what this back end answers: use https://")
    return wrong


def _private(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")


def paths(home: Path) -> list[Path]:
    """The files in which services are offered."""
    return sorted((home / FOLDER).glob("*.toml"))


def systems(offers: Iterable[Offer], member: str, clients: Iterable[SubsystemId]) -> tuple[System, ...]:
    """A member's systems as the directory shows them: those that offer, and those that ask."""
    own = [offer for offer in offers if offer.member == member]
    codes = {offer.system for offer in own} | {client.code for client in clients if client.member.code == member}
    return tuple(System(code, tuple(offer.service for offer in own if offer.system == code)) for code in sorted(codes))


def read(path: Path, home: Path) -> Offer:
    """Read one file. Raises BadOffer."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        membership.declare_purposes(found, path.name)
        return _offer(found, path, home / "spool")
    except KeyError as error:
        raise BadOffer(f"offers/{path.name}: `{error.args[0]}` is missing") from error
    except (
        tomllib.TOMLDecodeError, membership.BadMembership, sql.BadQuery, function.NotOffered, soap.NoSoap, OSError,
        ValueError, TypeError, Fault,
    ) as error:  # fmt: skip
        raise BadOffer(f"offers/{path.name}: {error}") from error


def _offer(found: Mapping[str, Any], path: Path, spool: Path) -> Offer:
    kinds = [kind for kind in SOURCES if kind in found]
    if len(kinds) != 1:
        raise ValueError(f"say where answers come from, once: {', '.join(f'[{kind}]' for kind in SOURCES)}")
    endpoints = _endpoints(found, kinds[0])
    _check_endpoints(endpoints)
    purposes = tuple(found["purposes"])
    _check_purposes(purposes)
    if found["code"] in METASERVICES or "/" in found["code"]:
        raise ValueError(f"`code` cannot be {found['code']!r}")
    subject = found.get("subject", {})
    openapi = path.parent / found["openapi"] if "openapi" in found else _own_description(kinds[0])
    if openapi and not openapi.is_file():
        raise ValueError(f"`openapi` names {openapi.name}, which is not beside this file")
    service = Service(
        found["code"], "OPENAPI" if openapi else "REST", found["title"], endpoints, purposes, subject.get("pointer", "")
    )
    accesses = tuple(_access(one, purposes) for one in found.get("access", []))
    told = found[kinds[0]] | ({"code": found["code"]} if kinds[0] == "events" else {})
    source = SOURCES[kinds[0]](told, endpoints, path.parent, spool)
    largest = _bytes(found.get("largest", LARGEST))
    return Offer(
        found["member"], found["system"], service, subject.get("scheme", ""), accesses, source, openapi, largest
    )


def _endpoints(found: Mapping[str, Any], kind: str) -> tuple[Endpoint, ...]:
    """Those that the file names; those of a standard that we serve ourselves are known."""
    if kind == "events":
        if found["code"] not in pubsub.ENDPOINTS:
            raise ValueError(f"[events] is offered under the codes {', '.join(pubsub.ENDPOINTS)}")
        return pubsub.ENDPOINTS[found["code"]]
    return tuple(Endpoint(one["method"].upper(), one["path"]) for one in found["endpoint"])


def _own_description(kind: str) -> Path | None:
    """How we describe the standards that we serve ourselves."""
    name = {"data-tracker": "data-tracker.yaml", "events": "information-mediator.yaml"}.get(kind)
    return Path(__file__).parent / "descriptions" / name if name else None


def _check_endpoints(endpoints: tuple[Endpoint, ...]) -> None:
    for one in endpoints:
        steps = one.path.split("/")
        if one.method not in METHODS or not one.path.startswith("/") or {".", ".."} & set(steps) or "**" in steps[:-1]:
            raise ValueError(f"endpoint {one.method} {one.path}: a method, and a path with `*` or a last `**`")


def _check_purposes(purposes: tuple[str, ...]) -> None:
    for name in purposes:
        if purpose_named(name) is None:
            raise ValueError(f"no room declares the purpose {name}; describe it under [purpose.{name!r}]")


def _access(found: Mapping[str, Any], purposes: tuple[str, ...]) -> Access:
    chosen = frozenset(found.get("purposes", purposes))
    if strange := sorted(chosen - set(purposes)):
        raise ValueError(f"[[access]] names the purpose {strange[0]}, which the service does not serve")
    client = subsystem_id(found["client"])
    return Access(client, chosen, found.get("agency", str(client.member)), frozenset(found.get("roles", [])))


def _http(found: Mapping[str, Any], endpoints: tuple[Endpoint, ...], folder: Path, spool: Path) -> Source:
    address = str(found["address"])
    if not address.startswith(("http://", "https://")):
        raise ValueError("[http] `address` begins with http:// or https://")
    return http.HttpSource(
        address.rstrip("/"), float(found.get("timeout", TIMEOUT)), _bytes(found.get("largest", LARGEST)), spool
    )


def _sql(found: Mapping[str, Any], endpoints: tuple[Endpoint, ...], folder: Path, spool: Path) -> Source:
    queries = []
    for one in found["query"]:
        method, _, path = str(one["endpoint"]).partition(" ")
        endpoint = Endpoint(method, path)
        if endpoint not in endpoints:
            raise ValueError(f"[[sql.query]] answers {method} {path}, which is no [[endpoint]]")
        queries.append(sql.read_query(endpoint, (folder / one["file"]).read_text("utf-8")))
    if unanswered := [one for one in endpoints if one not in {query.endpoint for query in queries}]:
        raise ValueError(f"no [[sql.query]] answers {unanswered[0].method} {unanswered[0].path}")
    timeout, most = float(found.get("timeout", TIMEOUT)), int(found.get("most", MOST))
    return sql.SqlSource(found["database"], tuple(queries), timeout, most)


def _soap(found: Mapping[str, Any], endpoints: tuple[Endpoint, ...], folder: Path, spool: Path) -> Source:
    wsdl = str(found["wsdl"])
    place = wsdl if wsdl.startswith(("http://", "https://")) else str(folder / wsdl)
    operations = {Endpoint(*str(one["endpoint"]).split(" ", 1)): str(one["name"]) for one in found["operation"]}
    if unanswered := [one for one in endpoints if one not in operations]:
        raise ValueError(f"no [[soap.operation]] answers {unanswered[0].method} {unanswered[0].path}")
    return soap.source(place, operations, found.get("address", ""), float(found.get("timeout", TIMEOUT)))


def _files(found: Mapping[str, Any], endpoints: tuple[Endpoint, ...], folder: Path, spool: Path) -> Source:
    columns = {name: (int(places[0]), int(places[1])) for name, places in found.get("columns", {}).items()}
    if columns and found["key"] not in columns:
        raise ValueError(f"[files] `key` {found['key']!r} is no column")
    place = Path(found["folder"])
    if not place.is_dir():
        raise ValueError(f"[files] there is no folder {place}")
    return files.FilesSource(
        place, found.get("pattern", "*"), found["key"], found.get("delimiter", ","), found.get("encoding", "utf-8"),
        columns, int(found.get("most", MOST)),
    )  # fmt: skip


def _usage(found: Mapping[str, Any], endpoints: tuple[Endpoint, ...], folder: Path, spool: Path) -> Source:
    from commonweal.core.exchange import service  # which reads offers itself

    if strange := [one.path for one in endpoints if one not in usage.ENDPOINTS]:
        known = ", ".join(one.path for one in usage.ENDPOINTS)
        raise ValueError(f"[data-tracker] has these endpoints: {known}; not {strange[0]}")
    return usage.UsageSource(found["scheme"], service.find_usage, tuple(settings.SERVICES), service.evidence_begins)


def _events(found: Mapping[str, Any], endpoints: tuple[Endpoint, ...], folder: Path, spool: Path) -> Source:
    from commonweal.core.exchange import service  # which reads offers itself

    own = {one["name"]: one["says"] for one in found.get("type", [])}
    for one in declared_events():
        if one.name in own and str(one.says) != own[one.name]:
            raise ValueError(f"[[events.type]] {one.name} is declared already")
    for name, says in own.items():
        declare_event(name, says)
    return pubsub.EventSource(found["code"], frozenset(own), service.tell)


def _function(found: Mapping[str, Any], endpoints: tuple[Endpoint, ...], folder: Path, spool: Path) -> Source:
    return function.named(found["name"])


SOURCES: dict[str, Callable[[Mapping[str, Any], tuple[Endpoint, ...], Path, Path], Source]] = {
    "function": _function,
    "http": _http,
    "sql": _sql,
    "soap": _soap,
    "files": _files,
    "data-tracker": _usage,
    "events": _events,
}


def _bytes(size: str | int) -> int:
    """`200 MB` or a number of bytes."""
    number, _, scale = str(size).partition(" ")
    return int(number) * SCALES.get(scale.strip(), 1)
