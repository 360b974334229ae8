"""One policy decision: who, what, why in; permit or refuse with the rules that decided out.

Cedar by itself skips a `forbid` whose condition fails with an error; here any error denies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import cedarpy

from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.actions import Purpose
from commonweal.core.policy.door_rules import EVALUATION_ERROR
from commonweal.core.policy.rules import Rules


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
    principal = {"type": "Actor", "id": actor.id or "anonymous"}
    attributes = {
        "kind": actor.kind,
        "agency": actor.agency,
        "roles": sorted(actor.roles),
        "assurance": actor.assurance,
        "fresh": actor.fresh,
    }
    outcome = cedarpy.is_authorized(
        {
            "principal": principal,
            "action": {"type": "Action", "id": question.action},
            "resource": {"type": "Subject", "id": subject.id.hex if subject else "node"},
            "context": {
                "own": own,
                "on_behalf": mandate_in_force,
                "automatic": actor.automatic,
                "purpose": question.purpose.name,
                "basis": question.purpose.basis,
                "consent": consent_in_force,
                "case": question.case,
                "object": question.object,
                "emergency": bool(question.emergency),
                "sealed": question.sealed_until is not None,
            },
        },
        rules.policy_set(question.action),
        [{"uid": principal, "attrs": attributes, "parents": []}],
    )
    if outcome.diagnostics.errors or outcome.decision is cedarpy.Decision.NoDecision:
        return Decision(False, (EVALUATION_ERROR,), rules.version)
    named = outcome.diagnostics.reasons
    return Decision(outcome.allowed, tuple(sorted(named)), rules.version)
