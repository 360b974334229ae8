"""The enquiry assistant: what it offers. Pages, command, channels, demo and tests call only this.

Whoever is not signed in asks without an act, and nothing is kept of who they are. For somebody signed in, evidence
names the subject area and the versions that were cited, never what was asked. An alarm is answered and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import Evidence, act
from commonweal.core.cases import notices
from commonweal.core.cases import service as cases
from commonweal.core.exchange.asking import NotTold, Offered
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy import service as policy
from commonweal.core.policy.actions import Purpose, Words
from commonweal.core.refused import Refused
from commonweal.services.assistant import (
    answering,
    circumstances,
    conversations,
    decision_flows,
    known_facts,
    models,
    purposes,
    transfer,
    wording,
)
from commonweal.services.assistant.algorithm import RECORD
from commonweal.services.assistant.arrangements import arrangements
from commonweal.services.assistant.conversations import NoTalk, NotNow, suggestion_text, usual_wait
from commonweal.services.assistant.decision_flows import NoFlow
from commonweal.services.assistant.decision_flows import current as flows
from commonweal.services.assistant.decision_flows import version as flow
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.finding import Turn
from commonweal.services.assistant.engine.safety import alarm
from commonweal.services.assistant.enquiries import ENQUIRY, desk
from commonweal.services.assistant.guidance import NoPage, blocks, versions
from commonweal.services.assistant.guidance import current as pages
from commonweal.services.assistant.guidance import listed as pages_after
from commonweal.services.assistant.guidance import version as page
from commonweal.services.assistant.lines import line, note_line
from commonweal.services.assistant.values import (
    Channel,
    Received,
    Reply,
    Talk,
)

__all__ = [
    "RECORD", "NoFlow", "NoPage", "NoTalk", "NotNow", "NotTold", "accepted_unedited", "answer", "ask",
    "away_until", "begin_flow", "blocks", "choose", "close", "facts_on_offer", "flow", "flows", "give_back",
    "go_back", "hand_over", "has_plainer_words", "leave_flow", "line", "note_line", "offices_elsewhere", "page",
    "pages", "pages_after", "pass_on", "plainly", "queue", "read", "receive", "send_to_office",
    "send_transcript", "suggest_office", "suggested_office", "suggestion", "suggestion_text", "take", "talk",
    "use_facts", "usual_wait", "versions",
]  # fmt: skip

EVERYBODY = ""  # the office of whoever is not sure whom to ask


# Whoever asks


def ask(
    actor: Actor, text: str, language: str, *, talk_id: str = "", channel: Channel = "web", key: str = ""
) -> tuple[str, Reply | None]:
    """Ask, in a conversation or (without `talk_id`) in a new one. Returns its id, and what the machine says.

    The reply is None while an officer has the word. An alarm comes before everything else and is answered without
    anything being kept (its id is ""), unless an officer talks and reads it.
    Raises Refused, NoTalk, NotNow; ValueError for no words, or too many.
    """
    text = text.strip()
    row = _own(actor, talk_id) if talk_id else None
    if (row is None or row.state != "talking") and (found := alarm(text)):
        return "", Reply(Outcome.ALARM, alarm=found.kind)
    if not text:
        raise ValueError(_("Write your question"))
    if len(text) > conversations.LONGEST:
        raise ValueError(_("Write at most 2,000 characters"))
    if row and conversations.was_said(row, key):
        return str(row.id), None
    reply = None
    if row and (step := circumstances.meant(row, text, key)):
        return str(row.id), _led(actor, str(row.id), step, key)
    if row is None or row.state == "machine":
        reply = answering.reply_to([*(conversations.dialogue(row) if row else []), Turn("user", text)], language)
    with _opened(actor, purposes.ASK, actor.whose, f"topic:{answering.topic_of(reply)}", key) as evidence:
        if evidence and evidence.repeated:
            return evidence.answer, None
        row = conversations.locked(str(row.id)) if row else conversations.begin(actor.whose, language, channel)
        conversations.ask(row, text, reply, key)
        if evidence:
            evidence.disclosed(_references(reply))
            evidence.changed([f"assistant/talk/{row.id}"])
            evidence.answers(str(row.id))
    return str(row.id), reply if row.state == "machine" else None


def plainly(actor: Actor, talk_id: str) -> Iterator[str]:
    """The last answer in plainer words: each sentence of the operator's language model, as it passes the check.

    Nothing without a model, or when it was said before. A model outside of the node's network gets a question only
    where the rules allow that disclosure and evidence tells of it; so never one of somebody who is not signed in.
    Raises NoTalk.
    """
    row, endpoint = _own(actor, talk_id), arrangements().endpoint
    found = conversations.last_quotation(row)
    if not endpoint or not found or found[2].plainly or not (endpoint.inside or _disclosed(actor, row, endpoint.host)):
        return
    asked, answered, reply = found
    said: list[str] = []
    try:
        for sentence in wording.plainly(reply, asked, endpoint):
            said.append(sentence)
            yield sentence
    finally:
        if said:
            conversations.keep_words(answered, said)


def talk(actor: Actor, talk_id: str) -> Talk:
    """A conversation, for whoever began it. One entry a session for somebody signed in. Raises Refused, NoTalk."""
    row = _own(actor, talk_id)
    with _opened(actor, purposes.READ, _person(row), "", actor.session):
        return _value(row)


def begin_flow(
    actor: Actor, name: str, language: str, *, talk_id: str = "", channel: Channel = "web", key: str = ""
) -> str:
    """Put the first question of a decision flow, in a conversation or a new one; returns its id.

    Whoever has the word leads: the person with the machine, or the officer who took the conversation.
    Raises Refused, NoFlow, NoTalk, NotNow.
    """
    found = decision_flows.version(name, language)
    own = _own_person(actor)
    facts = known_facts.already_agreed(own) if own and known_facts.asked_by(found.flow) else {}
    if talk_id:
        _led(actor, talk_id, lambda row, by: circumstances.begin(row, found, facts, by, key), key)
        return talk_id
    with _opened(actor, purposes.ASK, actor.whose, f"flow:{name}", key) as evidence:
        if evidence and evidence.repeated:
            return evidence.answer
        row = conversations.begin(actor.whose, language, channel)
        _saved(row, lambda row, by: circumstances.begin(row, found, facts, by, key), "")
        if evidence:
            evidence.changed([f"assistant/talk/{row.id}"])
            evidence.answers(str(row.id))
    return str(row.id)


def facts_on_offer(actor: Actor, talk_id: str) -> list[Words]:
    """All that the register would be asked, where some of it answers the open flow; else nothing. Raises NoTalk."""
    row = _own(actor, talk_id)
    offered = row.state == "machine" and _own_person(actor, row) and known_facts.agency()
    return list(known_facts.WORDS.values()) if offered and circumstances.facts_wanted(row) else []


def use_facts(actor: Actor, talk_id: str, *, key: str = "") -> Reply | None:
    """Agree that the assistant asks the register, and go on with what it knows; None when this form was sent before.

    The consent stands until it is withdrawn: later flows begin with what is known.
    Raises Refused, NoTalk, NotNow, NotTold.
    """
    row = _own(actor, talk_id)
    if conversations.was_said(row, key):
        return None
    person, agency = _own_person(actor, row), known_facts.agency()
    if person is None or not agency:
        raise NotTold(_("The population register cannot be asked here. Answer the questions yourself."))
    facts = known_facts.ask(person, policy.give_consent(actor, person, purposes.CIRCUMSTANCES, agency))
    return _led(actor, talk_id, lambda row, by: circumstances.learn(row, facts, by, key), key)


def choose(actor: Actor, talk_id: str, question: str, option: str, *, key: str = "") -> Reply | None:
    """Answer a question of the open flow, or one that was answered before: what followed from it is asked again.

    Returns the next question or the result; None when the same form was sent before. Raises Refused, NoTalk, NotNow.
    """
    return _led(actor, talk_id, lambda row, by: circumstances.choose(row, question, option, by, key), key)


def go_back(actor: Actor, talk_id: str, *, key: str = "") -> Reply | None:
    """Ask the flow's question before once more. Raises Refused, NoTalk, NotNow."""
    return _led(actor, talk_id, lambda row, by: circumstances.back(row, by, key), key)


