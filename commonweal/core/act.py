"""The door. Every use of a person's data and every decision about a person passes through `act`.

    with act(actor, "health.record.read", subject=patient, purpose=TREATMENT) as evidence:
        bundle = records.visible_to(actor, patient)
        evidence.disclosed(bundle.references())
    return bundle

It decides by the written policy, and lets the work take effect only together with its evidence. A reading act runs
its body without the write lock and commits its evidence on leaving, so data must be returned after the block. A
changing act (so declared) holds the write lock from start to end: change and evidence commit together or not at all.
A refusal is evidence too. Acts do not nest. Opened in `service.py` files only.

What the decision stands on (core/standing.py) is asked again when the evidence commits; what is written of the act is
in core/record.py.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import connection, transaction

from commonweal.core import clock
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.ledger import sealed
from commonweal.core.ledger.entries import Entry, Heads, add_entries, hold_chains
from commonweal.core.policy import door_rules, emergencies, published
from commonweal.core.policy.actions import Action, Purpose, action_named
from commonweal.core.policy.decide import Decision, Question
from commonweal.core.policy.rules import Rules
from commonweal.core.record import Subjects, new_act_id, shared_part, subjects_part
from commonweal.core.refused import Refused
from commonweal.core.standing import decision_on, may_end, reason, seal_of

BULK_LIMIT = 1_000
security_log = logging.getLogger("commonweal.security")
_open: ContextVar[Question | None] = ContextVar("open_act", default=None)


class NestedAct(RuntimeError):
    """An act was opened, or another node asked, inside an open act."""


@dataclass(slots=True)
class Evidence:
    """What an act's body adds to its record: references to what was shown or changed, never the contents."""

    act_id: bytes
    repeated: bool = False
    answer: str = ""
    entries: list[Entry] = field(default_factory=list)
    _heads: Heads = field(default_factory=dict)
    _newcomers: list[Person] = field(default_factory=list)
    _mentioned: list[Person] = field(default_factory=list)
    _disclosed: list[str] = field(default_factory=list)
    _changed: list[str] = field(default_factory=list)
    _opened: bytes = b""

    def disclosed(self, references: Sequence[str]) -> None:
        """What was shown to the actor, as references (`registry/address`)."""
        self._disclosed += references

    def changed(self, references: Sequence[str]) -> None:
        """What was created, changed or ended, as references."""
        self._changed += references

    def about(self, newcomers: Sequence[Person]) -> None:
        """The people who came into being inside this act (opened without a subject): each gets its entry."""
        _check_size(newcomers)
        self._newcomers += newcomers

    def mentioned(self, others: Sequence[Person]) -> None:
        """Other people of whom something was shown beside the subject: each gets an entry that says so."""
        self._mentioned += others

    def opens(self, commitment: bytes) -> None:
        """The commitment (32 bytes) of the entry under seal that joins the subject's record with this one."""
        self._opened = commitment

    def answers(self, answer: str) -> None:
        """What a repetition of this act under the same key shall answer."""
        self.answer = answer


@contextmanager
def act(
    actor: Actor,
    action: str,
    *,
    purpose: Purpose,
    subject: Person | Sequence[Person] | None = None,
    object: str = "",
    consent: str = "",
    case: str = "",
    key: str = "",
    emergency: str = "",
    sealed_until: date | None = None,
) -> Iterator[Evidence]:
    """Open the door for one action.

    `subject` is the person whom it is about; up to 1,000 people for a bulk act, which gives each their own entry
    under one leaf; None when it is about nobody.
    With a `key`, an act that was already done by this actor is not done again: `evidence.repeated` is true and
    `evidence.answer` is what the first one answered.
    `emergency` is the reason for something that only an emergency rule permits: the person is told at once, and a
    supervisor has to look at it. `sealed_until` keeps the entry out of the person's record until that day, in a lawful
    investigation (docs/hard-cases.md).

    Raises Refused when the policy says no, NestedAct, Undeclared (no such action); ValueError for an emergency or a
    seal that cannot be.
    """
    declared = action_named(action)
    if before := _open.get():
        raise NestedAct(f"{action} was opened inside {before.action}; acts do not nest")
    subjects = _listed(subject)
    if emergency or sealed_until:
        _check_hard_case(subjects, emergency, sealed_until)
    questions = [
        Question(actor, action, purpose, person, object, consent, case, emergency, sealed_until) for person in subjects
    ] or [Question(actor, action, purpose, None, object, consent, case)]
    token = _open.set(questions[0])
    try:
        yield from (_changing if declared.changes else _reading)(declared, questions, _once(actor, action, key))
    except Refused as refusal:
        _record_refusal(questions, refusal)
        raise
    finally:
        _open.reset(token)


