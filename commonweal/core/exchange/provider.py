"""The provider's side: a signed request of another node comes in; data goes out only with durable evidence.

Order: read and check the signature, then the body's digest, decide, ask the source, commit, sign. A request that
proves nobody is answered by an unsigned fault and noted in the security log; everything later is evidence and signed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.db import DatabaseError

from commonweal.core.exchange import arrivals, digests, metaservices, signatures
from commonweal.core.exchange.arrivals import PREFIX, Arrival
from commonweal.core.exchange.directory import BadDirectory, Service
from commonweal.core.exchange.message import Message, Reply, fault_reply
from commonweal.core.exchange.offers import Access, Offer
from commonweal.core.exchange.running import Running
from commonweal.core.exchange.service import PROVIDE, Done, Draft, permit
from commonweal.core.exchange.sides import Replayed, SideRow, add_nonces, add_sides, known_nonces
from commonweal.core.exchange.signatures import BadSignature
from commonweal.core.exchange.sources.call import Answer, Call, Source, SourceFailed, matching
from commonweal.core.exchange.spool import Spool
from commonweal.core.exchange.xroad import Fault, Target, passed_on, request_hash
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.ledger import counterpart
from commonweal.core.policy.actions import Purpose, purpose_named
from commonweal.core.policy.decide import Decision, Question
from commonweal.core.refused import Refused

CLIENT_ROLE = "exchange-client"


@dataclass(frozen=True)
class Asked:
    """A proved request for something that there is: `passed` are the headers that its signature covers."""

    arrival: Arrival
    passed: dict[str, str]
    service: Service
    offer: Offer | None  # None: a metaservice
    purpose: Purpose
    body: Spool


class Provider:
    """Answers signed requests for the services of this node's members."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def answer(self, message: Message) -> Reply:
        """The signed answer, or an unsigned fault to whoever proved nothing."""
        body: Spool | None = None
        try:
            arrival = await arrivals.proved(self.running, message)
            body = await message.body(self.running.spool, self._largest(arrival.target))
            if digests.digest_in(arrival.headers["content-digest"]) != body.sha256:
                raise Fault("Server.ServerProxy.BodyDigestMismatch", "The body is not the one that was signed")
            asked = self._asked(arrival, body)
        except (Fault, BadSignature, digests.BadDigest, BadDirectory) as error:
            if body is not None:
                body.close()
            return self._refuse(message, error)
        if arrival.mark in self.running.in_flight:
            return self._refuse(message, _repeated())
        self.running.in_flight.add(arrival.mark)
        try:
            return await self._provide(asked)
        except Replayed:
            return self._refuse(message, _repeated())
        except DatabaseError:
            return fault_reply(Fault("Server.ServerProxy.DatabaseError", "The evidence could not be written"))
        finally:
            self.running.in_flight.discard(arrival.mark)
            asked.body.close()

    def _largest(self, wanted: Target) -> int:
        offer = self._offer(wanted)
        return offer.largest if offer else 1_000_000

    def _offer(self, wanted: Target) -> Offer | None:
        place = wanted.service.subsystem
        return self.running.offer(place.member.code, place.code, wanted.service.code)

    def _asked(self, arrival: Arrival, body: Spool) -> Asked:
        """Raises Fault for a service, endpoint or purpose that there is not."""
        wanted, headers = arrival.target, arrival.headers
        offer = self._offer(wanted)
        described = offer.service if offer else metaservices.described(wanted.service.code)
        if described is None:
            raise Fault("Server.ServerProxy.UnknownService", f"{wanted.service} is not offered")
        method, path = arrival.message.method, wanted.path or "/"
        if offer and matching(described.endpoints, method, path) is None:
            raise Fault("Server.ServerProxy.UnknownEndpoint", f"{method} {path} is not offered")
        purpose = purpose_named(headers["commonweal-purpose"])
        if purpose is None:
            raise Fault("Server.ServerProxy.UnknownPurpose", "This node knows no such purpose")
        if headers["commonweal-basis"] != purpose.basis:
            raise Fault("Server.ServerProxy.WrongBasis", f"{purpose.name} rests on {purpose.basis}")
        covered = passed_on({name: headers[name] for name in arrival.signed.covered.headers})
        return Asked(arrival, covered, described, offer, purpose, body)

    async def _provide(self, asked: Asked) -> Reply:
        """Raises Replayed, DatabaseError."""
        call, question, decision = await self.running.desk.ask(self._decided, asked)
        if asked.offer and CLIENT_ROLE in call.actor.roles and asked.offer.source.opens_door:
            return await self._by_function(asked, asked.offer.source, call, question)
        answer: Answer | Fault
        try:
            answer = await self._ask(asked, call) if decision.permitted else _denied("")
        except SourceFailed as error:
            answer = Fault(f"Server.ServerProxy.{error.code}", str(error), str(uuid4()))
        shown = answer.disclosed if isinstance(answer, Answer) else ()
        draft = Draft(question, decision, _counterpart(asked), self._side(asked), shown, mark=asked.arrival.mark)
        outcome = await self._committed(draft)
        if not outcome.permitted:
            answer = _denied(str(outcome.reason))
        return self._signed(asked, answer, outcome.leaf)

    def _decided(self, many: list[Asked]) -> list[tuple[Call, Question, Decision] | Replayed]:
        """At the desk, for all that wait: is the request new, whom is it about, what do the rules say."""
        repeated = known_nonces([asked.arrival.mark for asked in many])
        names = [self._subject_name(asked) for asked in many]
        found = people.identify_all([name for name in names if name])
        calls = [
            self._call(asked, found.get(name) if name else None, name[1] if name else "")
            for asked, name in zip(many, names, strict=True)
        ]
        questions = [
            Question(
                call.actor, PROVIDE, call.purpose, call.subject, str(asked.arrival.target.service), call.consent,
                call.case,
            )
            for asked, call in zip(many, calls, strict=True)
        ]  # fmt: skip
        decided = zip(many, calls, questions, permit(questions), strict=True)
        return [
            Replayed("answered before") if asked.arrival.mark in repeated else (call, question, decision)
            for asked, call, question, decision in decided
        ]

    def _subject_name(self, asked: Asked) -> tuple[str, str] | None:
        return self.running.subject_name(asked.service, asked.offer.scheme if asked.offer else "", asked.body)

    def _call(self, asked: Asked, person: Person | None, identifier: str) -> Call:
        arrival, headers = asked.arrival, asked.arrival.headers
        access = asked.offer.access(arrival.client, asked.purpose.name) if asked.offer else None
        return Call(
            arrival.message.method, arrival.target.path, arrival.target.query, asked.passed, asked.body,
            _actor(asked, access), asked.purpose, person, identifier,
            headers.get("commonweal-consent", ""), headers.get("commonweal-case", ""),
        )  # fmt: skip

    async def _committed(self, draft: Draft) -> Done:
        outcome = await self.running.desk.commit(draft)
        if not isinstance(outcome, Done):
            raise outcome
        return outcome

    async def _ask(self, asked: Asked, call: Call) -> Answer:
        if asked.offer is None:
            return metaservices.answer(self.running, asked.arrival.target, asked.arrival.client, asked.arrival.member)
        return await asked.offer.source.fetch(call)

    async def _by_function(self, asked: Asked, source: Source, call: Call, question: Question) -> Reply:
        """A function of a room opens the door itself; its record names the other node, and takes the nonce along."""
        noted = _Noted(asked.arrival.mark, self._side(asked))
        answer: Answer | Fault
        with counterpart.named({"counterpart": _counterpart(asked)}, noted.written):
            try:
                answer = await source.fetch(call)
            except Refused as refusal:
                answer = _denied(str(refusal.reason))
        if not noted.leaf:  # the function opened no door: nothing was found
            decision = (await self.running.desk.read(lambda: permit([question])))[0]
            draft = Draft(question, decision, _counterpart(asked), self._side(asked), mark=asked.arrival.mark)
            noted.leaf = (await self._committed(draft)).leaf
        return self._signed(asked, answer, noted.leaf)

    def _side(self, asked: Asked) -> SideRow:
        arrival = asked.arrival
        leaf = bytes.fromhex(arrival.headers["commonweal-leaf"])
        return SideRow(
            "provided", arrival.id, str(arrival.client), str(arrival.target.service), arrival.client_member.node, leaf
        )

    def _signed(self, asked: Asked, answer: Answer | Fault, leaf: bytes) -> Reply:
        """The answer, bound to its request, with the leaf of our evidence."""
        arrival = asked.arrival
        reply = fault_reply(answer) if isinstance(answer, Fault) else _reply(answer)
        digest = reply.body.sha256 if isinstance(reply.body, Spool) else sha256(reply.body).digest()
        headers = reply.headers | {
            "x-road-client": arrival.headers["x-road-client"],
            "x-road-service": str(arrival.target.service),
            "x-road-id": arrival.id,
            "x-road-request-id": arrival.headers.get("x-road-request-id", arrival.id),
            "x-road-request-hash": request_hash(
                arrival.message.method, arrival.address, asked.passed, asked.body.sha512
            ),
            "commonweal-leaf": leaf.hex(),
            "content-digest": digests.content_digest(digest),
        }
        key, keyid = self.running.signing_key(arrival.target.service.subsystem.member)
        created = int(time.time())
        headers |= signatures.sign_answer(key, keyid, reply.status, headers, arrival.headers, created=created)
        return Reply(reply.status, headers, reply.body)

    def _refuse(self, message: Message, error: Exception) -> Reply:
        fault = error if isinstance(error, Fault) else Fault(_CODES[type(error)], str(error))
        fault.detail = fault.detail or str(uuid4())
        named = {name.lower(): value for name, value in message.raw_headers}
        client, id_ = (named.get(name, b"").decode("latin-1") for name in (b"x-road-client", b"x-road-id"))
        self.running.note_refusal(fault.type, client, message.path.removeprefix(PREFIX), id_)
        return fault_reply(fault)