def leave_flow(actor: Actor, talk_id: str) -> None:
    """Close the open flow; what was said stays. Raises Refused, NoTalk, NotNow."""
    _led(actor, talk_id, lambda row, by: circumstances.leave(row))


def hand_over(actor: Actor, talk_id: str, office: str = EVERYBODY) -> None:
    """Ask for a person of an office. While nobody is there, the question of somebody signed in becomes a case.

    Raises Refused, NoTalk, NotNow.
    """
    person = _person(_own(actor, talk_id))
    with _opened(actor, purposes.HAND_OVER, person, office, "") as evidence:
        row = conversations.locked(talk_id)
        begins = row.state == "machine"
        conversations.hand_over(row, office)
        changed = [f"assistant/talk/{row.id}"]
        if person and begins and away_until():
            conversations.become_case(row)
            changed.append(cases.open_case(ENQUIRY, person, str(row.id), by=actor.name, queue=desk(office)))
        if evidence:
            evidence.changed(changed)


def has_plainer_words() -> bool:
    """Whether the operator names a language model."""
    return arrangements().endpoint is not None


def away_until() -> datetime | None:
    """When officers are there again, if they are not now."""
    hours = arrangements().hours
    return hours.next_opening(clock.now()) if hours and not hours.open_at(clock.now()) else None


