"""The fixed words and numbers of an emergency or a danger to somebody. Nothing is searched, stored or guessed.

The numbers are the European Union's harmonised ones; an operator elsewhere names theirs in `assistant.toml`. A node's
safeguarding lead reviews these words before use: they are law for the machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import Words
from commonweal.services.assistant.arrangements import arrangements


@dataclass(frozen=True)
class AlarmWords:
    """What is said: a title, what to do now, and the number to call."""

    title: Words
    text: Words
    number: str


WORDS: dict[str, tuple[Words, Words]] = {
    "emergency": (
        _("If somebody is in danger, call now"),
        _("Police, fire brigade and ambulance answer at any hour, free of charge, from any telephone."),
    ),
    "self_harm": (
        _("You are not alone. Talk to somebody now"),
        _("Somebody listens at any hour, free of charge. You need not say who you are. In danger to life call 112."),
    ),
    "child": (
        _("A child needs help: talk to somebody now"),
        _("The helpline for children is free of charge. If a child is in danger at this moment, call 112."),
    ),
    "violence": (
        _("Nobody may hurt you. If you are in danger, call now"),
        _(
            "If you cannot speak, stay on the line. "
            "You can also go to any police station or town hall and ask for help."
        ),
    ),
}


def words_for(kind: str) -> AlarmWords:
    """The words of one kind of alarm."""
    title, text = WORDS[kind]
    return AlarmWords(title, text, arrangements().numbers[kind])
