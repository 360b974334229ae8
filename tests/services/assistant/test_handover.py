"""Never two speakers, never a loop, never a lost message: whatever residents and officers do, in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from commonweal.core.identity.actors import ANONYMOUS, Actor, Person, the_node
from commonweal.services.assistant import conversations, models, service
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES
from tests.town import entry, officer, register, resident

OFFICERS = (
    officer("enquiry-officer", "register", "Olu Enquiry"),
    Actor("officer", "officer:second", "Mia Enquiry", "register", frozenset({"enquiry-officer"}), 2, True),
    Actor("officer", "officer:third", "Ben Enquiry", "benefits", frozenset({"enquiry-officer"}), 2, True),
)
WHO = st.sampled_from(OFFICERS)
SAYS = st.sampled_from(("What does a permit cost?", "Xylophones on Mars?", "1", "0", "Is anybody there?"))
OFFICES = st.sampled_from(("register", "benefits"))


class Failure(Exception):
    """The line broke in the middle."""


@contextmanager
def broken() -> Iterator[None]:
    """The step fails after its first message was written, before it is whole."""
    say = conversations.say

    def fail(*args: object, **more: object) -> None:
        say(*args, **more)  # type: ignore[arg-type]
        raise Failure

    with patch.object(conversations, "say", fail):
        yield


class Handover(RuleBasedStateMachine):
    """A conversation with its expected state, who has it, and every word that was accepted."""

    mara: Person

    def __init__(self) -> None:
        super().__init__()
        self.me: Actor = ANONYMOUS
        self.state, self.officer, self.said, self.sent = "machine", "", [], 0
        self.talk_id, _reply = service.ask(self.me, "What does a permit cost?", "en")
        self.said.append("What does a permit cost?")
        self.last_key: tuple[str, str] | None = None
        self.last_answer: tuple[Actor, str, str] | None = None

    def row(self) -> models.Conversation:
        return models.Conversation.objects.get(id=self.talk_id)

    def key(self) -> str:
        self.sent += 1
        return f"{self.talk_id}-{self.sent}"

    @rule(text=SAYS)
    def ask(self, text: str) -> None:
        key = self.key()
        if self.state == "ended":
            with pytest.raises(service.NotNow):
                service.ask(self.me, text, "en", talk_id=self.talk_id, key=key)
            return
        _talk, reply = service.ask(self.me, text, "en", talk_id=self.talk_id, key=key)
        assert (reply is None) == (self.state != "machine")  # the machine is silent while a person has the word
        self.said.append(text)
        self.last_key = (text, key)

    @precondition(lambda self: self.last_key)
    @rule()
    def ask_again_with_the_same_form(self) -> None:
        text, key = self.last_key
        service.ask(self.me, text, "en", talk_id=self.talk_id, key=key)

    @precondition(lambda self: self.state != "ended")
    @rule()
    def fail_while_asking(self) -> None:
        with broken(), pytest.raises(Failure):
            service.ask(self.me, "Lost?", "en", talk_id=self.talk_id, key=self.key())

    @rule()
    def hand_over(self) -> None:
        if self.state == "ended":
            with pytest.raises(service.NotNow):
                service.hand_over(self.me, self.talk_id)
            return
        service.hand_over(self.me, self.talk_id)
        if self.state == "machine":
            self.state, self.office = "waiting", ""

    @rule(who=WHO)
    def take(self, who: Actor) -> None:
        if self.state != "waiting":
            with pytest.raises(service.NotNow):
                service.take(who, self.talk_id)
            return
        service.take(who, self.talk_id)
        self.state, self.officer = "talking", who.id

    @precondition(lambda self: self.state == "waiting")
    @rule(who=WHO)
    def fail_while_taking(self, who: Actor) -> None:
        with broken(), pytest.raises(Failure):
            service.take(who, self.talk_id)

    @rule(who=WHO, text=st.sampled_from(("Good morning.", "It costs 45 euros.")))
    def answer(self, who: Actor, text: str) -> None:
        key = self.key()
        if not self._has(who):
            with pytest.raises(service.NotNow):
                service.answer(who, self.talk_id, text, key=key)
            return
        service.answer(who, self.talk_id, text, key=key)
        self.said.append(text)
        self.last_answer = (who, text, key)

    @precondition(lambda self: self.last_answer)
    @rule()
    def answer_again_with_the_same_form(self) -> None:
        who, text, key = self.last_answer
        service.answer(who, self.talk_id, text, key=key)

    @rule(who=WHO, office=OFFICES)
    def pass_on(self, who: Actor, office: str) -> None:
        if not self._has(who):
            with pytest.raises(service.NotNow):
                service.pass_on(who, self.talk_id, office)
            return
        service.pass_on(who, self.talk_id, office)
        self.state, self.officer, self.office = "waiting", "", office

    @rule(who=WHO)
    def give_back(self, who: Actor) -> None:
        if not self._has(who):
            with pytest.raises(service.NotNow):
                service.give_back(who, self.talk_id)
            return
        service.give_back(who, self.talk_id)
        self.state, self.officer = "machine", ""

    @rule(who=WHO)
    def close(self, who: Actor) -> None:
        if not self._has(who):
            with pytest.raises(service.NotNow):
                service.close(who, self.talk_id)
            return
        service.close(who, self.talk_id)
        self.state, self.officer = "ended", ""

    def _has(self, who: Actor) -> bool:
        return self.state == "talking" and self.officer == who.id

    @invariant()
    def one_speaker(self) -> None:
        row = self.row()
        assert row.state == self.state
        if row.state == "talking":
            assert row.officer == self.officer
        having = [who for who in OFFICERS if any(talk.id == self.talk_id for talk in service.queue(who)[1])]
        assert len(having) == (self.state == "talking")

    @invariant()
    def waits_in_one_list_of_those_who_can_take_it(self) -> None:
        seen = [who.agency for who in OFFICERS if any(talk.id == self.talk_id for talk in service.queue(who)[0])]
        if self.state != "waiting":
            assert not seen
        else:
            assert seen == [who.agency for who in OFFICERS if self.office in ("", who.agency)]

    @invariant()
    def no_word_is_lost_or_doubled(self) -> None:
        said = service.talk(self.me, self.talk_id).said
        assert [one.n for one in said] == list(range(1, len(said) + 1))
        assert [one.text for one in said if one.role in ("user", "officer")] == self.said


class SignedIn(Handover):
    """The same for somebody who is signed in: every step is an act."""

    def __init__(self) -> None:
        super().__init__()
        self.me = resident(type(self).mara)
        self.talk_id, _reply = service.ask(self.me, "What does a permit cost?", "en")


@pytest.mark.parametrize("kind", [Handover, SignedIn])
def test_nobody_is_lost_between_machine_and_people(room: None, kind: type[Handover]) -> None:
    publishing.publish(the_node("command"), PAGES)
    kind.mara = register(entry())[0]
    run_state_machine_as_test(
        kind, settings=settings(max_examples=12, stateful_step_count=20, deadline=None,
                                suppress_health_check=list(HealthCheck))
    )  # fmt: skip
