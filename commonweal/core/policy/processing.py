"""The public register of processing (GDPR Art. 30): what is used, why, by whom, how long, under which rule.

Generated from the same declarations and rules that the door decides by, so it cannot say anything else.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from commonweal.core.erasure.rooms import keeping_personal_data
from commonweal.core.identity import accounts
from commonweal.core.policy import published
from commonweal.core.policy.actions import Purpose, Words, action_named, declared_purposes, in_words
from commonweal.core.policy.retention import Retention, declared
from commonweal.core.policy.rules import Rule


@dataclass(frozen=True)
class Processing:
    """One purpose, with everything that the node can do for it."""

    purpose: Purpose
    data: tuple[Words, ...]
    agencies: tuple[str, ...]
    rules: tuple[str, ...]
    actions: tuple[Words, ...]


def register() -> list[Processing]:
    """Every declared purpose, in the reader's language."""
    language = (get_language() or "en")[:2]
    names = {agency.code: agency.name(language) for agency in accounts.agencies()}
    rules = published.in_force()
    found = []
    for why in declared_purposes():
        speaking = [
            rule for rule in rules.rules.values() if rules.mentions(rule.id, why.name) and rule.effect == "permit"
        ]
        found.append(
            Processing(
                purpose=why,
                data=tuple(in_words(reference) for reference in why.data),
                agencies=tuple(names.get(code, code) for code in why.by),
                rules=tuple(rule.says.get(language, rule.says["en"]) for rule in speaking),
                actions=_actions(speaking),
            )
        )
    return found


def retentions() -> tuple[Retention, ...]:
    """What the rooms delete when its time is over, and when that is."""
    for _room, _data in keeping_personal_data():
        pass  # each declares its own when it is imported
    return declared()


def _actions(rules: list[Rule]) -> tuple[Words, ...]:
    names = sorted(set().union(*(rule.actions or () for rule in rules)))
    return tuple(action_named(name).says for name in names)
