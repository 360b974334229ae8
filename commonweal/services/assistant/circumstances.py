"""A decision flow inside a conversation: one question at a time, the same in every channel, by whoever has the word.

The conversation keeps the version that it began with, the options chosen, and what the register answered with the
person's consent, which is not asked. What was answered can be answered anew; what followed from it is asked again.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from commonweal.services.assistant import conversations, decision_flows, known_facts, models
from commonweal.services.assistant.conversations import NotNow
from commonweal.services.assistant.engine import flows
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.flows import Flow, run
from commonweal.services.assistant.known_facts import Facts
from commonweal.services.assistant.values import Asked, Chosen, FlowVersion, Reply, Result, Role

BACK = "0"
Step = Callable[[models.Conversation, str], Reply | None]


def begin(row: models.Conversation, found: FlowVersion, facts: Facts, by: str = "", key: str = "") -> Reply:
    """Put the flow's first question that the facts do not answer."""
    row.flow, row.answers = found.hash, {}
    row.known = row.known | dict(facts)
    return _go_on(row, by, key)


def learn(row: models.Conversation, facts: Facts, by: str = "", key: str = "") -> Reply:
    """Go on with what the register answered. Raises NotNow when no flow is open."""
    row.known = dict(facts)
    conversations.say(row, "notice", "", outcome="known", key=key)
    return _go_on(row, by)


def facts_wanted(row: models.Conversation) -> set[str]:
    """The facts that would answer questions of the open flow and are not known yet; none once it ended."""
    if not isinstance(place_of(row), Asked):
        return set()
    return known_facts.asked_by(_flow(row).flow) - set(row.known)


def choose(row: models.Conversation, question: str, option: str, by: str = "", key: str = "") -> Reply:
    """Note an answer and say what follows. Raises NotNow when that question is not open."""
    flow = _flow(row).flow
    place = run(flow, row.answers, row.known)
    known = [step.question for step in place.trace]
    if place.question and place.question.id == question:
        known.append(question)
    if question not in known or option not in flow.questions[question].options:
        raise NotNow(_("That question is not asked now. Answer the one that you see."))
    kept = known[: known.index(question)]
    row.answers = {**{id_: row.answers[id_] for id_ in kept if id_ in row.answers}, question: option}
    conversations.say(row, "user", flow.questions[question].options[option], by=by, outcome=conversations.STEP, key=key)
    return _go_on(row, by)


def back(row: models.Conversation, by: str = "", key: str = "") -> Reply:
    """Ask the question before once more; at the first one, that one. Raises NotNow when no flow is open."""
    row.answers = dict(list(row.answers.items())[:-1])
    return _go_on(row, by, key)


def again(row: models.Conversation, by: str = "", key: str = "") -> Reply:
    """Put the open question once more."""
    return _go_on(row, by, key)


def leave(row: models.Conversation) -> None:
    """Close the flow; what was said stays."""
    row.flow, row.answers, row.known = "", {}, {}


def place_of(row: models.Conversation) -> Asked | Result | None:
    """The question that is open, the result that was reached, or None without a flow."""
    return _place(_flow(row), row) if row.flow else None


def option_of(asked: Asked, text: str) -> str:
    """The option that somebody meant who typed its number or its words; "" when none."""
    plain = text.strip().rstrip(".").casefold()
    if plain.isdecimal():  # in any script's digits
        at = int(plain) - 1
        return asked.options[at][0] if 0 <= at < len(asked.options) else ""
    return next((id_ for id_, words in asked.options if words.casefold() == plain), "")


def meant(row: models.Conversation, text: str, key: str) -> Step | None:
    """The step of a flow that a typed number or an option's words mean; None for a question."""
    if row.state != "machine":
        return None
    place = place_of(row)
    if place and text == BACK:
        return lambda row, by: back(row, by, key)
    if isinstance(place, Asked):
        if option := option_of(place, text):
            return lambda row, by: choose(row, place.question, option, by, key)
        return (lambda row, by: again(row, by, key)) if text.isdecimal() else None
    if text.isdecimal() and int(text) == 1 and (found := conversations.offered_flow(row)):
        return lambda row, by: begin(row, decision_flows.version(*found), {}, by, key)
    return None


def _go_on(row: models.Conversation, by: str, key: str = "") -> Reply:
    found = _flow(row)
    place = _place(found, row)
    role: Role = "officer" if by else "agent"
    if isinstance(place, Asked):
        reply = Reply(Outcome.NEEDS_QUESTION, asked=place)
        conversations.say(row, role, place.text, by=by, outcome=conversations.STEP, reply=reply, key=key)
    else:
        source = found.flow.outcomes[place.outcome].source
        reply = Reply(Outcome.ANSWERED, decision_flows.cite(source, place.language), result=place)
        conversations.say(row, role, place.text, by=by, reply=reply, key=key)
        row.unanswered = 0
    return reply


def _flow(row: models.Conversation) -> FlowVersion:
    if not row.flow:
        raise NotNow(_("No questions are open here. Begin them again."))
    return decision_flows.by_hash(row.flow)


def _place(found: FlowVersion, row: models.Conversation) -> Asked | Result:
    flow, at = found.flow, run(found.flow, row.answers, row.known)
    if question := at.question:
        options = tuple(question.options.items())
        return Asked(
            found.name, found.hash, flow.language, question.id, question.text, options, question.rule, not at.trace
        )
    outcome = flow.outcomes[at.outcome.id if at.outcome else flow.start]
    trace = tuple(_chosen(flow, step) for step in at.trace)
    return Result(found.name, found.hash, flow.language, flow.title, outcome.id, outcome.text, trace)


def _chosen(flow: Flow, step: flows.Step) -> Chosen:
    asked = flow.questions[step.question]
    return Chosen(step.question, step.option, asked.text, asked.options[step.option], asked.rule, step.known)
