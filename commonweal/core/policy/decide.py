"""One policy decision: who, what, why in; permit or refuse with the rules that decided out.

Cedar by itself skips a `forbid` whose condition fails with an error; here any error denies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import cedarpy

from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.actions import Purpose
from commonweal.core.policy.door_rules import EVALUATION_ERROR
from commonweal.core.policy.rules import Rules

ATTRIBUTES = ("kind", "agency", "roles", "assurance", "fresh")
CONTEXT = (
    "own", "on_behalf", "automatic", "purpose", "basis", "consent", "case", "object", "emergency", "sealed",
)  # fmt: skip
REMEMBERED = 4_096  # decisions under one version of the rules


@dataclass(frozen=True, slots=True)
class Question:
    """What the door asks of the policy."""

    actor: Actor
    action: str
    purpose: Purpose
    subject: Person | None = None
    object: str = ""
    consent: str = ""
    case: str = ""
    emergency: str = ""
    sealed_until: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: permitted or not, the ids of the rules that decided (none: denied by default), their version."""

    permitted: bool
    rules: tuple[str, ...]
    version: bytes


def decide(
    question: Question, rules: Rules, *, consent_in_force: bool = False, mandate_in_force: bool = False
) -> Decision:
    """Decide by the written rules. An evaluation error denies under the rule `core.evaluation-error`."""
    actor, subject = question.actor, question.subject
    own = actor.person is not None and subject is not None and actor.person.id == subject.id
    attributes = (actor.kind, actor.agency, actor.roles, actor.assurance, actor.fresh)
    context = (
        own, mandate_in_force, actor.automatic, question.purpose.name, question.purpose.basis, consent_in_force,
        question.case, question.object, bool(question.emergency), question.sealed_until is not None,
    )  # fmt: skip
    about = subject.id.hex if subject and rules.names_subjects(question.action) else "node"
    asked = (question.action, actor.id or "anonymous", attributes, about, context)
    known = rules.decided.get(asked)
    if known is None:
        if len(rules.decided) >= REMEMBERED:
            rules.decided.clear()
        known = rules.decided[asked] = _evaluated(rules, asked)
    return Decision(*known, rules.version)


def _evaluated(rules: Rules, asked: tuple[Any, ...]) -> tuple[bool, tuple[str, ...]]:
    """Ask Cedar. The same question has the same answer, and the door asks twice: before the work and at its commit."""
    action, actor, attributes, subject, context = asked
    principal = {"type": "Actor", "id": actor}
    shown = dict(zip(ATTRIBUTES, attributes, strict=True)) | {"roles": sorted(attributes[2])}
    outcome = cedarpy.is_authorized(
        {
            "principal": principal,
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Subject", "id": subject},
            "context": dict(zip(CONTEXT, context, strict=True)),
        },
        rules.policy_set(action),
        [{"uid": principal, "attrs": shown, "parents": []}],
    )
    if outcome.diagnostics.errors or outcome.decision is cedarpy.Decision.NoDecision:
        return False, (EVALUATION_ERROR,)
    return outcome.allowed, tuple(sorted(outcome.diagnostics.reasons))
