"""The same questions, outcome and rules in every channel: by form, by typed numbers, and with an officer."""

from __future__ import annotations

from itertools import product

import pytest

from commonweal.core.identity.actors import ANONYMOUS, Actor, the_node
from commonweal.services.assistant import decision_flows, service
from commonweal.services.assistant.demo import FLOWS, GUIDANCE
from commonweal.services.assistant.engine.flows import Flow, parse, run
from commonweal.services.assistant.guidance import BadPage
from commonweal.services.assistant.publishing import service as publishing
from commonweal.services.assistant.values import Asked, NewFlow, Reply, Result
from tests.services.assistant.test_demo_guidance import numbers
from tests.town import entry, officer, register, resident

COMMAND = the_node("command")
OLU = officer("enquiry-officer", "register", "Olu Enquiry")
PARSED = {(new.language, new.name): parse(new.source) for new in decision_flows.read_folder(FLOWS)}
ANSWERS = {"rents": "yes", "student": "no", "people": "two", "income_two": "yes"}


@pytest.fixture
def town(room: None) -> None:
    publishing.load_folder(COMMAND, GUIDANCE)
    publishing.load_folder(COMMAND, FLOWS)


def shape(flow: Flow) -> object:
    return {id_: dict(question.next) for id_, question in flow.questions.items()}, sorted(flow.outcomes)


def test_there_are_eight_flows_five_of_them_in_four_languages_and_all_alike() -> None:
    names = {name for _language, name in PARSED}
    assert len(names) == 8
    everywhere = [name for name in names if all((language, name) in PARSED for language in ("en", "fr", "es", "ar"))]
    assert len(everywhere) == 5
    for name, language in product(everywhere, ("fr", "es", "ar")):
        here, english = PARSED[language, name], PARSED["en", name]
        assert shape(here) == shape(english)
        for id_, question in english.questions.items():
            assert numbers(here.questions[id_].text) == numbers(question.text)
        for id_, outcome in english.outcomes.items():
            assert numbers(here.outcomes[id_].text) == numbers(outcome.text)


def test_each_number_of_a_flow_stands_in_the_page_that_it_follows_from(town: None) -> None:
    for (language, name), flow in PARSED.items():
        for outcome in flow.outcomes.values():
            slug = outcome.source.partition("#")[0]
            page = service.page(slug, language)
            assert set(numbers(outcome.text)) <= set(numbers(page.source)), (name, outcome.id)


def by_form(actor: Actor, talk: str, language: str = "en") -> Result:
    talk = service.begin_flow(actor, "housing-benefit", language, talk_id=talk)
    for _ in range(10):
        reader = service.read(actor, talk) if actor.kind == "officer" else service.talk(actor, talk)
        place = reader.place
        if isinstance(place, Result):
            return place
        assert place is not None
        service.choose(actor, talk, place.question, ANSWERS[place.question], key=f"{talk}-{place.question}")
    raise AssertionError("no result")


def by_number(talk: str, language: str = "en") -> Result:
    talk = service.begin_flow(ANONYMOUS, "housing-benefit", language, channel="sms")
    place = service.talk(ANONYMOUS, talk).place
    while isinstance(place, Asked):
        wanted = ANSWERS[place.question]
        number = 1 + [id_ for id_, _words in place.options].index(wanted)
        _talk, reply = service.ask(ANONYMOUS, str(number), language, talk_id=talk)
        assert reply
        place = reply.asked or reply.result
    assert isinstance(place, Result)
    return place


def same(result: Result) -> tuple[str, list[tuple[str, str]]]:
    return result.outcome, [(step.question, step.option) for step in result.trace]


def test_every_channel_gives_the_same_questions_outcome_and_rules(town: None) -> None:
    web = by_form(ANONYMOUS, "")
    assert web.outcome == "yes"
    assert [step.rule for step in web.trace][-1] == "Housing benefit, who can get it"
    assert same(by_number("")) == same(web)
    assert same(by_form(ANONYMOUS, "", "ar")) == same(web)
    (mara,) = register(entry())
    assert same(by_form(resident(mara), "")) == same(web)
    talk, _ = service.ask(ANONYMOUS, "Can somebody help me?", "en")
    service.hand_over(ANONYMOUS, talk)
    service.take(OLU, talk)
    assert same(by_form(OLU, talk)) == same(web)


