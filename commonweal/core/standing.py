"""What a decision of the door stands on: the rules, and whether consent, mandate and no restriction stand.

The door asks before the work and again when its evidence commits; the exchange asks for many requests at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import get_language

from commonweal.core.cases import in_hand
from commonweal.core.ledger import sealed
from commonweal.core.mandates import in_force
from commonweal.core.policy import consents, door_rules, restrictions
from commonweal.core.policy.actions import action_named
from commonweal.core.policy.decide import Decision, Question, decide
from commonweal.core.policy.restrictions import RESTRICTABLE
from commonweal.core.policy.rules import Rules


def decision_on(questions: Sequence[Question], rules: Rules) -> Decision:
    """The decision about one subject; about many, the first refusal or what they have in common."""
    deciding: set[str] = set()
    for question in questions:
        one = _about_one(question, rules)
        if not one.permitted:
            return one
        deciding.update(one.rules)
    if _is_restricted(questions):
        return Decision(False, (door_rules.RESTRICTED,), rules.version)
    return Decision(True, tuple(sorted(deciding)), rules.version)


def may_end(questions: Sequence[Question]) -> bool:
    """Whether the decision stands on something that can end at any moment: consent, mandate, no restriction."""
    return any(
        question.consent or question.actor.mandate or question.purpose.basis in RESTRICTABLE for question in questions
    )


def seal_of(question: Question, rules: Rules) -> Decision:
    """Whether the actor may keep this under seal at all."""
    return decide(replace(question, action=sealed.SEAL), rules)


def reason(decision: Decision, rules: Rules) -> str:
    """The deciding rule in the reader's language; empty where no rule permitted it."""
    language = (get_language() or "en")[:2]
    for name in decision.rules:
        if name in door_rules.SAYS:
            return str(door_rules.SAYS[name])
        if rule := rules.rules.get(name):
            return rule.says.get(language, rule.says["en"])
    return ""


def _about_one(question: Question, rules: Rules) -> Decision:
    """What the policy says, given the consent and mandate that stand, and whether it may be kept under seal."""
    consent, mandate = _consent_stands(question), _mandate_stands(question)
    one = decide(question, rules, consent_in_force=consent, mandate_in_force=mandate)
    if not one.permitted:
        unmandated = _represents(question) and not mandate and not one.rules
        return Decision(False, (door_rules.NO_MANDATE,), rules.version) if unmandated else one
    if action_named(question.action).adverse and not _is_decided_by_an_officer(question):
        return Decision(False, (door_rules.NO_MACHINE_HARMS,), rules.version)
    if question.sealed_until:
        seal = seal_of(question, rules)
        return Decision(seal.permitted, (*one.rules, *seal.rules) if seal.permitted else seal.rules, rules.version)
    return one


def _is_decided_by_an_officer(question: Question) -> bool:
    """Whether somebody in a post does this themselves, within a case whose evidence the person can see and answer."""
    actor = question.actor
    in_post = actor.kind == "officer" and bool(actor.agency and actor.roles)
    return in_post and not actor.automatic and in_hand.has(actor, question.case, question.subject)


def _consent_stands(question: Question) -> bool:
    if not question.consent or question.subject is None:
        return False
    return consents.in_force(question.consent, question.subject.id, question.purpose.name, question.actor.agency)


def _represents(question: Question) -> bool:
    on_behalf_of = question.actor.on_behalf_of
    return on_behalf_of is not None and on_behalf_of == question.subject


def _mandate_stands(question: Question) -> bool:
    return _represents(question) and in_force.stands(question.actor, question.action, question.purpose.name)


def _is_restricted(questions: Sequence[Question]) -> bool:
    """Whether somebody objected to this, or had it restricted. What people do with their own data goes on."""
    purpose, action, actor = questions[0].purpose, questions[0].action, questions[0].actor
    if purpose.basis not in RESTRICTABLE:
        return False
    others = [
        question.subject
        for question in questions
        if question.subject and question.subject != actor.person and not _mandate_stands(question)
    ]
    return restrictions.stand([person.id for person in others], action, purpose)
