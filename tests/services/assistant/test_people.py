"""Officers who are away, suggest, and send a copy; a question that became a case; somebody in danger who waits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks

from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.services.assistant import arrangements, service
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES
from tests.town import entry, officer, register, resident

COMMAND = the_node("command")
OLU = officer("enquiry-officer", "register", "Olu Enquiry")
HOW_MUCH = "How much does a resident parking permit cost?"
HOURS = '[hours]\nzone = "Europe/Berlin"\nmonday = "08:00-16:00"\ntuesday = "08:00-16:00"\nclosed = [2026-11-24]\n'
SUNDAY, MONDAY = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def pages(room: None) -> None:
    publishing.publish(COMMAND, PAGES)


def arrange(text: str) -> None:
    Path(settings.COMMONWEAL.home / arrangements.FILE).write_text(text)


def test_hours_and_when_somebody_is_there_again() -> None:
    arrange(HOURS)
    with clock.pretend(SUNDAY):
        until = service.away_until()
        assert until == datetime(2026, 11, 23, 7, tzinfo=UTC)
    with clock.pretend(MONDAY):
        assert service.away_until() is None
    with clock.pretend(MONDAY.replace(hour=16)):  # Tuesday is closed, so it is Monday again
        assert service.away_until() == datetime(2026, 11, 30, 7, tzinfo=UTC)


def test_while_nobody_is_there_a_question_becomes_a_case_and_its_decision_the_answer() -> None:
    arrange(HOURS)
    (mara,) = register(entry())
    me = resident(mara)
    with clock.pretend(SUNDAY):
        talk, _ = service.ask(me, "Xylophones on Mars", "en")
        service.hand_over(me, talk)
        service.hand_over(me, talk)
        assert service.talk(me, talk).state == "case"
        assert service.queue(OLU) == ([], [])
        assert service.ask(me, "Red ones.", "en", talk_id=talk)[1] is None
    _notices, (case,) = cases.inbox(me, mara)
    cases.claim(OLU, case.id)
    assert [text for _label, text in cases.read(OLU, case.id).facts] == ["Xylophones on Mars", "Red ones."]
    cases.decide(OLU, case.id, "accepted", "The museum has one.")
    after = service.talk(me, talk)
    assert after.state == "ended"
    assert [one.text for one in after.said if one.role == "officer"] == ["The museum has one."]


def test_who_is_not_signed_in_waits_in_the_list() -> None:
    arrange(HOURS)
    with clock.pretend(SUNDAY):
        talk, _ = service.ask(ANONYMOUS, HOW_MUCH, "en")
        service.hand_over(ANONYMOUS, talk)
        assert service.talk(ANONYMOUS, talk).state == "waiting"
    assert [one.id for one in service.queue(OLU)[0]] == [talk]


def test_a_copy_goes_to_the_inbox_once() -> None:
    (mara,) = register(entry())
    me = resident(mara)
    talk, _ = service.ask(me, HOW_MUCH, "en")
    service.send_transcript(me, talk)
    service.send_transcript(me, talk)
    (notice,), _ = cases.inbox(me, mara)
    assert HOW_MUCH in notice.text
    assert "45 euros" in notice.text
    other, _ = service.ask(ANONYMOUS, HOW_MUCH, "en")
    with pytest.raises(service.NoTalk):
        service.send_transcript(ANONYMOUS, other)


def test_the_suggestion_is_the_officers_alone_and_what_was_sent_unedited_is_counted() -> None:
    talk, _ = service.ask(ANONYMOUS, "Good morning", "en")
    service.hand_over(ANONYMOUS, talk)
    service.take(OLU, talk)
    service.ask(ANONYMOUS, HOW_MUCH, "en", talk_id=talk)
    suggested = service.suggestion(OLU, talk)
    assert suggested
    with pytest.raises(service.NoTalk):
        service.suggestion(officer("enquiry-officer", "register", "Another"), "nothing")
    assert "45 euros" not in str(service.talk(ANONYMOUS, talk).said)
    service.answer(OLU, talk, service.suggestion_text(suggested).replace("\n", "\r\n"), key="1")
    service.answer(OLU, talk, "Do you need more?", key="2")
    assert service.accepted_unedited() == (1, 2)
    said = [one for one in service.talk(ANONYMOUS, talk).said if one.role == "officer"]
    assert said[0].reply
    assert said[0].reply.citations[0].slug == "parking-permit"


def test_how_long_people_waited() -> None:
    assert service.usual_wait() is None
    for minutes in (2, 4, 60):
        with clock.pretend(MONDAY):
            talk, _ = service.ask(ANONYMOUS, HOW_MUCH, "en")
            service.hand_over(ANONYMOUS, talk)
        with clock.pretend(MONDAY.replace(minute=minutes) if minutes < 60 else MONDAY.replace(hour=10)):
            service.take(OLU, talk)
    wait = service.usual_wait()
    assert wait
    assert wait.total_seconds() == 240


def test_somebody_in_danger_who_waits_for_a_person_gets_the_number_at_once() -> None:
    talk, _ = service.ask(ANONYMOUS, HOW_MUCH, "en")
    service.hand_over(ANONYMOUS, talk)
    before = len(service.talk(ANONYMOUS, talk).said)
    nothing, reply = service.ask(ANONYMOUS, "I want to kill myself", "en", talk_id=talk)
    assert reply
    assert (nothing, reply.alarm) == ("", "self_harm")
    assert len(service.talk(ANONYMOUS, talk).said) == before


def test_danger_is_answered_even_where_the_conversation_has_ended() -> None:
    talk, _ = service.ask(ANONYMOUS, HOW_MUCH, "en")
    service.hand_over(ANONYMOUS, talk)
    service.take(OLU, talk)
    assert service.ask(ANONYMOUS, "I want to kill myself", "en", talk_id=talk)[1] is None  # the officer reads it
    service.close(OLU, talk)
    _nothing, reply = service.ask(ANONYMOUS, "I want to kill myself", "en", talk_id=talk)
    assert reply
    assert reply.alarm == "self_harm"


def test_who_had_a_conversation_reads_it_no_longer_when_it_ended() -> None:
    talk, _ = service.ask(ANONYMOUS, HOW_MUCH, "en")
    service.hand_over(ANONYMOUS, talk)
    service.take(OLU, talk)
    assert service.read(OLU, talk).said
    service.close(OLU, talk)
    for look in (service.read, service.suggestion):
        with pytest.raises(service.NoTalk):
            look(OLU, talk)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[hours]\nmonday = '8'", "zone"),
        ('[hours]\nzone = "Europe/Berlin"\nmonday = "8-16"', "monday"),
        ("[numbers]\npolice = '110'", "police"),
        ("[limits]\nquestions_a_minute = 0", "questions_a_minute"),
        ("[[agency]]\nname = 'Pensions'", "subjects"),
        ("[thresholds", "TOML"),
        ('[thresholds]\nanswered = "half"', "between 0 and 1"),
        ("[numbers]\nemergency = 112", "quotation marks"),
        ("[treshold]\nanswered = 0.5", "treshold"),
    ],
)
def test_what_cannot_be_arranged_is_said_with_the_remedy(text: str, says: str) -> None:
    arrange(text)
    with pytest.raises(arrangements.BadArrangements, match=says):
        arrangements.arrangements()
    (found,) = run_checks(tags=["assistant"])
    assert says in str(found.msg)