def send_transcript(actor: Actor, talk_id: str) -> None:
    """Put the conversation into the inbox of whoever is signed in and asks for it. Raises Refused, NoTalk."""
    row = _own(actor, talk_id)
    person = _person(row)
    if person is None:
        raise NoTalk(_("Sign in before you ask: only then there is an inbox to send this to."))
    with act(
        actor, purposes.TRANSCRIPT, subject=person, purpose=purposes.ANSWERING, key=f"{row.id}|{row.messages.count()}"
    ) as evidence:
        if not evidence.repeated:
            notices.write(
                person, row.office, _("Your conversation with the assistant"), conversations.text_of(row), None
            )
            evidence.changed(["cases/notice"])


# Officers


def queue(actor: Actor) -> tuple[list[Talk], list[Talk]]:
    """Who waits for the officer's agency or for anybody, longest first; and whom the officer talks with.

    It shows how long and in which language, and nothing that was said. Whoever works here is asked by the guard.
    """
    waiting = conversations.waiting([actor.agency, EVERYBODY])[:200]
    return (
        [conversations.value(row, whole=False) for row in waiting],
        [conversations.value(row, whole=False) for row in conversations.talking(actor)],
    )


def take(actor: Actor, talk_id: str) -> None:
    """Begin to talk with somebody who waits. Raises Refused, NoTalk, NotNow."""
    with _step(actor, purposes.TAKE, talk_id) as row:
        conversations.take(row, actor)


def read(actor: Actor, talk_id: str) -> Talk:
    """What was said, for the officer who has the conversation; `take` has told of it. Raises NoTalk."""
    return _value(_held(actor, talk_id))


def suggestion(actor: Actor, talk_id: str) -> Reply | None:
    """What the machine would answer, for the officer who has the conversation only. Raises NoTalk."""
    return _suggested(_held(actor, talk_id))


def _suggested(row: models.Conversation) -> Reply | None:
    dialogue = conversations.dialogue(row)
    asked = max((at for at, turn in enumerate(dialogue, start=1) if turn.role == "user"), default=0)
    reply = answering.reply_to(dialogue[:asked], row.language) if asked else None
    return reply if reply and reply.citations else None


