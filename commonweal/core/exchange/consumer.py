"""The consumer's side: a system of ours asks in X-Road's way; the node signs, sends, and keeps evidence of both steps.

"Asked" is durable before anything leaves, "received" before anything is given to the system that asked. The provider's
signature over the answer covers our request's, and the record of "received" keeps it with the provider's leaf hash.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpcore
from django.db import DatabaseError

from commonweal.core.clock import now
from commonweal.core.exchange import digests, metaservices, signatures
from commonweal.core.exchange.arrivals import LONGEST_ID
from commonweal.core.exchange.directory import BadDirectory, Member, Service
from commonweal.core.exchange.federation import UNREACHED, Unreachable
from commonweal.core.exchange.membership import Client, authority_of
from commonweal.core.exchange.message import Message, Reply, fault_reply
from commonweal.core.exchange.offers import LARGEST
from commonweal.core.exchange.running import Running
from commonweal.core.exchange.service import ASK, RECEIVE, Done, Draft, permit
from commonweal.core.exchange.sides import SideRow
from commonweal.core.exchange.signatures import BadSignature
from commonweal.core.exchange.sources.call import matching
from commonweal.core.exchange.spool import Spool
from commonweal.core.exchange.xroad import (
    METHODS,
    Fault,
    MethodNotAllowed,
    SubsystemId,
    Target,
    passed_on,
    request_hash,
    subsystem_id,
    target,
)
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.identity.service import actor_of_token
from commonweal.core.policy.actions import Purpose, declared_purposes, purpose_named
from commonweal.core.policy.decide import Question

VALID = 60  # seconds that a request of ours is valid
SYSTEM_ROLE = "exchange-system"
ANSWER_COVERS = (
    "content-digest", "x-road-client", "x-road-service", "x-road-id", "x-road-request-id", "x-road-request-hash",
    "commonweal-leaf",
)  # fmt: skip
KEPT_HERE = frozenset({"authorization", "signature", "signature-input", "content-digest"})
NOT_FOR_CLIENTS = frozenset({"signature", "signature-input", "content-digest"})
TIMEOUT = {"connect": 5.0, "read": 120.0, "write": 60.0, "pool": 10.0}


@dataclass(frozen=True)
class Wish:
    """What a system of ours wants, checked as far as this node can."""

    message: Message
    headers: dict[str, str]
    target: Target
    client: SubsystemId
    member: Member
    service: Service
    purpose: Purpose
    actor: Actor
    body: Spool
    person: Person | None

    @property
    def address(self) -> str:
        return f"{self.message.path}?{self.target.query}" if self.target.query else self.message.path


@dataclass(frozen=True)
class Sent:
    """A signed request and what came back."""

    headers: dict[str, str]
    passed: dict[str, str]
    status: int
    answer: dict[str, str]
    body: Spool


class Consumer:
    """Asks other nodes for the systems of this node's members."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def answer(self, message: Message) -> Reply:
        """The provider's answer, or an X-Road fault."""
        wish: Wish | None = None
        try:
            wish = await self._wish(message)
            return await self._ask(wish)
        except Fault as fault:
            fault.detail = fault.detail or str(uuid4())
            if wish is None:
                self.running.note_refusal(fault.type, "", message.path.removeprefix("/r1/"), "")
            return fault_reply(fault)
        except DatabaseError:
            return fault_reply(Fault("Server.ClientProxy.DatabaseError", "The evidence could not be written"))
        finally:
            if wish is not None:
                wish.body.close()

    async def _wish(self, message: Message) -> Wish:
        """Raises Fault."""
        headers = message.headers()
        wanted = target(message.path, message.query)
        if message.method not in METHODS:
            raise MethodNotAllowed(METHODS)
        if "x-road-client" not in headers:
            raise Fault("Client.BadRequest", "X-Road-Client is missing: name the system that asks")
        client, actor = await self._known_client(message, headers)
        purpose = _purpose(headers, client)
        self._check_directory()
        found = self._found(wanted) or (self._found(wanted) if await self._caught_up() else None)
        if found is None:
            raise Fault("Server.ClientProxy.UnknownService", f"The directory has no service {wanted.service}")
        _check_method(message.method, wanted, found[1])
        headers.setdefault("x-road-id", str(uuid4()))
        if len(headers["x-road-id"]) > LONGEST_ID:
            raise Fault("Client.BadRequest", f"X-Road-Id has more than {LONGEST_ID} characters")
        body = await message.body(self.running.spool, LARGEST)
        name = self.running.subject_name(found[1], "", body)
        person = await self.running.desk.read(lambda: people.identify(*name)) if name else None
        return Wish(message, headers, wanted, client.system, found[0], found[1], purpose, actor, body, person)

    async def _known_client(self, message: Message, headers: Mapping[str, str]) -> tuple[Client, Actor]:
        """The system that asks: by its token, or from an address that the operator trusts. Raises Fault."""
        system = subsystem_id(headers["x-road-client"])
        client = self.running.joined.clients.get(str(system))
        if client is None or not self.running.hosts(system.member):
            raise Fault("Server.ClientProxy.UnknownMember", f"{system} is no system of this node")
        header = headers.get("authorization", "")
        token = await self.running.desk.read(lambda: actor_of_token(header)) if header else None
        by_token = token is not None and token.agency == system.member.code
        if not by_token and not client.may_come_from(message.caller):
            raise Fault("Server.ClientProxy.AuthenticationFailed", "Send a service account's token of this agency")
        return client, Actor(
            kind="service",
            id=token.id if token and by_token else f"system:{system}",
            name=headers.get("x-road-userid") or (token.name if token and by_token else str(system)),
            agency=system.member.code,
            roles=frozenset({SYSTEM_ROLE}),
            assurance=2,
            automatic="x-road-userid" not in headers,
        )

    def _found(self, wanted: Target) -> tuple[Member, Service] | None:
        described = metaservices.described(wanted.service.code)
        member = self.running.directory.member(wanted.service.subsystem.member)
        return (member, described) if described and member else self.running.directory.service(wanted.service)

    def _check_directory(self) -> None:
        try:
            usable = self.running.directory.usable(now())
        except BadDirectory:
            usable = False
        if not usable:
            raise Fault("Server.ClientProxy.OutdatedGlobalConf", "This node's directory is too old")

    async def _ask(self, wish: Wish) -> Reply:
        leaf = await self._asked(wish)
        sent = await self._send(wish, leaf)
        if sent.answer.get("x-road-error") == "Server.ServerProxy.OutdatedGlobalConf" and await self._caught_up():
            sent.body.close()
            sent = await self._send(wish, leaf)
        try:
            return await self._received(wish, sent)
        except BaseException:
            sent.body.close()
            raise

    async def _asked(self, wish: Wish) -> bytes:
        """Make "asked" durable; its leaf. Raises Fault when the node's own rules say no."""
        question = Question(
            wish.actor, ASK, wish.purpose, wish.person, str(wish.target.service),
            wish.headers.get("commonweal-consent", ""), _case(wish.headers),
        )  # fmt: skip
        decision = (await self.running.desk.read(lambda: permit([question])))[0]
        side = _side(wish, "asked", None)
        outcome = await self.running.desk.commit(Draft(question, decision, _counterpart(wish), side))
        if not isinstance(outcome, Done):
            raise Fault("Server.ClientProxy.DatabaseError", "The evidence could not be written")
        if not outcome.permitted:
            raise Fault("Server.ClientProxy.AccessDenied", str(outcome.reason) or "The rules of this node say no")
        return outcome.leaf

    async def _send(self, wish: Wish, leaf: bytes) -> Sent:
        """Sign and send. Raises Fault."""
        node = self.running.directory.node_of(wish.member)
        headers = self._headers(wish, leaf)
        path = f"/exchange{wish.message.path}"
        place = {
            "@method": wish.message.method,
            "@authority": authority_of(node.address),
            "@path": path,
            "@query": f"?{wish.message.query}",
        }
        key, keyid = self.running.signing_key(wish.client.member)
        created = int(time.time())
        nonce = secrets.token_urlsafe(18)
        headers |= signatures.sign_request(
            key, keyid, place, headers, nonce=nonce, created=created, expires=created + VALID
        )
        base = httpcore.URL(node.address)
        request = httpcore.Request(
            wish.message.method,
            httpcore.URL(
                scheme=base.scheme, host=base.host, port=base.port,
                target=path.encode() + (f"?{wish.message.query}".encode() if wish.message.query else b""),
            ),
            headers=[(b"host", place["@authority"].encode()), (b"content-length", str(wish.body.size).encode())]
            + [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            content=wish.body.stream(),
            extensions={"timeout": TIMEOUT},
        )  # fmt: skip
        try:
            response = await self.running.pool.handle_async_request(request)
            body = Spool(self.running.spool, LARGEST)
            try:
                async for piece in response.aiter_stream():
                    body.write(piece)
            except BaseException:
                body.close()
                raise
            finally:
                await response.aclose()
        except UNREACHED as error:  # TooLarge among them
            text = f"{node.origin} cannot be reached: {type(error).__name__}"
            raise Fault("Server.ClientProxy.NetworkError", text) from error
        answer = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        passed = passed_on({name: value for name, value in headers.items() if not name.startswith("signature")})
        return Sent(headers, passed, response.status, answer, body)

    def _headers(self, wish: Wish, leaf: bytes) -> dict[str, str]:
        """Everything that goes to the provider and is signed. Who sits at the system stays here, under a pseudonym."""
        own = {name: value for name, value in passed_on(wish.headers).items() if name not in KEPT_HERE}
        if user := own.pop("x-road-userid", ""):
            secret = self.running.node.secret("pairwise")
            name = hmac.digest(secret, f"user|{wish.client}|{user}".encode(), "sha256")[:12]
            own["x-road-userid"] = base64.urlsafe_b64encode(name).decode()
        own |= {
            "x-road-request-id": str(uuid4()),
            "content-digest": digests.content_digest(wish.body.sha256),
            "commonweal-purpose": wish.purpose.name,
            "commonweal-basis": wish.purpose.basis,
            "commonweal-directory": self.running.directory_name,
            "commonweal-leaf": leaf.hex(),
        }
        own.setdefault("accept", "application/json")
        if case := _case(wish.headers):
            own["commonweal-case"] = case
        return own

    async def _caught_up(self) -> bool:
        """Whether the keeper of the directory has a newer one; asked at most once a second."""
        before = self.running.directory_name
        try:
            await self.running.refresh(at_most_every=1.0)
        except (Unreachable, BadDirectory):
            return False
        return self.running.directory_name != before

    async def _received(self, wish: Wish, sent: Sent) -> Reply:
        """Check the answer, make "received" durable, give it out. Raises Fault."""
        unsigned = "signature" not in sent.answer and "x-road-error" in sent.answer
        leaf, signature, keyid = (None, b"", "") if unsigned else self._checked(wish, sent)
        question = Question(
            wish.actor, RECEIVE, wish.purpose, wish.person, str(wish.target.service),
            wish.headers.get("commonweal-consent", ""), _case(wish.headers),
        )  # fmt: skip
        decision = (await self.running.desk.read(lambda: permit([question])))[0]
        counterpart = _counterpart(wish) | {
            "status": sent.status,
            "signature": signature.hex(),
            "key": keyid,
            "leaf": leaf.hex() if leaf else "",
            "request": sent.headers["signature"],
        }
        if error := sent.answer.get("x-road-error"):
            counterpart["fault"] = error[:100]
        draft = Draft(
            question, decision, counterpart, _side(wish, "received", leaf),
            ("exchange/answer",) if 200 <= sent.status < 300 else (),
        )  # fmt: skip
        outcome = await self.running.desk.commit(draft)
        if not isinstance(outcome, Done) or not outcome.permitted:
            raise Fault("Server.ClientProxy.AccessDenied", "The rules of this node say no")
        given = {name: value for name, value in passed_on(sent.answer).items() if name not in NOT_FOR_CLIENTS}
        return Reply(sent.status, given, sent.body)

    def _checked(self, wish: Wish, sent: Sent) -> tuple[bytes, bytes, str]:
        """The provider's leaf hash, signature and key, once all of it is as it must be. Raises Fault."""
        try:
            signed = signatures.read(sent.answer)
            owner = self.running.directory.key(signed.keyid)
            if owner is None or owner[0].id != wish.member.id or owner[1].revoked:
                raise BadSignature("the answer is not signed by the member that was asked")
            covered = {name for name in sent.answer if name.startswith(("x-road-", "commonweal-"))}
            signatures.verify_answer(
                signed, owner[1].public, sent.status, sent.answer, request=sent.headers,
                required=covered.union(ANSWER_COVERS),
            )  # fmt: skip
            if digests.digest_in(sent.answer["content-digest"]) != sent.body.sha256:
                raise BadSignature("the answer's body is not the one that was signed")
            hashed = request_hash(wish.message.method, wish.address, sent.passed, wish.body.sha512)
            if sent.answer["x-road-request-hash"] != hashed or sent.answer["x-road-id"] != wish.headers["x-road-id"]:
                raise BadSignature("the answer is to another request")
            return bytes.fromhex(sent.answer["commonweal-leaf"]), signed.value, signed.keyid
        except (BadSignature, digests.BadDigest, ValueError) as error:
            self.running.note_refusal(
                "Server.ClientProxy.InvalidSignature", str(wish.client), str(wish.target.service),
                wish.headers["x-road-id"],
            )  # fmt: skip
            raise Fault("Server.ClientProxy.InvalidSignature", f"The answer was not given out: {error}") from error


def _side(wish: Wish, kind: str, peer_leaf: bytes | None) -> SideRow:
    return SideRow(
        kind, wish.headers["x-road-id"], str(wish.client), str(wish.target.service), wish.member.node, peer_leaf
    )


def _purpose(headers: Mapping[str, str], client: Client) -> Purpose:
    """The stated purpose, or the system's usual one. Raises Fault."""
    stated = headers.get("commonweal-purpose") or client.purpose
    found = purpose_named(stated)
    if found is None:
        names = ", ".join(known.name for known in declared_purposes())
        raise Fault("Client.UnknownPurpose", f"State the purpose in Commonweal-Purpose, one of: {names}")
    if headers.get("commonweal-basis", found.basis) != found.basis:
        raise Fault("Client.WrongBasis", f"{found.name} rests on {found.basis}")
    return found


def _case(headers: Mapping[str, str]) -> str:
    """The case that the use belongs to; X-Road's own word for it is the issue."""
    return headers.get("commonweal-case") or headers.get("x-road-issue", "")


def _counterpart(wish: Wish) -> dict[str, Any]:
    """What our record keeps of whom we ask."""
    return {
        "message": wish.headers["x-road-id"],
        "client": str(wish.client),
        "service": str(wish.target.service),
        "node": wish.member.node,
        "body": wish.body.sha256.hex(),
    }


def _check_method(method: str, wanted: Target, service: Service) -> None:
    """Raises Fault for a method that the service does not have at this path; of an unknown path its owner tells."""
    allowed = {one for one in METHODS if matching(service.endpoints, one, wanted.path or "/")}
    if metaservices.described(wanted.service.code):
        allowed = {"GET"}
    if allowed and method not in allowed:
        raise MethodNotAllowed(allowed)
