"""The exchange: what it offers. The gateway, commands, pages and tests call only this.

Requests are many and short, so their evidence is committed together (`permit` and `commit`, by the rules of the door:
nothing is given or used unless its evidence is durable). Everything else opens the door itself.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commonweal.config.node import Node
from commonweal.core import clock
from commonweal.core.act import act, forbid_open_act
from commonweal.core.exchange import (
    asking,
    elsewhere,
    federation,
    member_keys,
    membership,
    offers,
    omissions,
    statements,
)
from commonweal.core.exchange import directory as directories
from commonweal.core.exchange.directory import BadDirectory, Directory, System
from commonweal.core.exchange.elsewhere import Told
from commonweal.core.exchange.membership import Membership
from commonweal.core.exchange.omissions import Comparison
from commonweal.core.exchange.outbox import Event, Subscription, cloud_event
from commonweal.core.exchange.sides import Replayed, SideRow, add_nonces, add_sides
from commonweal.core.exchange.statements import BadStatement, JoinCode
from commonweal.core.exchange.xroad import MemberId, member_id
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.identity.people import identifiers, identifiers_in, identify, known, pairwise
from commonweal.core.ledger.entries import MissingChain, hold_chains
from commonweal.core.ledger.models import Checkpoint
from commonweal.core.ledger.together import Act, Written, add_acts
from commonweal.core.ledger.verify import VerifierKey
from commonweal.core.policy import published
from commonweal.core.policy.actions import Purpose, Words, declare, purpose_named, reference
from commonweal.core.policy.decide import Decision, Question
from commonweal.core.policy.purposes import OPERATION, OWN_ACCESS
from commonweal.core.portal import uses
from commonweal.core.portal.uses import Use
from commonweal.core.record import new_act_id, shared_part, subjects_part
from commonweal.core.standing import decision_on, decisions_on, may_end, reason

MOST_USES = 10_000

OFFICE = _("the office that runs this node")
ASK = declare("exchange.ask", _("Asked another agency for your data"), changes=False, ask=OFFICE)
RECEIVE = declare("exchange.receive", _("Received your data from another agency"), changes=False, ask=OFFICE)
PROVIDE = declare("exchange.provide", _("Gave your data to another agency"), changes=False, ask=OFFICE)
PUBLISH = declare("exchange.directory.publish", _("Published a new version of the directory"), changes=True, ask=OFFICE)
TELL = declare("exchange.tell", _("Told another agency that something in your data changed"), changes=False, ask=OFFICE)
ELSEWHERE = declare(
    "exchange.elsewhere.read", _("Looked at who used your data at other offices"), changes=False, ask=OFFICE
)
USAGE = declare("exchange.usage.read", _("Showed you in a portal who used your data"), changes=False, ask=OFFICE)
reference("exchange/usage", _("who used your data"))
reference("exchange/event", _("that something happened"))
reference("exchange/answer", _("an answer of another agency"))
reference("exchange/service", _("what the service shows"))


@dataclass(frozen=True)
class Draft:
    """One act of the exchange, decided but not durable yet.

    `counterpart` is what the record keeps of the other node; `mark` is how the request is remembered: it must be new.
    """

    question: Question
    decision: Decision
    counterpart: dict[str, Any]
    side: SideRow
    disclosed: tuple[str, ...] = ()
    mark: bytes = b""
    act_id: bytes = field(default_factory=new_act_id)


@dataclass(frozen=True)
class Done:
    """An act whose evidence is durable: permitted or refused, the leaf's hash, and the reason for a refusal."""

    permitted: bool
    leaf: bytes
    reason: Words = ""


Outcome = Done | Replayed | MissingChain


def permit(questions: Sequence[Question]) -> list[Decision]:
    """What the policy says to each question, now."""
    return decisions_on(questions, published.in_force())


def commit(drafts: Sequence[Draft]) -> list[Outcome]:
    """Make many acts durable in one transaction, each with a leaf of its own; what became of each.

    What a decision stood on (rules, consent) is looked at again under the write lock. A refusal is evidence too. A
    request that was answered before leaves nothing but the `Replayed` that it gets.
    """
    with transaction.atomic(durable=True):
        held = hold_chains({draft.question.subject.chain for draft in drafts if draft.question.subject})
        drafts = _decided_again(drafts)
        fresh = add_nonces([draft.mark for draft in drafts if draft.mark])
        outcome: list[Outcome | None] = [None] * len(drafts)
        chosen: list[int] = []
        for place, draft in enumerate(drafts):
            if draft.mark and draft.mark not in fresh:
                outcome[place] = Replayed("this request was answered before")
            else:
                chosen.append(place)
            fresh.discard(draft.mark)
        written = add_acts([_act(drafts[place]) for place in chosen], held)
        sides = []
        for place, result in zip(chosen, written, strict=True):
            if isinstance(result, Written):
                sides.append(_side_row(drafts[place], result.leaf_hash))
                outcome[place] = _done(drafts[place], result)
            else:
                outcome[place] = result
        add_sides(sides)
    return [one for one in outcome if one is not None]


