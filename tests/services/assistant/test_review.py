"""Officers judge answers and write test questions of their own; the operator chooses on the curve that follows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from commonweal.commands import assistant as command
from commonweal.core.identity.actors import ANONYMOUS, Actor, the_node
from commonweal.core.ledger.entries import NODE_CHAIN
from commonweal.core.ledger.models import Record
from commonweal.core.refused import Refused
from commonweal.services.assistant import models, service
from commonweal.services.assistant.forms import ThresholdsForm
from commonweal.services.assistant.judging import service as judging
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES, a_page
from tests.town import entry, officer, register, resident

COMMAND = the_node("command")
OLU = officer("enquiry-officer", "register", "Olu Enquiry")
OPERATOR = officer("operator", "oversight", "Ope Operator")
HOW_MUCH = "How much does a resident parking permit cost?"
OWN = "What is the price of a permit to park at home?"


@pytest.fixture(autouse=True)
def pages(room: None) -> None:
    publishing.publish(COMMAND, PAGES)


def newest() -> dict[str, Any]:
    """The node's newest record."""
    found: dict[str, Any] = json.loads(bytes(Record.objects.filter(chain=NODE_CHAIN).latest("n").body))
    return found


def asked(text: str = HOW_MUCH, actor: Actor = ANONYMOUS) -> int:
    """Ask, and the number of the answer among those that can be judged."""
    service.ask(actor, text, "en")
    return judging.given(OLU)[0].number


def test_an_officer_says_that_an_answer_is_right_once() -> None:
    number = asked(f"{HOW_MUCH} +34 600 123 456")
    (given,) = judging.given(OLU)
    assert "[phone]" in given.asked
    assert given.slug == "parking-permit"
    judging.judge(OLU, number, "answers")
    assert not judging.given(OLU)
    with pytest.raises(judging.NotJudged):
        judging.judge(OLU, number, "none")
    last = newest()
    assert last["changed"] == [f"assistant/answer/{number}"]
    assert "parking" not in str(last)


def test_questions_of_whoever_was_signed_in_are_not_shown() -> None:
    service.ask(resident(register(entry())[0]), HOW_MUCH, "en")
    assert not judging.given(OLU)


def test_a_test_question_is_the_officers_own_and_nobodys_words_or_details() -> None:
    number = asked()
    for theirs in (HOW_MUCH, HOW_MUCH.upper() + " ", HOW_MUCH.replace("?", "!")):
        with pytest.raises(judging.NotJudged, match="own words"):
            judging.judge(OLU, number, "answers", question=theirs)
    with pytest.raises(judging.NotJudged, match="Leave out"):
        judging.judge(OLU, number, "answers", question=f"{OWN} mara@home.example")
    assert judging.given(OLU), "nothing is kept of what was refused"
    judging.judge(OLU, number, "answers", question=OWN)
    (tried,) = judging.tried()
    assert (tried.text, tried.expected, tried.right) == (OWN, "parking-permit", True)
    assert tried.found == "parking-permit#park-near-your-home"


def test_judgements_and_test_questions_outlive_the_conversation() -> None:
    judging.judge(OLU, asked(), "answers", question=OWN)
    models.Conversation.objects.all().delete()
    assert judging.curve([])[1] == 1
    assert judging.tried()[0].right


def test_another_page_must_be_one_that_there_is() -> None:
    number = asked()
    for slug in ("", "no-such-page"):
        with pytest.raises(judging.NotJudged, match="Choose the page"):
            judging.judge(OLU, number, "other", slug)
    with pytest.raises(judging.NotJudged, match="Bulky waste; What it costs"):
        judging.judge(OLU, number, "other", "bulky-waste", OWN, section="Price")
    assert judging.given(OLU), "nothing is kept of what was refused"
    judging.judge(OLU, number, "other", "library-card", OWN)
    assert not judging.tried()[0].right


def test_a_test_question_tells_when_a_page_changed(capsys: pytest.CaptureFixture[str]) -> None:
    judging.judge(OLU, asked(), "answers", question=OWN)
    assert command._test() == 0
    publishing.publish(COMMAND, [a_page(source="# Park near your home\n\nAsk at the town hall.\n")])
    publishing.withdraw(COMMAND, "parking-permit", "en")
    assert command._test() == 1
    said = capsys.readouterr().out
    assert "NOT ANSWERED  en  " + OWN in said
    assert "1 test questions: 0 answered rightly, 0 wrongly, 1 not" in said
    judging.drop_question(OLU, judging.tried()[0].number)
    assert command._test() == 0


def test_what_did_not_change_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    judging.judge(OLU, asked(), "answers", question=OWN)
    first = judging.tried()
    with monkeypatch.context() as broken:
        broken.setattr("commonweal.services.assistant.answering.likeliest", None)
        assert judging.tried() == first
    judging.tune(OPERATOR, 0.99, 0.98)
    assert judging.tried()[0].silent