def forbid_open_act(what: str) -> None:
    """Raise NestedAct when an act is open: remote calls must not happen while one is."""
    if question := _open.get():
        raise NestedAct(f"{what} inside the open act {question.action}; finish the act first")


def now_acting() -> Actor:
    """Who opened the act that is open now. Raises LookupError outside of one."""
    question = _open.get()
    if question is None:
        raise LookupError("no act is open")
    return question.actor


def _reading(action: Action, questions: list[Question], once: bytes | None) -> Iterator[Evidence]:
    evidence = Evidence(new_act_id(action.name))
    decision = _permitted(action, questions)
    yield evidence
    if once is not None and _recall(evidence, once):
        if may_end(questions):
            with transaction.atomic():
                _still_permitted(action, questions, decision)
        return
    with _write_lock(evidence, questions):
        decision = _still_permitted(action, questions, decision)
        _claim(evidence, once)
        _commit(evidence, questions, decision, once)


def _changing(action: Action, questions: list[Question], once: bytes | None) -> Iterator[Evidence]:
    evidence = Evidence(new_act_id(action.name))
    with _write_lock(evidence, questions):
        decision = _permitted(action, questions)
        _claim(evidence, once)
        yield evidence
        _commit(evidence, questions, decision, once)


@contextmanager
def _write_lock(evidence: Evidence, questions: list[Question]) -> Iterator[None]:
    """One durable transaction that holds the chains it will write into.

    They come before every other lock, in their own order, so that no two acts wait for each other. On SQLite, where
    all writers queue for one lock (config/sqlite), there is nothing more to hold.
    """
    with transaction.atomic(durable=True):
        people = [question.subject for question in questions if question.subject] + evidence._mentioned
        evidence._heads = hold_chains({person.chain for person in people})
        yield


def _permitted(action: Action, questions: list[Question], rules: Rules | None = None) -> Decision:
    rules = rules or published.in_force()
    decision = decision_on(questions, rules)
    if not decision.permitted:
        raise Refused(action, decision.rules, reason(decision, rules))
    return decision


def _still_permitted(action: Action, questions: list[Question], decision: Decision) -> Decision:
    """Under the write lock: what the decision stood on may have changed meanwhile."""
    rules = published.in_force()
    if rules.version != decision.version or may_end(questions):
        return _permitted(action, questions, rules)
    return decision


def _commit(evidence: Evidence, questions: list[Question], decision: Decision, once: bytes | None) -> None:
    if evidence.repeated:
        return
    first = questions[0]
    if first.emergency and first.subject and decision.permitted:
        evidence.changed(emergencies.report(evidence.act_id, first.actor, first.subject, first.action, first.emergency))
    shared = shared_part(
        evidence.act_id,
        first,
        decision,
        disclosed=evidence._disclosed,
        changed=evidence._changed,
        opened=evidence._opened,
    )
    people = [question.subject for question in questions if question.subject] + evidence._newcomers
    subjects = subjects_part(people, evidence._mentioned, first.actor.person)
    if first.sealed_until:
        evidence.entries = _add_under_seal(evidence.act_id, shared, subjects, first, first.sealed_until)
    else:
        evidence.entries = add_entries(evidence.act_id, shared, subjects, evidence._heads)
    if once is not None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_once SET answer = %s WHERE key = %s", [evidence.answer, once])


