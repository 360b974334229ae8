"""Text messages: the same conversation in parts that a telephone can show, and nothing kept of the number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core import clock
from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.core.ledger.models import Record
from commonweal.services.assistant import models, service
from commonweal.services.assistant.channels.sms import parts, receive, screen
from commonweal.services.assistant.demo import FLOWS, GUIDANCE
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import Result
from tests.services.assistant.test_circumstances import ANSWERS, by_form, same
from tests.town import officer

NUMBER = "+34 600 123 456"
OLU = officer("enquiry-officer", "register", "Olu Enquiry")


@pytest.fixture
def town(room: None) -> None:
    publishing.load_folder(the_node("command"), GUIDANCE)
    publishing.load_folder(the_node("command"), FLOWS)


def heard(text: str, number: str = NUMBER) -> str:
    return " ".join(receive(number, text))


def test_am_i_eligible_in_arabic_by_text_message_as_on_the_web(town: None) -> None:
    heard("AR")
    said = heard("من يمكنه الحصول على إعانة السكن؟")
    assert "1 هل يمكنني الحصول على إعانة السكن؟" in said
    said = heard("١")
    for question, option in ANSWERS.items():
        flow = service.flow("housing-benefit", "ar").flow
        assert flow.questions[question].text in said
        said = heard(str(1 + list(flow.questions[question].options).index(option)))
    line = service.line(NUMBER)
    assert line
    result = service.talk(ANONYMOUS, line.talk_id).place
    assert isinstance(result, Result)
    assert same(result) == same(by_form(ANONYMOUS, "", "ar"))
    assert result.text in said
    assert result.trace[-1].rule in said


def test_nothing_is_kept_of_the_number_and_no_act_is_opened(town: None) -> None:
    before = Record.objects.count()
    heard("When is the recycling centre open?")
    assert Record.objects.count() == before
    row = models.Line.objects.get()
    assert "600" not in row.number
    assert row.conversation.person_id is None
    assert service.line("0034600123456") is None
    assert service.line("34600123456")


def test_a_person_answers_with_the_next_text(town: None) -> None:
    heard("Xylophones on Mars")
    said = heard("9")
    assert "You wait for a person" in said
    (waiting,), _ = service.queue(OLU)
    service.take(OLU, waiting.id)
    service.answer(OLU, waiting.id, "We have none.")
    assert heard("Hello?").startswith("Olu Enquiry: We have none.")
    assert "We have none" not in heard("Thanks")


def test_an_alarm_gives_the_number_and_begins_nothing(town: None) -> None:
    assert "116 123" in heard("I want to kill myself")
    line = service.line(NUMBER)
    assert line
    assert not line.talk_id


def test_after_a_day_or_00_a_new_conversation_begins(town: None) -> None:
    heard("When is the recycling centre open?")
    first = service.line(NUMBER)
    assert first
    with clock.pretend(clock.now() + timedelta(hours=25)):
        heard("What does lunch at school cost?")
    second = service.line(NUMBER)
    assert second
    assert second.talk_id != first.talk_id
    heard("00")
    assert service.line(NUMBER) == type(second)("en")


@given(st.text(alphabet="ab cé€ñ\nع你😀", max_size=400))
def test_parts_hold_everything_and_fit(text: str) -> None:
    found = parts(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    plain = not set(text) & set("ع你😀")
    for one in found:
        size = len(one) + one.count("€") if plain else len(one.encode("utf-16-be")) // 2
        assert size <= ((160 if plain else 70) if len(found) == 1 else (153 if plain else 67))


def test_ussd_shows_screens_of_182_characters_with_more(town: None) -> None:
    number = "+34 600 000 009"
    shown = screen(number, "Who can get housing benefit?")
    assert shown.endswith("\n98 More")
    seen = [shown.removesuffix("\n98 More")]
    while shown.endswith("98 More"):
        assert len(shown) <= 182
        shown = screen(number, "98")
        seen.append(shown.removesuffix("\n98 More"))
    assert "1 Can I get housing benefit?" in " ".join(seen)
    assert "Do you rent" in screen(number, "1")
    assert screen(number, "98").startswith("Do you rent")  # nothing is left: the question once more
    screen(number, "AR")
    assert len(screen(number, "من يمكنه الحصول على إعانة السكن؟")) <= 80
    danger = screen(number, "I want to kill myself")
    assert "116 123" in danger
    assert not danger.endswith("98 More")
