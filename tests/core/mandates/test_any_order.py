"""Mandates given, taken up, used, ended and outlived in any order: never a use outside of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from commonweal.core import clock
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.mandates import service
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from tests.town import entry, officer, register, resident

SCOPES = st.sampled_from(
    [(), ("registry",), ("portal",), ("registry.person.read",), ("own-access",), ("cases", "portal")]
)
COVERING = ((), ("registry",), ("registry.person.read",), ("own-access",))
WHO = st.integers(0, 2)


class Mandates(RuleBasedStateMachine):
    """A model of who may read whose entry, against the door."""

    @initialize()
    def begin(self) -> None:
        self.people = register(entry(), entry("Ola"), entry("Zoe"))
        self.now = clock.now()
        self.waiting: list[tuple[str, str, int]] = []  # mandate, code, giver
        self.held: dict[str, tuple[Actor, int, tuple[str, ...], datetime | None]] = {}  # agent, giver, scope, end
        self.scopes: dict[str, tuple[tuple[str, ...], datetime | None]] = {}
        self.ended: set[str] = set()
        self.visits = 0

    def actor(self, who: int) -> Actor:
        self.visits += 1
        return resident(self.people[who], session=f"s{self.visits}")

    @rule(giver=WHO, scope=SCOPES, hours=st.sampled_from([None, 1, 5]))
    def grant(self, giver: int, scope: tuple[str, ...], hours: int | None) -> None:
        with clock.pretend(self.now):
            end = self.now + timedelta(hours=hours) if hours else None
            mandate, code = service.grant(self.actor(giver), self.people[giver], scope, end)
        self.waiting.append((mandate, code, giver))
        self.scopes[mandate] = (scope, end)

    @rule(taker=WHO, place=st.integers(0, 9))
    def take_up(self, taker: int, place: int) -> None:
        if not self.waiting:
            return
        mandate, code, giver = self.waiting[place % len(self.waiting)]
        scope, end = self.scopes[mandate]
        with clock.pretend(self.now):
            try:
                service.accept(self.actor(taker), code)
            except (Refused, service.NoMandate):
                assert taker == giver or mandate in self.ended or mandate in self.held or (end and end <= self.now)
                return
        assert taker != giver
        self.held[mandate] = (self.actor(taker), giver, scope, end)

    @rule(officer_=st.sampled_from(["a", "b"]), who=WHO)
    def assist(self, officer_: str, who: int) -> None:
        self.visits += 1
        helper = replace(officer("counter-officer", "register"), id=f"officer:{officer_}", session=f"c{self.visits}")
        with clock.pretend(self.now):
            mandate = service.assist(helper, self.people[who], "Forms")
        self.held[mandate] = (helper, who, (), self.now + service.ASSISTED_FOR)

    @rule(who=WHO, place=st.integers(0, 9))
    def end(self, who: int, place: int) -> None:
        known = [*self.scopes, *(mandate for mandate in self.held if mandate not in self.scopes)]
        if not known:
            return
        mandate = known[place % len(known)]
        with clock.pretend(self.now):
            try:
                service.end(self.actor(who), mandate)
            except (Refused, service.NoMandate):
                return
        giver = next((giver for one, _code, giver in self.waiting if one == mandate), None)
        agent, whose, *_ = self.held.get(mandate, (None, giver, (), None))
        assert who == whose or (agent and agent.person == self.people[who])
        self.ended.add(mandate)

    @rule(minutes=st.sampled_from([10, 40, 200]))
    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(place=st.integers(0, 9), about=WHO, by=st.sampled_from(["agent", 0, 1, 2]))
    def use(self, place: int, about: int, by: str | int) -> None:
        if not self.held:
            return
        mandate = list(self.held)[place % len(self.held)]
        agent, giver, scope, end = self.held[mandate]
        who = agent if by == "agent" else self.actor(int(by))
        acting = replace(who, on_behalf_of=self.people[about], mandate=mandate)
        theirs = who.id == agent.id and who.kind == agent.kind
        allowed = (
            theirs and about == giver and scope in COVERING and mandate not in self.ended
            and (end is None or end > self.now)
        ) or acting.person == self.people[about]  # fmt: skip
        assert self.reads(acting, self.people[about]) == allowed

    def reads(self, actor: Actor, person: Person) -> bool:
        with clock.pretend(self.now):
            try:
                registry.read(actor, person, OWN_ACCESS)
            except Refused:
                return False
        return True


class TestMandates(Mandates.TestCase, TestCase):  # type: ignore[name-defined,misc]
    """The machine in a transaction for each example."""

    settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


pytestmark = pytest.mark.django_db