_CODES: dict[type[Exception], str] = {
    BadSignature: "Server.ServerProxy.InvalidSignature",
    digests.BadDigest: "Server.ServerProxy.BadDigest",
    BadDirectory: "Server.ServerProxy.OutdatedGlobalConf",
}


class _Noted:
    """What happens inside the transaction of a function's own act: the nonce is used up, the other side is noted."""

    def __init__(self, mark: bytes, side: SideRow) -> None:
        self.leaf, self.mark, self.side = b"", mark, side

    def written(self, act: bytes, leaf: bytes, permitted: bool) -> None:
        """Raises Replayed, and then the act is undone."""
        if not self.leaf and not add_nonces([self.mark]):
            raise Replayed("this request was answered before")
        add_sides([self.side.row(act, leaf, permitted=permitted)])
        self.leaf = leaf


def _actor(asked: Asked, access: Access | None) -> Actor:
    """Whom the node's rules see: the system that asks, as its agency; in a role only where the owner opened it."""
    roles = frozenset[str]()
    if access is not None:
        roles = access.roles | {CLIENT_ROLE}
    elif asked.offer is None:
        roles = frozenset({CLIENT_ROLE})
    name = asked.arrival.client_member.names.get("en") or asked.arrival.client_member.id
    return Actor(
        kind="service",
        id=f"system:{asked.arrival.client}",
        name=name,
        agency=access.agency if access else asked.arrival.client_member.id,
        roles=roles,
        assurance=2,
        automatic="x-road-userid" not in asked.arrival.headers,
    )


def _counterpart(asked: Asked) -> dict[str, Any]:
    """What our record keeps of the consumer: its message, signature and leaf."""
    return {
        "message": asked.arrival.id,
        "client": str(asked.arrival.client),
        "service": str(asked.arrival.target.service),
        "key": asked.arrival.signed.keyid,
        "signature": asked.arrival.signed.value.hex(),
        "leaf": asked.arrival.headers["commonweal-leaf"],
        "node": asked.arrival.client_member.node,
    }


def _reply(answer: Answer) -> Reply:
    return Reply(answer.status, dict(answer.headers), answer.body)


def _repeated() -> Fault:
    return Fault("Server.ServerProxy.ReplayedRequest", "This request was answered before")


def _denied(reason: str) -> Fault:
    return Fault("Server.ServerProxy.AccessDenied", reason or "The service is not open to this system", str(uuid4()))
