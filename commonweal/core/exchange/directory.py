"""The directory of a federation: nodes, members, their keys, systems and services, in one signed, numbered document.

It is a signed note (C2SP signed-note) whose text is JSON, under the federation's directory key. Every version names
the hash of the one before, says until when it may be used, and becomes a leaf in the log of every node that adopts it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import VerifyKey

from commonweal.core.clock import stamp
from commonweal.core.exchange import member_keys
from commonweal.core.exchange.xroad import MemberId, ServiceId, member_id
from commonweal.core.ledger import notes
from commonweal.core.ledger.verify import Note, VerificationError, VerifierKey, verify_note

USABLE = timedelta(days=7)  # how long a version may be used; a new one is issued every day


class BadDirectory(ValueError):
    """A directory, or a change of it, that cannot be accepted; the text says why."""


@dataclass(frozen=True)
class Endpoint:
    """One method and path that a service offers; `*` stands for one step of a path, a last `**` for any number."""

    method: str
    path: str


@dataclass(frozen=True)
class Service:
    """What a system offers. `subject` is the JSON pointer in the body at which {scheme, value} name the person."""

    code: str
    type: str  # OPENAPI or REST, X-Road's words
    title: str
    endpoints: tuple[Endpoint, ...] = ()
    purposes: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True)
class System:
    """A system of a member and its services."""

    code: str
    services: tuple[Service, ...] = ()


@dataclass(frozen=True)
class MemberKey:
    """A member's public key (a verifier key) and its time in force; `revoked` is "" while it is."""

    vkey: str
    since: str
    revoked: str = ""

    @cached_property
    def parsed(self) -> VerifierKey:
        return VerifierKey.parse(self.vkey)

    @cached_property
    def public(self) -> VerifyKey:
        return VerifyKey(self.parsed.key)

    @property
    def id(self) -> str:
        return member_keys.key_id(self.parsed)


@dataclass(frozen=True)
class Member:
    """An agency: its names by language, the node that hosts it, its keys and systems."""

    id: str
    names: dict[str, str]
    node: str
    keys: tuple[MemberKey, ...]
    systems: tuple[System, ...] = ()

    def service(self, wanted: ServiceId) -> Service | None:
        """The service with this name, if this member offers it."""
        services = (system.services for system in self.systems if system.code == wanted.subsystem.code)
        return next((one for group in services for one in group if one.code == wanted.code), None)


@dataclass(frozen=True)
class FederatedNode:
    """An installation: its log's origin, where its gateway and its log are, the keys of its log and as a witness."""

    origin: str
    address: str
    log: str
    log_keys: tuple[str, ...]
    witness_key: str


@dataclass(frozen=True)
class Directory:
    """One version."""

    instance: str
    authority: str  # the verifier key that signs it
    serial: int
    previous: str
    issued: str
    expires: str
    nodes: tuple[FederatedNode, ...] = ()
    members: tuple[Member, ...] = ()
    kind: str = field(default="directory")
    version: int = field(default=1)

    def text(self) -> str:
        """The bytes that are signed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the text, hex: how messages name this version."""
        return sha256(self.text().encode()).hexdigest()

    def usable(self, now: datetime) -> bool:
        """Whether this version may still be used."""
        begins, ends = self._time
        return begins <= now < ends

    @cached_property
    def _time(self) -> tuple[datetime, datetime]:
        return datetime.fromisoformat(self.issued) - timedelta(minutes=5), datetime.fromisoformat(self.expires)

    @cached_property
    def _members(self) -> dict[str, Member]:
        return {member.id: member for member in self.members}

    @cached_property
    def _keys(self) -> dict[str, tuple[Member, MemberKey]]:
        return {key.id: (member, key) for member in self.members for key in member.keys}

    def member(self, wanted: MemberId) -> Member | None:
        return self._members.get(str(wanted))

    def service(self, wanted: ServiceId) -> tuple[Member, Service] | None:
        """The member and the service, or None."""
        member = self.member(wanted.subsystem.member)
        service = member.service(wanted) if member else None
        return (member, service) if member and service else None

    def key(self, keyid: str) -> tuple[Member, MemberKey] | None:
        """Whose key this is."""
        return self._keys.get(keyid)

    def node_of(self, member: Member) -> FederatedNode:
        """Where a member is hosted."""
        return next(node for node in self.nodes if node.origin == member.node)


def sign(directory: Directory, key: Ed25519PrivateKey) -> str:
    """The signed note."""
    text = directory.text()
    return notes.note(text, [notes.sign(text, key_name(directory.instance), key)])


def key_name(instance: str) -> str:
    """The name of a federation's directory key."""
    return f"{instance}/directory"