def test_a_test_question_may_name_the_section() -> None:
    for section, right in (("Park near your home", True), ("how-to-apply", False)):
        judging.judge(OLU, asked(), "answers", question=OWN, section=section)
        (tried,) = judging.tried()
        assert tried.expected.startswith("parking-permit#")
        assert tried.right is right
        judging.drop_question(OLU, tried.number)


def test_an_officer_sees_what_was_asked_of_their_office_an_editor_everything() -> None:
    talk, _ = service.ask(ANONYMOUS, HOW_MUCH, "en")
    service.hand_over(ANONYMOUS, talk, "tax")
    tax, editor = officer("enquiry-officer", "tax", "Ty Tax"), officer("guidance-editor", "register", "Ed Editor")
    assert [len(judging.given(who)) for who in (OLU, tax, editor)] == [0, 1, 1]
    with pytest.raises(judging.NotJudged):
        judging.judge(OLU, judging.given(tax)[0].number, "answers")


def test_in_a_conversation_that_an_officer_has_the_answers_are_judged_and_the_person_learns_of_it() -> None:
    mara = register(entry())[0]
    talk, _ = service.ask(resident(mara), HOW_MUCH, "en")
    service.hand_over(resident(mara), talk)
    assert not judging.given(OLU)
    service.take(OLU, talk)
    (given,) = judging.given(OLU)
    assert given.mine
    assert not judging.given(replace(OLU, id="another officer"))
    judging.judge(OLU, given.number, "answers")
    newest_of_hers = json.loads(bytes(Record.objects.filter(chain=mara.chain).latest("n").body))
    assert newest_of_hers["action"] == "assistant.answer.judge"
    service.close(OLU, talk)
    assert not judging.given(OLU)


def test_chances_of_other_models_and_what_the_directory_holds_back_do_not_count() -> None:
    settings.COMMONWEAL.home.joinpath("assistant.toml").write_text(
        '[[agency]]\nname = "Pension Office"\nsubjects = ["resident parking"]\n'
    )
    service.ask(ANONYMOUS, HOW_MUCH, "en")
    assert judging.given(OLU)[0].outcome == "out of scope"
    judging.judge(OLU, judging.given(OLU)[0].number, "none", question="Is resident parking yours?")
    points, known = judging.curve(judging.tried())
    assert (known, points[0].answers) == (2, 0)
    models.Judgement.objects.update(mode="both")
    assert judging.curve(judging.tried())[1] == 1


def test_the_curve_counts_what_was_judged_and_what_is_asked_anew() -> None:
    judging.judge(OLU, asked(), "answers", question=OWN)
    judging.judge(OLU, asked("What does a library card cost?"), "none")
    judging.judge(OLU, asked("Xylophones on Mars?"), "none")
    points, known = judging.curve(judging.tried())
    assert known == 4
    assert (points[0].answers, points[0].mistakes, points[0].coverage) == (3, 1, 1.0)
    assert points[0].least < points[0].wrong < points[0].most
    assert [one.answers for one in points] == sorted((one.answers for one in points), reverse=True)


def test_the_operators_choice_holds_at_once_and_is_evidence() -> None:
    assert service.ask(ANONYMOUS, HOW_MUCH, "en")[1].citations  # type: ignore[union-attr]
    judging.tune(OPERATOR, 0.99, 0.98)
    assert not service.ask(ANONYMOUS, HOW_MUCH, "en")[1].citations  # type: ignore[union-attr]
    assert newest()["changed"] == ["assistant/threshold/0.40-0.16/0.99-0.98"]
    judging.tune(OPERATOR, 0.5, 0.1)
    assert service.ask(ANONYMOUS, HOW_MUCH, "en")[1].citations  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="partly"):
        judging.tune(OPERATOR, 0.2, 0.3)


def test_a_whole_answer_needs_no_less_than_a_partial_one() -> None:
    steps = [("0.20", "0.20"), ("0.80", "0.80")]
    form = ThresholdsForm({"partly": "0.80", "answered": "0.20"}, steps=steps)
    assert list(form.errors) == ["answered"]
    assert ThresholdsForm({"partly": "0.20", "answered": "0.20"}, steps=steps).is_valid()


def test_only_those_who_may() -> None:
    number = asked()
    for actor in (ANONYMOUS, OPERATOR, resident(register(entry())[0])):
        with pytest.raises(Refused):
            judging.judge(actor, number, "answers")
    for actor in (ANONYMOUS, OLU):
        with pytest.raises(Refused):
            judging.tune(actor, 0.9, 0.5)
    assert Record.objects.exists()
    assert judging.given(OLU)
