"""Erasing entries and people, what is over its time, again after a restore; and handing over all that is held.

Officers only propose; two of them decide in a case, and then the node carries it out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from commonweal.core import clock
from commonweal.core.act import act, now_acting
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import CaseType, Queue, Ruling
from commonweal.core.cases.worklist import number
from commonweal.core.erasure import tombstones
from commonweal.core.erasure.models import Request
from commonweal.core.erasure.rooms import expiring, keeping_personal_data
from commonweal.core.erasure.tombstones import Tombstone
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.ledger import sealed
from commonweal.core.ledger.deletion import delete_records
from commonweal.core.mandates.in_force import NEVER
from commonweal.core.policy.actions import Words, declare, filled, purpose, reference
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.portal import uses
from commonweal.core.portal.uses import Use

OFFICE = _("the office that runs this node")
PROPOSE = declare("erasure.request.ask", _("Proposed to erase something about you"), changes=True, ask=OFFICE)
LOOK = declare("erasure.entries.read", _("Looked for entries of yours to erase"), changes=False, ask=OFFICE)
EXPIRE = declare("erasure.expired.delete", _("Deleted what was over its time"), changes=True, ask=OFFICE)
ERASE_ENTRIES = declare("erasure.entries.erase", _("Erased entries of your record"), changes=True, ask=OFFICE)
ERASE_PERSON = declare("erasure.person.erase", _("Erased everything about a person"), changes=True, ask=OFFICE)
EXPORT = declare("erasure.person.export", _("Took all data that is held about you"), changes=False, ask=OFFICE)
ERASING = purpose("erasure.duty", _("To erase what must not be kept"), "legal_obligation", "dpv:RightsFulfilment")
reference("ledger/entry", _("an entry of your record"))
reference("ledger/sealed", _("an entry that was under seal"))
reference("erasure/request", _("a request to erase something"))

RULES = {
    "request": _("The person asked for it and nothing forbids it (GDPR Art. 17(1))"),
    "unlawful": _("It should never have been recorded (GDPR Art. 17(1)(d))"),
    "expired": _("The time for keeping it is over (GDPR Art. 5(1)(e))"),
}


class NothingToErase(LookupError):
    """There is no such entry, or it was erased before."""


def entries_of(actor: Actor, person: Person) -> list[Use]:
    """An erasure officer looks for entries of a person, newest first, at most 200. Raises Refused."""
    with act(actor, LOOK, subject=person, purpose=ERASING) as evidence:
        evidence.disclosed(["ledger/entry"])
        return uses.newest(person, 200)


def propose(actor: Actor, person: Person, entries: Sequence[int], rule: str, reason: str, *, key: str = "") -> str:
    """An officer proposes to erase entries, or with none everything about a person. Returns the request's id.

    It becomes a case in which two officers decide. Raises Refused; ValueError for an unknown rule, without a reason,
    for what the officer did, and for an open case's evidence; NothingToErase.
    """
    _check_rule(rule)
    if not reason.strip():
        raise ValueError(_("Write why"))
    with act(actor, PROPOSE, subject=person, purpose=ERASING, object=f"rule:{rule}", key=key) as evidence:
        if evidence.repeated:
            return evidence.answer
        wanted = sorted(set(entries))
        if len(_present(person.chain, wanted)) < len(wanted):
            raise NothingToErase(_("There is no such entry, or it was erased before"))
        _check_evidence(actor, person, wanted)
        row = Request.objects.create(
            person_id=person.id, entries=wanted, rule=rule, reason=reason.strip(), asked=clock.now(),
            asked_by=actor.name,
        )  # fmt: skip
        case = cases.open_case(
            replace(ERASURE, queue=Queue(actor.agency, "erasure-officer")), person, str(row.id), by=actor.name
        )
        evidence.changed([f"erasure/request/{row.id}", case])
        evidence.answers(str(row.id))
    return str(row.id)


def carry_out(request: str) -> None:
    """Erase what two officers decided, once. Raises NothingToErase when it was erased before."""
    row = Request.objects.filter(id=UUID(request), done=None, rejected=None).exclude(approved=None).first()
    if row is None:
        return
    node, person = the_node("erasure"), people.person(row.person_id)
    case = number(UUID(cases.cases_about(ERASURE, [request])[request]))
    if row.entries:
        erase_entries(node, person, row.entries, row.rule, case=case)
        Request.objects.filter(id=row.id).update(done=clock.now())
    else:
        erase_person(node, person, row.rule, case=case)


@task()
def carry_out_soon(request: str) -> None:
    """The worker's part of a decision to erase."""
    carry_out(request)


def expire_daily() -> int:
    """Delete what is over its time in every room, as each declares it, once a day. Returns how many acts that took.

    Whoever something was about gets an entry that says so.
    """
    acts, day = 0, clock.now().date().isoformat()
    for room, expires in expiring():
        key, more = f"{room}|{day}", True
        while more:
            with act(the_node("retention"), EXPIRE, purpose=ERASING, object="rule:expired", key=key) as evidence:
                concerned = [] if evidence.repeated else list(dict.fromkeys(expires(clock.now())))
                if concerned:
                    evidence.about(concerned)
                    evidence.changed([f"{room}/everything"])
            acts, key, more = acts + (not evidence.repeated), "", bool(concerned)
    return acts