def test_the_answer_that_depends_on_circumstances_asks(town: None) -> None:
    talk, reply = service.ask(ANONYMOUS, "Who can get housing benefit, how much income may I have?", "en")
    assert (reply.outcome, reply.flow) == ("needs a question", "housing-benefit")
    assert reply.citations
    _, reply = service.ask(ANONYMOUS, "1", "en", talk_id=talk)
    assert reply.asked.question == "rents"
    _, reply = service.ask(ANONYMOUS, "No", "en", talk_id=talk)
    assert reply.result.outcome == "not_renting"
    (cited,) = reply.citations
    page = service.page(cited.slug, cited.language, cited.hash)
    assert cited.text in "\n".join(block.text for block in service.blocks(page))
    assert "1,500 euros" in cited.text


def test_going_back_forgets_what_followed(town: None) -> None:
    talk = service.begin_flow(ANONYMOUS, "housing-benefit", "en")
    for question in ("rents", "student", "people"):
        service.choose(ANONYMOUS, talk, question, ANSWERS[question])
    service.choose(ANONYMOUS, talk, "student", "yes")
    place = service.talk(ANONYMOUS, talk).place
    assert isinstance(place, Result)
    assert place.outcome == "has_grant"
    _, reply = service.ask(ANONYMOUS, "0", "en", talk_id=talk)
    assert reply.asked.question == "student"
    with pytest.raises(service.NotNow):
        service.choose(ANONYMOUS, talk, "people", "two")
    service.leave_flow(ANONYMOUS, talk)
    assert service.talk(ANONYMOUS, talk).place is None


def test_a_typed_number_that_is_no_option_asks_again_and_other_words_are_a_question(town: None) -> None:
    talk = service.begin_flow(ANONYMOUS, "housing-benefit", "en")
    _, reply = service.ask(ANONYMOUS, "7", "en", talk_id=talk)
    assert reply.asked.question == "rents"
    _, reply = service.ask(ANONYMOUS, "When is the recycling centre open?", "en", talk_id=talk)
    assert reply.citations[0].slug == "recycling-centre"
    _, reply = service.ask(ANONYMOUS, "١", "en", talk_id=talk)
    assert reply.asked.question == "student"


def test_a_new_version_does_not_change_a_conversation_that_runs(town: None) -> None:
    talk = service.begin_flow(ANONYMOUS, "housing-benefit", "en")
    old = service.flow("housing-benefit", "en")
    source = (FLOWS / "en/housing-benefit.toml").read_text().replace("Do you rent", "Are you a tenant of")
    publishing.publish_flows(COMMAND, [NewFlow("housing-benefit", "en", source)])
    place = service.talk(ANONYMOUS, talk).place
    assert isinstance(place, Asked)
    assert (place.version, place.text.split()[:2]) == (old.hash, ["Do", "you"])
    assert service.flow("housing-benefit", "en", old.hash).until is not None


def test_the_same_form_sent_twice_is_one_answer(town: None) -> None:
    talk = service.begin_flow(ANONYMOUS, "housing-benefit", "en")
    first: Reply | None = service.choose(ANONYMOUS, talk, "rents", "yes", key="k")
    assert first
    assert service.choose(ANONYMOUS, talk, "rents", "yes", key="k") is None
    assert [one.text for one in service.talk(ANONYMOUS, talk).said if one.role == "user"] == ["Yes"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("housing-benefit#who-can-get-it", "housing-benefit#nothing"), "which no page here has"),
        (('language = "en"', 'language = "fr"'), "stands in the folder"),
        (('start = "rents"', 'start = "nowhere"'), "starts at nowhere"),
    ],
)
def test_a_flow_that_cannot_be_used_is_refused_with_the_reason(town: None, change: tuple[str, str], says: str) -> None:
    source = (FLOWS / "en/housing-benefit.toml").read_text().replace(*change)
    with pytest.raises(BadPage, match=says):
        publishing.publish_flows(COMMAND, [NewFlow("housing-benefit", "en", source)])


def test_every_way_through_every_flow_ends() -> None:
    for flow in PARSED.values():
        for question in flow.questions.values():
            assert set(question.next.values()) <= {*flow.questions, *flow.outcomes}
        first = {id_: next(iter(question.options)) for id_, question in flow.questions.items()}
        assert run(flow, first).outcome
