"""Plainer words of a language model: only what a quoted sentence says, never late, never without the quotation."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.core.ledger.models import Record
from commonweal.services.assistant import arrangements, service
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES
from tests.services.assistant.model_double import running
from tests.services.assistant.test_service import bodies
from tests.town import entry, register, resident

COMMAND = the_node("command")
HOW_MUCH = "How much does a resident parking permit cost?"
TRUE = "The permit costs 45 euros a year."
PARTS = ("The permit ", "costs 45 euros", " a year. You need a resident parking per", "mit to park in a blue zone.")


@pytest.fixture(autouse=True)
def pages(room: None) -> None:
    publishing.publish(COMMAND, PAGES)


def asked(text: str = HOW_MUCH, actor: Any = ANONYMOUS) -> tuple[str, Any]:
    talk, reply = service.ask(actor, text, "en")
    assert reply.citations
    return talk, reply


def test_sentences_that_pass_are_kept_beside_the_same_citations() -> None:
    with running(*PARTS) as model:
        model.arrange(key="secret")
        talk, reply = asked()
        said = list(service.plainly(ANONYMOUS, talk))
        assert said == [TRUE, "You need a resident parking permit to park in a blue zone."]
        kept = service.talk(ANONYMOUS, talk).said[-1].reply
        assert kept
        assert kept.plainly == tuple(said)
        assert kept.citations == reply.citations
        assert list(service.plainly(ANONYMOUS, talk)) == []  # once
        assert len(model.asked) == 1
        assert model.headers[0]["Authorization"] == "Bearer secret"


def test_details_are_masked_before_the_question_leaves() -> None:
    with running(*PARTS) as model:
        model.arrange()
        talk, _ = asked(f"{HOW_MUCH} mara@home.example, +34 600 123 456")
        list(service.plainly(ANONYMOUS, talk))
    sent = json.dumps(model.asked)
    assert "cost? [mail], [phone]" in sent
    assert "mara" not in sent
    assert "600" not in sent


@pytest.mark.parametrize(
    "part",
    ["The permit costs 54 euros a year.", "The permit is free.", "Pay at http://evil.example.", "You must not park."],
)
def test_what_the_quotation_does_not_say_is_never_shown(part: str) -> None:
    with running(f"{part} {TRUE}") as model:
        model.arrange()
        talk, _ = asked()
        assert list(service.plainly(ANONYMOUS, talk)) == [TRUE]


def test_unplugged_in_the_middle_leaves_the_quotation_and_what_passed() -> None:
    with running(TRUE + " You need a resident parking permit", None) as model:
        model.arrange()
        talk, reply = asked()
        assert list(service.plainly(ANONYMOUS, talk)) == [TRUE]
        assert service.talk(ANONYMOUS, talk).said[-1].reply.citations == reply.citations  # type: ignore[union-attr]


def test_slow_or_down_or_mad_is_given_up_in_time() -> None:
    with running("The permit ", "costs ", "45 euros ", "a year.", pause=0.4) as model:
        model.arrange(timeout=0.6)
        talk, reply = asked()
        began = time.monotonic()
        assert list(service.plainly(ANONYMOUS, talk)) == []
        assert time.monotonic() - began < 1.5
    assert list(service.plainly(ANONYMOUS, talk)) == []  # the server is gone now
    with running(TRUE, status=500) as model:
        model.arrange()
        assert list(service.plainly(ANONYMOUS, talk)) == []
    with running("word " * 4_000) as model:
        model.arrange()
        assert list(service.plainly(ANONYMOUS, talk)) == []
    assert service.talk(ANONYMOUS, talk).said[-1].reply == reply


def test_a_model_outside_is_a_disclosure_that_the_rules_allow_and_evidence_tells() -> None:
    (mara,) = register(entry())
    me = resident(mara)
    before = Record.objects.count()
    with running(*PARTS) as model:
        model.arrange(address=model.address.replace("http", "https"), inside=False)
        talk, _ = asked()
        assert list(service.plainly(ANONYMOUS, talk)) == []
        assert Record.objects.count() == before  # nobody's question leaves without evidence
        talk, _ = asked(actor=me)
        assert list(service.plainly(me, talk)) == []  # no TLS at this port: but the door was asked before
        last = bodies(mara)[-1]
        assert (last["action"], last["object"]) == ("assistant.question.disclose", "endpoint:127.0.0.1")
        assert last["disclosed"] == ["assistant/question"]
        assert "parking" not in json.dumps(last)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('address = "http://llm.example"\nmodel = "m"', "https, unless"),
        ('address = "llm.example"\nmodel = "m"', "write one like"),
        ('model = "m"', "needs `address`"),
        ('address = "https://llm.example"\nmodel = "m"\ntimeout = 600', "at most 60"),
        ('address = "https://llm.example"\nmodel = "m"\ninside = "yes"', "true or false"),
    ],
)
def test_an_endpoint_that_cannot_be_used_is_said_with_the_remedy(given: str, says: str) -> None:
    with running() as model:
        model.arrange()
        path = arrangements.settings.COMMONWEAL.home / arrangements.FILE
        path.write_text(f"[endpoint]\n{given}\n")
        with pytest.raises(arrangements.BadArrangements, match=says):
            arrangements.arrangements()


def events(answer: Any) -> list[tuple[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    parts = [part.split("\n", 1) for part in text.split("\n\n") if part]
    return [(head.removeprefix("event: "), data) for head, data in parts]


def test_the_answer_comes_first_then_its_sources_then_what_takes_longer() -> None:
    client = Client()
    with running(*PARTS) as model:
        model.arrange()
        answer: Any = client.post("/assistant/stream/", {"text": HOW_MUCH, "key": "k1", "seen": "0"})
        assert answer["Content-Type"].startswith("text/event-stream")
        found = events(answer)
    assert [name for name, _ in found] == [
        "said", "said", "sources", "standing", "key", "plainer", "sentence", "sentence", "done",
    ]  # fmt: skip
    assert "45 euros" in found[1][1]
    assert "as published on" not in found[1][1]
    assert "as published on" in found[2][1]
    again: Any = client.post("/assistant/stream/", {"text": HOW_MUCH, "key": "k1", "seen": "2"})
    assert [name for name, _ in events(again)] == ["standing", "key", "done"]  # said once
    page = client.get("/assistant/").content.decode()
    assert page.count("In plainer words") == 2  # the words, and the note on who wrote them


@pytest.mark.parametrize("text", ["", "I want to kill myself", "x" * 2_001])
def test_where_a_page_has_to_answer_the_stream_leaves_it_to_the_form(text: str) -> None:
    assert Client().post("/assistant/stream/", {"text": text, "key": "k1"}).status_code == 204


def test_without_a_script_plainer_words_come_by_a_button() -> None:
    client = Client()
    with running(*PARTS) as model:
        model.arrange()
        client.post("/assistant/", {"text": HOW_MUCH, "key": "k1"})
        assert not model.asked  # the quotation did not wait for them
        assert "Say it in plainer words" in client.get("/assistant/").content.decode()
        page = client.post("/assistant/plainly/", follow=True).content.decode()
    assert TRUE in page
    assert "Say it in plainer words" not in page