def _add_under_seal(
    act_id: bytes, shared: dict[str, Any], subjects: Subjects, question: Question, until: date
) -> list[Entry]:
    """The same entries in the node's sealed chain, and a note of whom each is about."""
    seal = {"sealed": {"until": until.isoformat()}}
    entries = add_entries(act_id, shared, [(sealed.SEALED_CHAIN, own | seal) for _chain, own in subjects])
    sealed.put(
        [
            sealed.Sealed(entry.n, chain, until, question.actor.agency, question.actor.id, question.case)
            for entry, (chain, _own) in zip(entries, subjects, strict=True)
        ]
    )
    return entries


def _record_refusal(questions: list[Question], refusal: Refused) -> None:
    """In a transaction of its own, so that no rollback loses it. Nobody's refusals only reach the security log.

    Where an act was about many, nothing was shown of anybody: one entry of the node says so, not one for each.
    Under seal it stays under seal, unless the actor may seal nothing: a seal must not hide who tried.
    """
    if questions[0].actor.kind == "anonymous":
        fields = {"action": refusal.action.name, "rules": list(refusal.rules)}
        security_log.warning("refused", extra={"fields": fields})
        return
    if questions[0].sealed_until and not seal_of(questions[0], published.in_force()).permitted:
        questions = [replace(questions[0], sealed_until=None)]
    if len(questions) > 1:
        questions = [replace(questions[0], subject=None)]
    with transaction.atomic():
        decision = Decision(False, refusal.rules, published.version_in_force() or b"")
        _commit(Evidence(new_act_id(questions[0].action)), questions, decision, None)


def _claim(evidence: Evidence, once: bytes | None) -> None:
    """Take the key for this act, or learn that it was done before. A rival's open transaction is waited for."""
    if once is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_once (key, act, answer, created) VALUES (%s, %s, '', %s) ON CONFLICT DO NOTHING",
            [once, evidence.act_id, clock.now()],
        )
        if cursor.rowcount == 0:
            _recall(evidence, once)


def _recall(evidence: Evidence, once: bytes) -> bool:
    """Whether an act under this key is done already, and what it answered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT act, answer FROM ledger_once WHERE key = %s", [once])
        if row := cursor.fetchone():
            evidence.act_id, evidence.answer, evidence.repeated = bytes(row[0]), row[1], True
    return evidence.repeated


def _once(actor: Actor, action: str, key: str) -> bytes | None:
    who = f"{actor.id}|{actor.mandate}" if actor.mandate else actor.id
    return hashlib.sha256(f"{who}|{action}|{key}".encode()).digest() if key else None


def _check_hard_case(subjects: list[Person], emergency: str, sealed_until: date | None) -> None:
    """Raises ValueError unless it is one emergency about one person, or one seal of a year at most."""
    if len(subjects) != 1 or (emergency and sealed_until):
        raise ValueError("an emergency or a seal is about one person, and never both")
    if emergency and not emergency.strip():
        raise ValueError(door_rules.NO_EMERGENCY)
    today = clock.now().date()
    if sealed_until and not today < sealed_until <= today + sealed.LONGEST:
        raise ValueError(door_rules.NO_SEAL)


def _listed(subject: Person | Sequence[Person] | None) -> list[Person]:
    if subject is None:
        return []
    people = [subject] if isinstance(subject, Person) else list(dict.fromkeys(subject))
    _check_size(people)
    return people


def _check_size(people: Sequence[Person]) -> None:
    if not 0 < len(people) <= BULK_LIMIT:
        raise ValueError(f"an act is about 1 to {BULK_LIMIT} people, got {len(people)}; go chunk by chunk")