def answer(actor: Actor, talk_id: str, text: str, *, key: str = "") -> None:
    """Say something to the person: own words, or what `suggestion` gave. Raises Refused, NoTalk, NotNow; ValueError."""
    if not text.strip():
        raise ValueError(_("Write your answer"))
    seen = conversations.row_of(talk_id)
    suggested = _suggested(seen) if seen.officer == actor.id else None
    with _step(actor, purposes.ANSWER, talk_id) as row:
        if not conversations.was_said(row, key):
            conversations.answer(row, actor, text.replace("\r\n", "\n").strip(), key, suggested)


def accepted_unedited(days: int = 30) -> tuple[int, int]:
    """How many suggestions officers sent unedited lately, of how many they were given with a question."""
    return conversations.accepted_unedited(clock.now() - timedelta(days=days))


def pass_on(actor: Actor, talk_id: str, office: str) -> None:
    """Let another office go on. Raises Refused, NoTalk, NotNow."""
    with _step(actor, purposes.PASS_ON, talk_id) as row:
        conversations.pass_on(row, actor, office)


def offices_elsewhere() -> list[Offered]:
    """The enquiry offices on other nodes that a conversation can be sent to."""
    return transfer.offices()


def suggest_office(actor: Actor, talk_id: str, office: str) -> None:
    """Suggest to somebody who is signed in that an office on another node (its service) goes on: they decide.

    Raises Refused, NoTalk, NotNow; ValueError for no such office.
    """
    found = next((one for one in transfer.offices() if one.service == office), None)
    if found is None:
        raise ValueError(_("There is no such office"))
    if _person(_held(actor, talk_id)) is None:
        raise NotNow(_("Only somebody who is signed in can be sent to another office’s own system."))
    with _step(actor, purposes.SUGGEST, talk_id) as row:
        conversations.must_have(row, actor)
        transfer.suggest(row, found, actor.name)


def suggested_office(actor: Actor, talk_id: str) -> Offered | None:
    """The office that the officer suggests, for whoever began the conversation. Raises NoTalk."""
    row = _own(actor, talk_id)
    return transfer.suggested(row) if _own_person(actor, row) else None


def send_to_office(actor: Actor, talk_id: str) -> None:
    """Agree to what the officer suggested: the conversation goes there, word by word, and ends here.

    Raises Refused, NoTalk, NotNow; NotTold when that office does not take it, and then it goes on here.
    """
    row = _own(actor, talk_id)
    person, office = _own_person(actor, row), transfer.suggested(row)
    if person is None or office is None:
        raise NotNow(_("No other office is suggested any more."))
    with act(actor, purposes.SEND, subject=person, purpose=purposes.ANSWERING, object=office.service) as evidence:
        evidence.disclosed([f"assistant/talk/{row.id}"])
    transfer.send(row, person, office)
    with transaction.atomic():
        conversations.leave_for(conversations.locked(talk_id), office.name(row.language))


def receive(
    actor: Actor,
    person: Person,
    purpose: Purpose,
    *,
    content: Mapping[str, Any],
    consent: str = "",
    case: str = "",
) -> Received:
    """Take over a conversation that the person sent from another office: it becomes a case of the enquiry office.

    The exchange calls this for the agency that sends. The same conversation again is the same case.
    Raises Refused; ValueError naming the field that cannot be read.
    """
    sent, language, said = transfer.read(content)
    with act(
        actor, purposes.RECEIVE, subject=person, purpose=purpose, consent=consent, case=case, key=sent
    ) as evidence:
        if evidence.repeated:
            return Received(evidence.answer)
        row = conversations.take_over(person, language, said, actor.name)
        opened = cases.open_case(ENQUIRY, person, str(row.id), by=actor.name, queue=desk())
        evidence.changed([f"assistant/talk/{row.id}", opened])
        evidence.answers(str(row.id))
    return Received(str(row.id))


def give_back(actor: Actor, talk_id: str) -> None:
    """Let the machine go on. Raises Refused, NoTalk, NotNow."""
    with _step(actor, purposes.GIVE_BACK, talk_id) as row:
        conversations.give_back(row, actor)


def close(actor: Actor, talk_id: str) -> None:
    """End a conversation that one has. Raises Refused, NoTalk, NotNow."""
    with _step(actor, purposes.CLOSE, talk_id) as row:
        conversations.must_have(row, actor)
        conversations.end(row)