def _decided_again(drafts: Sequence[Draft]) -> list[Draft]:
    """What a decision stood on may have changed meanwhile: the rules, or what can end at any moment.

    Asked for all requests of one system and purpose at once; one by one only where that is refused.
    """
    rules = published.in_force()
    version = rules.version
    decided, groups = list(drafts), dict[tuple[Any, ...], list[int]]()
    for place, draft in enumerate(drafts):
        question = draft.question
        if draft.decision.permitted and (draft.decision.version != version or may_end([question])):
            groups.setdefault((question.actor, question.action, question.purpose.name), []).append(place)
    for places in groups.values():
        same_rules = all(drafts[place].decision.version == version for place in places)
        if same_rules and decision_on([drafts[place].question for place in places], rules).permitted:
            continue
        for place in places:
            decided[place] = replace(drafts[place], decision=decision_on([drafts[place].question], rules))
    return decided


def _side_row(draft: Draft, leaf: bytes) -> tuple[Any, ...]:
    return draft.side.row(draft.act_id, leaf, permitted=draft.decision.permitted)


def _act(draft: Draft) -> Act:
    disclosed = draft.disclosed if draft.decision.permitted else ()
    shared = shared_part(draft.act_id, draft.question, draft.decision, disclosed=disclosed)
    shared |= {"counterpart": draft.counterpart}
    people = [draft.question.subject] if draft.question.subject else []
    return Act(draft.act_id, shared, subjects_part(people, [], draft.question.actor.person))


def _done(draft: Draft, written: Written) -> Done:
    if draft.decision.permitted:
        return Done(True, written.leaf_hash)
    return Done(False, written.leaf_hash, reason(draft.decision, published.rules_at(draft.decision.version)))


# The federation's directory


def found(node: Node, instance: str, address: str) -> Membership:
    """Begin a federation whose directory this node keeps. Raises BadMembership, Refused."""
    key = member_keys.create(node.keys / "directory.ed25519")
    authority = member_keys.vkey(directories.key_name(instance), key)
    joined = membership.write(node, instance, address, authority, address)
    if federation.newest_note() is None:
        _publish(joined, directories.first(instance, authority, clock.now()))
    return joined


def invite(joined: Membership, member: MemberId) -> JoinCode:
    """A code for one member, to be handed over by a person. Raises Refused, BadDirectory."""
    if not joined.authority_here or member.instance != joined.instance:
        raise BadDirectory(f"invitations into {member.instance} are made where its directory is kept")
    with act(the_node("directory"), PUBLISH, purpose=OPERATION, object=str(member)) as evidence:
        code = federation.invite(joined, member, clock.now())
        evidence.changed(["exchange/invitation"])
    return code


def join(node: Node, code: JoinCode, address: str, names: dict[str, str]) -> Membership:
    """Join the member whom the code invites, and whom this node hosts.

    Raises BadCode, BadDirectory, BadStatement, BadMembership, Unreachable, Refused.
    """
    forbid_open_act("joining a federation")
    here = membership.load(node)
    at_home = here is not None and here.authority_here and here.authority_address == code.address
    note = federation.newest_note() if at_home else federation.fetch_directory(code.address)
    current = directories.read_pinned(note or "", lambda key: statements.fingerprint(key) == code.authority)
    key = member_keys.create(membership.key_path(node, code.member.code))
    statement = statements.enrolment(current, federation.this_node(node, address), code.member, names, key)
    authority = VerifierKey.parse(current.authority)
    joined = membership.write(node, current.instance, address, authority, code.address)
    _hand_over(joined, statement, statements.proof(code.key, statement))
    return joined


