"""Who sends a request of another node, and whether it is meant for us, now and unchanged."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache

from commonweal.core.clock import now
from commonweal.core.exchange import signatures
from commonweal.core.exchange.directory import BadDirectory, Member
from commonweal.core.exchange.federation import Unreachable
from commonweal.core.exchange.message import Message
from commonweal.core.exchange.running import Running
from commonweal.core.exchange.sides import mark_of
from commonweal.core.exchange.signatures import BadSignature, NotNow, Signed
from commonweal.core.exchange.xroad import Fault, SubsystemId, Target, subsystem_id, target

PREFIX = "/exchange/r1/"
MUST_COVER = (
    "content-digest", "x-road-client", "x-road-id", "commonweal-purpose", "commonweal-basis", "commonweal-directory",
    "commonweal-leaf",
)  # fmt: skip
LONGEST_ID = 100
_LEAF = re.compile(r"[0-9a-f]{64}")
_target = lru_cache(maxsize=4096)(target)
_subsystem = lru_cache(maxsize=4096)(subsystem_id)


@dataclass(frozen=True)
class Arrival:
    """A request that is proved to come from a member's system, and to be for a member of this node."""

    message: Message
    headers: dict[str, str]
    target: Target
    client: SubsystemId
    client_member: Member
    member: Member
    signed: Signed

    @property
    def id(self) -> str:
        return self.headers["x-road-id"]

    @cached_property
    def mark(self) -> bytes:
        """How it is remembered."""
        return mark_of(self.signed.keyid, self.signed.nonce, self.signed.expires)

    @property
    def address(self) -> str:
        """The address that the consumer's own system asked for."""
        path = self.message.path.removeprefix("/exchange")
        return f"{path}?{self.target.query}" if self.target.query else path


async def proved(running: Running, message: Message) -> Arrival:
    """Check everything that can be checked before the body. Raises Fault, BadSignature."""
    headers = message.headers()
    wanted = _target(message.path, message.query, PREFIX)
    if not running.directory.usable(now()):
        raise Fault("Server.ServerProxy.OutdatedGlobalConf", "This node's directory is too old")
    member = running.directory.member(wanted.service.subsystem.member)
    if headers.get("host", "").lower() != running.joined.host or member is None or member.node != running.node.origin:
        raise Fault("Server.ServerProxy.WrongAudience", "The request is addressed to another node")
    signed = signatures.read(headers)
    client_member = await _signer(running, message, headers, signed)
    client = _subsystem(headers["x-road-client"])
    if str(client.member) != client_member.id:
        raise Fault("Server.ServerProxy.WrongSigner", f"The key of {client_member.id} does not sign for {client}")
    try:
        signatures.check_time(signed, time.time())
    except NotNow:
        raise Fault("Server.ServerProxy.ExpiredRequest", "The request is not valid at this time") from None
    if not 16 <= len(signed.nonce) <= 100:
        raise BadSignature("state a nonce of 16 to 100 characters")
    if len(headers["x-road-id"]) > LONGEST_ID or not _LEAF.fullmatch(headers["commonweal-leaf"]):
        raise Fault(
            "Client.BadRequest", f"X-Road-Id has at most {LONGEST_ID} characters, Commonweal-Leaf 64 hex digits"
        )
    await _check_directory(running, headers["commonweal-directory"])
    return Arrival(message, headers, wanted, client, client_member, member, signed)


async def _signer(running: Running, message: Message, headers: dict[str, str], signed: Signed) -> Member:
    """Whose key signed all that must be signed. Raises Fault, BadSignature."""
    owner = running.directory.key(signed.keyid)
    if owner is None and _serial(headers.get("commonweal-directory", "")) > running.directory.serial:
        await _catch_up(running)
        owner = running.directory.key(signed.keyid)
    if owner is None:
        raise Fault("Server.ServerProxy.UnknownKey", "The directory has no such key")
    member, key = owner
    if key.revoked:
        raise Fault("Server.ServerProxy.RevokedKey", f"The key was revoked at {key.revoked}")
    ours = {name for name in headers if name.startswith(("x-road-", "commonweal-"))}
    place = {
        "@method": message.method,
        "@authority": headers["host"].lower(),
        "@path": message.path,
        "@query": f"?{message.query}",
    }
    signatures.verify_request(signed, key.public, place, headers, required=ours.union(MUST_COVER))
    return member


async def _check_directory(running: Running, stated: str) -> None:
    """Both sides must see the same directory; whoever is behind learns it. Raises Fault."""
    if stated != running.directory_name and _serial(stated) > running.directory.serial:
        await _catch_up(running)
    if stated != running.directory_name:
        message = f"The directory in use is {running.directory_name}"
        raise Fault("Server.ServerProxy.OutdatedGlobalConf", message)


async def _catch_up(running: Running) -> None:
    try:
        await running.refresh()
    except (Unreachable, BadDirectory):
        raise Fault("Server.ServerProxy.OutdatedGlobalConf", "This node's directory is too old") from None


def _serial(stated: str) -> int:
    number = stated.partition(":")[0]
    return int(number) if number.isdigit() and len(number) < 12 else 0
