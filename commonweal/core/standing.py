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
    for question, consent in zip(questions, _consents_stand(questions), strict=True):
        one = _about_one(question, rules, consent)
        if not one.permitted:
            return one
        deciding.update(one.rules)
    if _restricted(questions):
        return Decision(False, (door_rules.RESTRICTED,), rules.version)
    return Decision(True, tuple(sorted(deciding)), rules.version)


def decisions_on(questions: Sequence[Question], rules: Rules) -> list[Decision]:
    """Each question decided by itself, with no more look-ups than one takes."""
    restricted = _restricted(questions)
    return [
        Decision(False, (door_rules.RESTRICTED,), rules.version) if one.permitted and place in restricted else one
        for place, one in enumerate(
            _about_one(question, rules, consent)
            for question, consent in zip(questions, _consents_stand(questions), strict=True)
        )
    ]


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


def _about_one(question: Question, rules: Rules, consent: bool) -> Decision:
    """What the policy says, given the consent and mandate that stand, and whether it may be kept under seal."""
    mandate = _mandate_stands(question)
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


def _consents_stand(questions: Sequence[Question]) -> list[bool]:
    """Of each question: whether the consent that it names stands."""
    naming = [place for place, question in enumerate(questions) if question.consent and question.subject]
    claims = [
        (question.consent, question.subject.id, question.purpose.name, question.actor.agency)
        for question in (questions[place] for place in naming)
        if question.subject
    ]
    stand = dict(zip(naming, consents.in_force(claims), strict=True)) if claims else {}
    return [stand.get(place, False) for place in range(len(questions))]


def _represents(question: Question) -> bool:
    on_behalf_of = question.actor.on_behalf_of
    return on_behalf_of is not None and on_behalf_of == question.subject


def _mandate_stands(question: Question) -> bool:
    return _represents(question) and in_force.stands(question.actor, question.action, question.purpose.name)


def _restricted(questions: Sequence[Question]) -> set[int]:
    """The places of questions about somebody who objected to this, or had it restricted.

    What people do with their own data goes on.
    """
    asked = {
        place: (question.subject.id, question.action, question.purpose.name)
        for place, question in enumerate(questions)
        if question.subject
        and question.purpose.basis in RESTRICTABLE
        and question.subject != question.actor.person
        and not _mandate_stands(question)
    }
    found = restrictions.standing(asked.values()) if asked else frozenset()
    return {place for place, one in asked.items() if one in found}
