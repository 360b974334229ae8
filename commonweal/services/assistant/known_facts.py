"""What the population register knows already: asked through the exchange with the person's consent, never of them.

`[facts]` in assistant.toml names the service; the assistant's own system is the `[[client]]` of exchange.toml whose
purpose is `assistant.circumstances`. The consent is given to that system's agency.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from commonweal.core.exchange import asking
from commonweal.core.exchange import service as exchange
from commonweal.core.exchange.asking import NotTold
from commonweal.core.identity.actors import Person
from commonweal.core.policy import consents
from commonweal.core.policy.actions import Words
from commonweal.services.assistant import purposes
from commonweal.services.assistant.arrangements import arrangements
from commonweal.services.assistant.engine.flows import Fact, Flow

Facts = Mapping[str, Fact]
WORDS: dict[str, Words] = {
    "age": _("your age"),
    "household": _("how many live in your household"),
    "registered": _("whether you are registered in the town"),
    "months_registered": _("since when you are registered"),
}


def agency() -> str:
    """The agency that a consent is given to; "" where the operator arranged no register to ask."""
    system = asking.asks_for(purposes.CIRCUMSTANCES) if arrangements().facts else None
    return system.member.code if system else ""


def asked_by(flow: Flow) -> set[str]:
    """The facts that would answer questions of a flow."""
    return {question.fact for question in flow.questions.values() if question.fact in WORDS}


def ask(person: Person, consent: str) -> Facts:
    """What the register knows. Raises NotTold when it does not answer or the rules say no."""
    told = exchange.ask_about(person, arrangements().facts, purposes.CIRCUMSTANCES, consent)
    return {name: told[name] for name in WORDS if isinstance(told.get(name), int)}


def already_agreed(person: Person) -> Facts:
    """What the register knows, if the person agreed before that it is asked; nothing when it does not answer."""
    to = agency()
    consent = consents.standing(person, purposes.CIRCUMSTANCES.name, to) if to else ""
    try:
        return ask(person, consent) if consent else {}
    except NotTold:
        return {}