def _led(actor: Actor, talk_id: str, step: circumstances.Step, key: str = "") -> Reply | None:
    """Do a step of a flow: by the officer who has the conversation, else by whoever began it while the machine talks.

    None when the form with this key was sent before.
    """
    seen = conversations.row_of(talk_id)
    if actor.kind == "officer" and seen.state == "talking":
        with _step(actor, purposes.ANSWER, talk_id) as row:
            conversations.must_have(row, actor)
            return None if conversations.was_said(row, key) else _saved(row, step, actor.name)
    _own(actor, talk_id)
    if conversations.was_said(seen, key):
        return None
    with _opened(actor, purposes.ASK, _person(seen), "flow", "") as evidence:
        row = conversations.locked(talk_id)
        if row.state != "machine":
            raise NotNow(_("A person has the word now, not the machine."))
        if conversations.was_said(row, key):
            return None
        reply = _saved(row, step, "")
        if evidence:
            evidence.disclosed(_references(reply))
            evidence.changed([f"assistant/talk/{row.id}"])
    return reply


def _disclosed(actor: Actor, row: models.Conversation, host: str) -> bool:
    """Whether the rules let the last question be sent to a machine outside; then evidence tells of it."""
    if (person := _person(row)) is None:
        return False
    try:
        with act(
            actor, purposes.DISCLOSE, subject=person, purpose=purposes.ANSWERING, object=f"endpoint:{host}"
        ) as evidence:
            evidence.disclosed(["assistant/question"])
    except Refused:
        return False
    return True


def _references(reply: Reply | None) -> list[str]:
    """The versions that were shown, as evidence names them."""
    return [f"assistant/guidance/{one.slug}@{one.hash[:16]}" for one in (reply.citations if reply else ())]


def _saved(row: models.Conversation, step: circumstances.Step, by: str) -> Reply | None:
    reply = step(row, by)
    row.save()
    return reply


def _value(row: models.Conversation) -> Talk:
    return replace(conversations.value(row), place=circumstances.place_of(row))


@contextmanager
def _step(actor: Actor, action: str, talk_id: str) -> Iterator[models.Conversation]:
    """The act of one step of an officer."""
    seen = conversations.row_of(talk_id)
    with act(actor, action, subject=_person(seen), purpose=purposes.ANSWERING) as evidence:
        yield conversations.locked(talk_id)
        evidence.changed([f"assistant/talk/{seen.id}"])


@contextmanager
def _opened(actor: Actor, action: str, person: Person | None, object: str, key: str) -> Iterator[Evidence | None]:
    """An act about whoever is signed in; a plain transaction, without evidence, for whoever is not."""
    if person is None:
        with transaction.atomic():
            yield None
        return
    with act(actor, action, subject=person, purpose=purposes.ANSWERING, object=object, key=key) as evidence:
        yield evidence


def _own(actor: Actor, talk_id: str) -> models.Conversation:
    """A conversation that this reader may have: theirs, or one that nobody signed in began. Raises NoTalk."""
    row = conversations.row_of(talk_id)
    if row.person_id and (actor.whose is None or row.person_id != actor.whose.id):
        raise NoTalk(_("There is no such conversation"))
    return row


def _own_person(actor: Actor, row: models.Conversation | None = None) -> Person | None:
    """The person who asks for themselves (and began this conversation): nobody else may agree for them."""
    person = actor.whose if actor.on_behalf_of is None else None
    return person if row is None or person is None or row.person_id == person.id else None


def _held(actor: Actor, talk_id: str) -> models.Conversation:
    """A conversation that this officer has now: once it ended, nobody reads it without an act. Raises NoTalk."""
    row = conversations.row_of(talk_id)
    if row.state != "talking" or row.officer != actor.id:
        raise NoTalk(_("There is no such conversation"))
    return row


def _person(row: models.Conversation) -> Person | None:
    return people.person(row.person_id) if row.person_id else None