def erase_entries(actor: Actor, person: Person, entries: Sequence[int], rule: str, *, case: str = "") -> None:
    """Delete the records and keys of some of a person's entries; their places in the chain and the log stay.

    `rule` is a key of RULES. Raises Refused; NothingToErase; ValueError for an unknown rule.
    """
    _check_rule(rule)
    wanted = sorted(set(entries))
    with act(actor, ERASE_ENTRIES, subject=person, purpose=ERASING, object=f"rule:{rule}", case=case) as evidence:
        if delete_records(person.chain, wanted) < len(wanted):
            raise NothingToErase(_("There is no such entry, or it was erased before"))
        opened = [sealed_n for n, sealed_n in sealed.joined(person.chain, 1, wanted[-1] + 1).items() if n in wanted]
        sealed.forget(opened)
        evidence.changed([f"ledger/entry/{n}" for n in wanted] + [f"ledger/sealed/{n}" for n in opened])
        tombstones.lay(Tombstone(person.chain.hex(), rule, tuple(wanted)))


def erase_person(actor: Actor, person: Person, rule: str, *, case: str = "") -> None:
    """Delete everything that every room holds about a person, their records and keys, and the link to their chain.

    The act itself is about nobody any more, so it stands in the node's own chain; it names the chain, which leads to
    nobody from now on. Raises Refused, NothingToErase, ValueError.
    """
    _check_rule(rule)
    with act(actor, ERASE_PERSON, purpose=ERASING, object=f"rule:{rule}", case=case) as evidence:
        if people.with_chain(person.chain) != person:
            raise NothingToErase(_("This person was erased before"))
        evidence.changed([f"ledger/chain/{person.chain.hex()}"])
        evidence.changed([f"ledger/sealed/{n}" for n in sealed.joined(person.chain, 1, 2**63 - 1).values()])
        for room, data in keeping_personal_data():
            data.erase(person)
            evidence.changed([f"{room}/everything"])
        delete_records(person.chain)
        tombstones.lay(Tombstone(person.chain.hex(), rule, person=person.id.hex))


def erase_again() -> int:
    """After a restore: erase what was erased since that backup was made. Returns how many erasures that took."""
    node = the_node("restore")
    again = 0
    for stone in tombstones.all_laid():
        person = people.with_chain(bytes.fromhex(stone.chain))
        present = _present(bytes.fromhex(stone.chain), stone.entries)
        if person and stone.person:
            erase_person(node, person, stone.rule)
        elif person and present:
            erase_entries(node, person, present, stone.rule)
        else:
            continue
        again += 1
    return again


def export(actor: Actor, person: Person) -> dict[str, Any]:
    """Everything that the node holds about a person, room by room, as JSON values. Raises Refused.

    Whoever acts for another gets nothing of the rooms where nobody acts for anybody.
    """
    withheld = NEVER if person == actor.on_behalf_of else frozenset()
    with act(actor, EXPORT, subject=person, purpose=OWN_ACCESS) as evidence:
        held = {room: data.held(person) for room, data in keeping_personal_data() if room not in withheld}
        evidence.disclosed([f"{room}/everything" for room in held])
    return {"version": 1, "person": person.id.hex, "rooms": held}


def _shows(request: str) -> list[tuple[Words, str]]:
    row = Request.objects.get(id=UUID(request))
    what = ", ".join(map(str, row.entries)) or str(_("Everything about the person"))
    return [(_("Entries"), what), (_("Rule"), str(RULES[row.rule])), (_("Because"), row.reason)]


def _decided(ruling: Ruling) -> list[str]:
    """Accepted by two officers, it is carried out by the worker: an act about a person cannot erase that person."""
    accepted = ruling.outcome == "accepted"
    if accepted:
        _check_evidence(now_acting(), ruling.person, Request.objects.get(id=UUID(ruling.about)).entries)
    Request.objects.filter(id=UUID(ruling.about)).update(**{"approved" if accepted else "rejected": ruling.at})
    if accepted:
        carry_out_soon.enqueue(ruling.about)
    return [f"erasure/request/{ruling.about}"]


ERASURE = cases.declare_case_type(
    CaseType(
        "erasure.request",
        _("Erasure of data about you"),
        Queue("register", "erasure-officer"),
        days=30,
        shows=_shows,
        takes_effect=_decided,
        four_eyes=True,
    )
)


def _check_rule(rule: str) -> None:
    if rule not in RULES:
        raise ValueError(_("Name the rule under which it is erased"))


def _check_evidence(actor: Actor, person: Person, entries: Sequence[int]) -> None:
    """Raise ValueError when an officer would cover what they did, or take an open case's evidence away.

    Without entries, everything about the person goes, and with it every open case.
    """
    waiting = cases.undecided(person, but=ERASURE)
    if waiting and not entries:
        raise ValueError(
            filled(_("Cases about this person are open (%(cases)s). Decide them first."), cases=", ".join(waiting))
        )
    named = set(waiting) | {f"cases/case/{case}" for case in waiting.values()}
    for body in _bodies(person.chain, entries):
        if body["actor"]["id"] == actor.id:
            raise ValueError(_("Nobody erases the evidence of what they did themselves"))
        if named & {body.get("case", ""), *body.get("changed", [])}:
            raise ValueError(_("This is evidence of an open case. Wait until it is decided."))


def _bodies(chain: bytes, entries: Sequence[int]) -> list[dict[str, Any]]:
    if not entries:
        return []
    marks = ",".join(["%s"] * len(entries))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT body FROM ledger_record WHERE chain = %s AND n IN ({marks})", [chain, *entries])  # noqa: S608
        return [json.loads(bytes(body)) for (body,) in cursor.fetchall()]


def _present(chain: bytes, entries: Sequence[int]) -> list[int]:
    if not entries:
        return []
    with connection.cursor() as cursor:
        marks = ",".join(["%s"] * len(entries))
        cursor.execute(f"SELECT n FROM ledger_record WHERE chain = %s AND n IN ({marks})", [chain, *entries])  # noqa: S608
        return [n for (n,) in cursor.fetchall()]
