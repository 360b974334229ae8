"""Right, sourced, or honestly silent: asked through the service, with and without a page that answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from commonweal.core.identity.actors import ANONYMOUS, Actor, Person, the_node
from commonweal.core.ledger.models import Record
from commonweal.core.refused import Refused
from commonweal.services.assistant import models, service
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES, PARKING, a_page
from tests.town import entry, officer, register, resident

pytestmark = pytest.mark.usefixtures("room")
COMMAND = the_node("command")
OLU = officer("enquiry-officer", "register", "Olu Enquiry")
ANSWERED = ("answered", "partly answered")  # three pages are few to be sure of
HOW_MUCH = "How much does a resident parking permit cost?"


def bodies(person: Person) -> list[dict[str, Any]]:
    return [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=person.chain).order_by("n")]


def ask(text: str = HOW_MUCH, actor: Actor = ANONYMOUS, talk_id: str = "", language: str = "en") -> Any:
    return service.ask(actor, text, language, talk_id=talk_id)


def test_the_answer_is_the_pages_own_words_with_where_they_stand() -> None:
    publishing.publish(COMMAND, PAGES)
    _talk, reply = ask()
    (cited,) = reply.citations
    assert cited.slug == "parking-permit"
    assert reply.outcome in ANSWERED
    assert "45 euros" in cited.text
    page = service.page("parking-permit", "en", cited.hash)
    assert cited.text in "\n".join(block.text for block in service.blocks(page))


def test_without_the_page_it_says_so_and_with_it_again_it_answers() -> None:
    publishing.publish(COMMAND, PAGES)
    assert ask()[1].outcome in ANSWERED
    publishing.withdraw(COMMAND, "parking-permit", "en")
    talk, reply = ask()
    assert (reply.outcome, reply.citations) == ("not known", ())
    _, again = ask(talk_id=talk)
    assert again.outcome == "not known"
    assert service.talk(ANONYMOUS, talk).offered  # a person, after two failures
    publishing.publish(COMMAND, [PAGES[0]])
    assert ask()[1].outcome in ANSWERED


def test_a_changed_number_is_the_next_answer_and_the_old_conversation_keeps_the_old_one() -> None:
    publishing.publish(COMMAND, PAGES)
    talk, old = ask()
    done = publishing.publish(COMMAND, [a_page(source=PARKING.replace("45", "52"))])
    assert done.changed == ("parking-permit",)
    assert publishing.publish(COMMAND, [a_page(source=PARKING.replace("45", "52"))]).unchanged == ("parking-permit",)
    assert "52 euros" in ask()[1].citations[0].text
    (said,) = [one for one in service.talk(ANONYMOUS, talk).said if one.reply]
    assert said.reply == old
    assert "45 euros" in old.citations[0].text
    kept = service.page("parking-permit", "en", old.citations[0].hash)
    assert kept.until is not None
    assert "45 euros" in kept.source


def test_every_fact_of_a_page_can_change_alone() -> None:
    publishing.publish(COMMAND, PAGES[:1])
    described = replace(PAGES[0], description="Who may park where")
    assert publishing.publish(COMMAND, [described]).changed == ("parking-permit",)
    moved = replace(described, address="https://town.example/park")
    assert publishing.publish(COMMAND, [moved]).changed == ("parking-permit",)
    assert publishing.publish(COMMAND, [moved]).unchanged == ("parking-permit",)


def test_anonymous_questions_open_no_act_and_signed_in_evidence_has_no_words() -> None:
    publishing.publish(COMMAND, PAGES)
    before = Record.objects.count()
    ask()
    assert Record.objects.count() == before
    (mara,) = register(entry())
    talk, reply = ask(actor=resident(mara))
    last = bodies(mara)[-1]
    cited = reply.citations[0]
    assert (last["action"], last["object"]) == ("assistant.ask", "topic:parking")
    assert last["disclosed"] == [f"assistant/guidance/parking-permit@{cited.hash[:16]}"]
    assert "permit cost" not in json.dumps(last)
    with pytest.raises(service.NoTalk):
        service.talk(ANONYMOUS, talk)
    with pytest.raises(service.NoTalk):
        service.talk(resident(register(entry("Ola"))[0]), talk)


@pytest.mark.parametrize("text", ["I want to kill myself", "Il y a le feu chez moi", "mi marido me pega"])
def test_an_alarm_is_answered_at_once_and_kept_nowhere(text: str) -> None:
    publishing.publish(COMMAND, PAGES)
    (mara,) = register(entry())
    before = len(bodies(mara))
    talk, reply = ask(text, resident(mara))
    assert (talk, bool(reply.alarm)) == ("", True)
    assert not models.Conversation.objects.exists()
    assert len(bodies(mara)) == before


def test_a_page_in_another_language_only_is_quoted_in_that_language() -> None:
    publishing.publish(COMMAND, PAGES)
    _talk, reply = ask(language="fr")
    assert reply.citations[0].language == "en"


def test_a_person_takes_over_and_the_machine_is_silent() -> None:
    publishing.publish(COMMAND, PAGES)
    (mara,) = register(entry())
    me = resident(mara)
    talk, _ = ask(actor=me)
    service.hand_over(me, talk)
    service.hand_over(me, talk)
    assert ask("Are you there?", me, talk)[1] is None
    (waiting,), none = service.queue(OLU)
    assert (waiting.id, none) == (talk, [])
    service.take(OLU, talk)
    with pytest.raises(service.NotNow):
        service.take(officer("enquiry-officer", "register", "Another"), talk)
    service.answer(OLU, talk, "Yes, I am.", key="k1")
    service.answer(OLU, talk, "Yes, I am.", key="k1")
    assert ask("And on Sundays?", me, talk)[1] is None
    said = [(one.role, one.text) for one in service.talk(me, talk).said]
    assert said[-3:] == [("notice", ""), ("officer", "Yes, I am."), ("user", "And on Sundays?")]
    service.give_back(OLU, talk)
    assert ask(HOW_MUCH, me, talk)[1].outcome in ANSWERED
    actions = [body["action"] for body in bodies(mara) if body["action"].startswith("assistant.talk")]
    assert "assistant.talk.take" in actions
    assert bodies(mara)[-1]["action"] == "assistant.ask"


def test_who_may_not() -> None:
    publishing.publish(COMMAND, PAGES)
    talk, _ = ask()
    service.hand_over(ANONYMOUS, talk)
    for actor in (officer("registrar", "register"), ANONYMOUS, resident(register(entry())[0])):
        with pytest.raises(Refused):
            service.take(actor, talk)
        with pytest.raises(Refused):
            publishing.publish(actor, [a_page(source="# Free beer\n\nBeer is free.")])