def rotate(joined: Membership, member: MemberId) -> str:
    """Change a member's key: the new one is in force once the directory has it. Returns the new key's id."""
    path = membership.key_path(joined.node, member.code)
    fresh = path.with_suffix(".new")
    new = member_keys.create(fresh)
    _hand_over(joined, statements.rotation(federation.newest(joined), member, member_keys.load(path), new))
    fresh.rename(path)
    return member_keys.key_id(member_keys.vkey(str(member), new))


def revoke(joined: Membership, member: MemberId, keyid: str) -> None:
    """Take a member's key out of force."""
    key = joined.key_of(member.code)
    _hand_over(joined, statements.revocation(federation.newest(joined), member, keyid, key))


def offer(joined: Membership, member: MemberId, systems: Iterable[System]) -> None:
    """Publish which systems a member has and what they offer; nothing happens when that is known already."""
    current = federation.newest(joined)
    known, systems = current.member(member), tuple(systems)
    if known is None or known.systems != systems:
        _hand_over(joined, statements.offer(current, member, systems, joined.key_of(member.code)))


def accept(joined: Membership, statement: str, proof: str = "") -> str:
    """A statement arrives where the directory is kept; the signed directory that follows from it.

    Raises BadStatement, BadDirectory, UnfitKey, BadCode, Refused.
    """
    if not joined.authority_here:
        raise BadStatement(f"the directory is kept at {joined.authority_address}")
    now = clock.now()
    code = _proved_code(statement, proof, now)
    with act(the_node("directory"), PUBLISH, purpose=OPERATION) as evidence:
        new = statements.apply(federation.newest(joined), statement, now, code)
        if code is not None:
            federation.use_up(code, now)
        note = federation.signed(joined, new)
        federation.store(note)
        evidence.changed([f"exchange/directory/{new.serial}"])
    return note


def renew(joined: Membership) -> None:
    """Issue the directory anew when it is a day old, so that it stays usable."""
    current = federation.newest(joined)
    if joined.authority_here and clock.now() - datetime.fromisoformat(current.issued) > federation.RENEWED:
        _publish(joined, directories.next_version(current, clock.now()))


def adopt(joined: Membership, note: str) -> Directory:
    """Use a directory that somebody served, if its key signed it and it is newer. Raises BadDirectory, Refused."""
    new = directories.read(note, joined.authority)
    if federation.newest_note() == note:
        return new
    with act(the_node("directory"), PUBLISH, purpose=OPERATION) as evidence:
        old = federation.newest(joined) if federation.newest_note() else None
        federation.check_follows(old, new, clock.now())
        if old is None or old.hash != new.hash:
            federation.store(note)
            evidence.changed([f"exchange/directory/{new.serial}"])
    return new


def refresh(joined: Membership) -> Directory:
    """Ask for the newest directory. Raises Unreachable, BadDirectory, Refused."""
    if joined.authority_here:
        return federation.newest(joined)
    forbid_open_act("asking for the directory")
    return adopt(joined, federation.fetch_directory(joined.authority_address))


def _publish(joined: Membership, new: Directory) -> None:
    with act(the_node("directory"), PUBLISH, purpose=OPERATION) as evidence:
        federation.store(federation.signed(joined, new))
        evidence.changed([f"exchange/directory/{new.serial}"])


def _hand_over(joined: Membership, statement: str, proof: str = "") -> Directory:
    forbid_open_act("changing the directory")
    if joined.authority_here:
        accept(joined, statement, proof)
        return federation.newest(joined)
    return adopt(joined, federation.send_statement(joined.authority_address, statement, proof))


def _proved_code(statement: str, proof: str, now: datetime) -> bytes | None:
    """The key of the code that the sender of a statement holds."""
    if not proof:
        return None
    try:
        member = json.loads(statement.rpartition("\n\n")[0])["member"]
    except (ValueError, KeyError, TypeError):
        raise BadStatement("the statement names no member") from None
    codes = federation.open_invitations(member, now)
    return next((key for key in codes if hmac.compare_digest(statements.proof(key, statement), proof)), None)


def publish(joined: Membership) -> list[tuple[str, tuple[System, ...]]]:
    """Put what this node's members offer and which of their systems ask into the directory; what is there now.

    Raises BadOffer, BadDirectory, BadStatement, Unreachable.
    """
    all_offers = offers.load(joined.node.home)
    here = [member for member in refresh(joined).members if member.node == joined.node.origin]
    shown = []
    for member in here:
        id_ = member_id(member.id)
        systems = offers.systems(all_offers.values(), id_.code, [client.system for client in joined.clients.values()])
        offer(joined, id_, systems)
        shown.append((member.id, systems))
    return shown