def read(note: str, authority: VerifierKey) -> Directory:
    """A directory from its signed note. Raises BadDirectory."""
    try:
        parsed = Note.parse(note)
        verify_note(parsed, [authority])
        found = _read(json.loads(parsed.text))
        if authority.name != key_name(found.instance) or str(authority) != found.authority:
            raise BadDirectory(f"the directory of {found.instance} is signed by {authority.name}")
        for member in found.members:
            for key in member.keys:
                member_keys.check_fit(key.parsed.key)
                if key.parsed.name != member.id:
                    raise BadDirectory(f"a key of {member.id} bears the name {key.parsed.name}")
    except (VerificationError, member_keys.UnfitKey, ValueError, KeyError, TypeError) as error:
        raise BadDirectory(f"the directory cannot be used: {error}") from error
    return found


def read_pinned(note: str, pinned: Callable[[VerifierKey], bool]) -> Directory:
    """A directory whose key is known by its fingerprint only. Raises BadDirectory."""
    try:
        authority = VerifierKey.parse(json.loads(note.rpartition("\n\n")[0])["authority"])
    except (VerificationError, ValueError, KeyError, TypeError):
        raise BadDirectory("there is no directory") from None
    if not pinned(authority):
        raise BadDirectory("the directory is not signed by the key that the code names")
    return read(note, authority)


def first(instance: str, authority: VerifierKey, now: datetime) -> Directory:
    """A federation without members."""
    return Directory(instance, str(authority), 1, "", stamp(now), stamp(now + USABLE))


def next_version(old: Directory, now: datetime, **changes: Any) -> Directory:
    """The version after this one."""
    return replace(
        old, serial=old.serial + 1, previous=old.hash, issued=stamp(now), expires=stamp(now + USABLE), **changes
    )


def with_node(old: Directory, node: FederatedNode, members: Iterable[Member], now: datetime) -> Directory:
    """A node joins with its members, or comes back with new addresses or more members.

    Raises BadDirectory when a member belongs to another node, or a key is one that another member has.
    """
    joined = {member.id: member for member in members}
    for member in joined.values():
        known = old._members.get(member.id)
        if known and known.node != node.origin:
            raise BadDirectory(f"{member.id} is hosted by {known.node}")
        if member_id(member.id).instance != old.instance:
            raise BadDirectory(f"{member.id} is not a member of {old.instance}")
        _check_new_keys(old, member)
    nodes = (*[other for other in old.nodes if other.origin != node.origin], node)
    kept = [member for member in old.members if member.id not in joined]
    return next_version(old, now, nodes=nodes, members=tuple(sorted((*kept, *joined.values()), key=lambda one: one.id)))


def with_member(old: Directory, member: Member, now: datetime) -> Directory:
    """A member with changed keys or services."""
    members = tuple(member if other.id == member.id else other for other in old.members)
    return next_version(old, now, members=members)


def rotated(member: Member, new: MemberKey, *, at: datetime) -> Member:
    """The member with a new key; the old ones are revoked at that moment."""
    old = tuple(replace(key, revoked=key.revoked or stamp(at)) for key in member.keys)
    return replace(member, keys=(*old, new))


def revoked(member: Member, keyid: str, *, at: datetime) -> Member:
    """The member with one key out of force. Raises BadDirectory when it has no such key."""
    if not any(key.id == keyid for key in member.keys):
        raise BadDirectory(f"{member.id} has no key {keyid}")
    keys = tuple(replace(key, revoked=key.revoked or stamp(at)) if key.id == keyid else key for key in member.keys)
    return replace(member, keys=keys)


def offering(member: Member, systems: tuple[System, ...]) -> Member:
    """The member with these systems and services."""
    return replace(member, systems=systems)


def services_in(systems: Iterable[Mapping[str, Any]]) -> tuple[System, ...]:
    """Systems as a statement or a directory writes them."""
    return tuple(System(one["code"], tuple(_service(service) for service in one["services"])) for one in systems)


def _check_new_keys(old: Directory, member: Member) -> None:
    for key in member.keys:
        member_keys.check_fit(key.parsed.key)
        for other in old.members:
            if other.id != member.id and any(theirs.parsed.key == key.parsed.key for theirs in other.keys):
                raise BadDirectory(f"{other.id} has this key already")


def _read(found: Mapping[str, Any]) -> Directory:
    if (found["version"], found["kind"]) != (1, "directory"):
        raise BadDirectory("it is no directory of version 1")
    nodes = tuple(FederatedNode(**{**one, "log_keys": tuple(one["log_keys"])}) for one in found["nodes"])
    members = tuple(
        Member(
            one["id"], one["names"], one["node"], tuple(MemberKey(**key) for key in one["keys"]),
            services_in(one["systems"]),
        )
        for one in found["members"]
    )  # fmt: skip
    return Directory(
        found["instance"], found["authority"], found["serial"], found["previous"], found["issued"], found["expires"],
        nodes, members,
    )  # fmt: skip


def _service(one: Mapping[str, Any]) -> Service:
    endpoints = tuple(Endpoint(**endpoint) for endpoint in one["endpoints"])
    return Service(one["code"], one["type"], one["title"], endpoints, tuple(one["purposes"]), one["subject"])
