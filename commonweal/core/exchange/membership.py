"""What this node knows of its own federation: `exchange.toml` in the node's folder, and the keys of its members.

instance = "ALD"                              # the federation
address = "https://exchange.x.example"        # where other nodes reach this node's gateway
authority = "ALD/directory+1a2b3c4d+AQ..."    # whose signature makes a directory valid
authority_address = "https://exchange.town.example"

[[client]]                                    # a system of ours that may ask others
system = "ALD/GOV/benefits/casework"
from = ["127.0.0.1"]                          # or a service account's token, when this is left out
purpose = "benefits.assessment"               # stated for it when it does not say (plain X-Road clients)

[purpose."benefits.assessment"]               # purposes that no room of this node declares
says = "To decide on a benefit"
basis = "legal_obligation"
dpv = "dpv:ServiceProvision"
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commonweal.config.node import Node
from commonweal.core.exchange import member_keys
from commonweal.core.exchange.xroad import Fault, SubsystemId, subsystem_id
from commonweal.core.ledger.verify import VerificationError, VerifierKey
from commonweal.core.policy.actions import Basis, purpose, purpose_named

FILE = "exchange.toml"


class BadMembership(ValueError):
    """exchange.toml cannot be used; the text names the setting and the remedy."""


@dataclass(frozen=True)
class Client:
    """A system of ours that may ask others: from which addresses without a token, and its usual purpose."""

    system: SubsystemId
    addresses: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    purpose: str

    def may_come_from(self, address: str) -> bool:
        """Whether it needs no token from there."""
        try:
            return any(ipaddress.ip_address(address) in network for network in self.addresses)
        except ValueError:
            return False


@dataclass(frozen=True)
class Membership:
    """This node's place in its federation."""

    node: Node
    instance: str
    address: str
    authority: VerifierKey
    authority_address: str
    clients: Mapping[str, Client]

    @property
    def authority_here(self) -> bool:
        """Whether this node keeps the federation's directory."""
        return (self.node.keys / "directory.ed25519").exists()

    @cached_property
    def host(self) -> str:
        """The gateway's `@authority` (RFC 9421 section 2.2.3)."""
        return authority_of(self.address)

    @property
    def own_gateway(self) -> str:
        """Where this node itself reaches its gateway."""
        return os.environ.get("COMMONWEAL_GATEWAY", self.address)

    def client_for(self, purpose: str) -> Client | None:
        """The system of this node whose usual purpose this is."""
        return next((one for one in self.clients.values() if one.purpose == purpose), None)

    def key_of(self, code: str) -> Ed25519PrivateKey:
        """The signing key of a member that this node hosts. Raises UnsafeKeys."""
        return member_keys.load(key_path(self.node, code))


def authority_of(address: str) -> str:
    """Host and port of an address as a signature covers them: lower case, without the scheme's own port."""
    parts = urlsplit(address)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    return host if parts.port in {None, usual} else f"{host}:{parts.port}"


def key_path(node: Node, code: str) -> Path:
    """Where the key of a member lies."""
    return node.keys / f"member-{code}.ed25519"


def joined(node: Node) -> bool:
    """Whether the node is in a federation at all; asked without reading what it knows of it."""
    return (node.home / FILE).exists()


def load(node: Node) -> Membership | None:
    """Read exchange.toml; None when the node is in no federation. Raises BadMembership."""
    if not joined(node):
        return None
    try:
        found = tomllib.loads((node.home / FILE).read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadMembership(f"{FILE} is not valid TOML: {error}") from error
    for name in ("instance", "address", "authority", "authority_address"):
        if not isinstance(found.get(name), str):
            raise BadMembership(f"{FILE}: `{name}` is missing")
    try:
        authority = VerifierKey.parse(found["authority"])
    except VerificationError as error:
        raise BadMembership(f"{FILE}: `authority` is no verifier key: {error}") from error
    clients = [_client(one) for one in found.get("client", [])]
    declare_purposes(found, FILE)
    return Membership(
        node, found["instance"], found["address"].rstrip("/"), authority, found["authority_address"].rstrip("/"),
        {str(client.system): client for client in clients},
    )  # fmt: skip


def write(node: Node, instance: str, address: str, authority: VerifierKey, authority_address: str) -> Membership:
    """Note which federation this node is in; an existing file is kept. Raises BadMembership."""
    path = node.home / FILE
    if not path.exists():
        path.write_text(
            "# This node's place in a federation. docs/exchange.md explains each line.\n"
            f'instance = "{instance}"\naddress = "{address}"\n'
            f'authority = "{authority}"\nauthority_address = "{authority_address}"\n',
            "utf-8",
        )
    found = load(node)
    assert found is not None  # noqa: S101 - it was just written
    if (found.instance, str(found.authority)) != (instance, str(authority)):
        raise BadMembership(f"this node is already in the federation {found.instance}; a node is in one only")
    return found


def declare_purposes(found: Mapping[str, Any], file: str) -> None:
    """Declare the purposes of a settings file that no room declares. Raises BadMembership."""
    for name, one in found.get("purpose", {}).items():
        if one.get("basis") not in get_args(Basis) or not one.get("says"):
            raise BadMembership(f"{file}: purpose {name} needs `says` and a `basis`: {', '.join(get_args(Basis))}")
        if purpose_named(name) is None:
            purpose(name, one["says"], cast(Basis, one["basis"]), one.get("dpv", "dpv:Purpose"))


def _client(found: Mapping[str, Any]) -> Client:
    try:
        system = subsystem_id(found["system"])
        networks = tuple(ipaddress.ip_network(network) for network in found.get("from", []))
    except (KeyError, ValueError, Fault) as error:
        raise BadMembership(f"{FILE}: a [[client]] cannot be read: {error}") from error
    return Client(system, networks, found.get("purpose", ""))