def compare(joined: Membership, patience: timedelta = omissions.PATIENCE) -> Comparison:
    """Whether the other nodes' logs hold what they told us they did. Raises BadDirectory."""
    forbid_open_act("reading other nodes' logs")
    return omissions.compare(federation.newest(joined), clock.now(), patience)


# Events


def tell(subscription: Subscription, events: Sequence[Event]) -> list[dict[str, Any]]:
    """What a subscriber may be told of these events, now; durable evidence before anything is sent.

    Sending the same again, after a failure, adds no evidence. Raises Refused when a right ended in this very moment.
    """
    actor = Actor(
        "service", f"system:{subscription.system}", subscription.system, subscription.agency,
        frozenset({"exchange-client"}), 2, automatic=True,
    )  # fmt: skip
    why = purpose_named(subscription.purpose)
    people = known([event.person for event in events if event.person])
    if why is None:
        return []
    rules = published.in_force()
    seen = [event for event in (_seen(event, why) for event in events) if event]
    decided = decisions_on([Question(actor, TELL, why, one, subscription.system) for one in people.values()], rules)
    allowed = {one.id: one for one, decision in zip(people.values(), decided, strict=True) if decision.permitted}
    shown = [event for event in seen if event.person is None or event.person in allowed]
    subjects = list(dict.fromkeys(allowed[event.person] for event in shown if event.person))
    if subjects:
        key = f"{subscription.id}|{shown[0].position}|{shown[-1].position}"
        with act(actor, TELL, purpose=why, subject=subjects, object=subscription.system, key=key) as evidence:
            evidence.disclosed(["exchange/event"])
    source = f"//{settings.COMMONWEAL.origin}"
    names = _names(subjects, subscription)
    return [cloud_event(event, source, names[event.person] if event.person else None) for event in shown]


def _seen(event: Event, why: Purpose) -> Event | None:
    """An event with those references among its `fields` that a purpose may see, or None when that is none of them."""
    fields = event.data.get("fields")
    if fields is None:
        return event
    visible = [field for field in fields if field in why.data]
    return replace(event, data=event.data | {"fields": visible}) if visible else None


def _names(people: Sequence[Person], subscription: Subscription) -> dict[UUID, dict[str, str]]:
    """How people are named in what a subscriber is told."""
    known_as = identifiers_in(subscription.scheme, people) if subscription.scheme else {}
    return {
        one.id: {"scheme": subscription.scheme, "value": known_as[one.id]}
        if one.id in known_as
        else {"scheme": "pairwise", "value": pairwise(one, subscription.agency)}
        for one in people
    }


# The resident's side


def find_usage(actor: Actor, name: tuple[str, str], start: datetime, stop: datetime) -> list[Use] | None:
    """Who used a person's data in this time, newest first; None for somebody unknown. Raises Refused.

    Uses by the people themselves are left out; what is under seal is not there yet.
    """
    person = identify(*name)
    with act(actor, USAGE, subject=person, purpose=OWN_ACCESS) as evidence:
        evidence.disclosed(["exchange/usage"])
    if person is None:
        return None
    found = uses.newest(person, MOST_USES)
    return [use for use in found if start <= use.at <= stop and use.action != USAGE and not use.own and not use.refused]


def used_elsewhere(actor: Actor, person: Person) -> list[Told]:
    """Who used a person's data on the other nodes of the federation, as each of them tells. One entry a session.

    Raises Refused, BadMembership, BadDirectory.
    """
    with act(actor, ELSEWHERE, subject=person, purpose=OWN_ACCESS, key=actor.session) as evidence:
        evidence.disclosed(["exchange/usage"])
    joined, identifier = membership.load(settings.COMMONWEAL), identifiers(person).get(asking.SCHEME, "")
    if joined is None or not identifier:
        return []
    forbid_open_act("asking other nodes")
    return elsewhere.ask_all(joined, federation.newest(joined), identifier)


def ask_about(
    person: Person, service: str, purpose: Purpose, consent: str = "", content: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """What a service tells a room of this node about a person, or says to what it is given; see `asking`.

    Raises NotTold.
    """
    forbid_open_act("asking another service")
    return asking.ask_about(person, service, purpose, consent, content)


def evidence_begins() -> datetime:
    """Since when this node keeps evidence: the time of its first checkpoint, or now."""
    first = Checkpoint.objects.order_by("created").first()
    return first.created if first else clock.now()
