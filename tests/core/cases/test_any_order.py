"""Random people do random things to cases in any order; what must hold, holds after every step."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from commonweal.core.cases import models
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import CaseType, Outcome, Queue, Ruling
from commonweal.core.identity import accounts, service
from commonweal.core.identity.actors import Actor, the_node
from commonweal.core.ledger.models import Record
from commonweal.core.refused import Refused
from tests import town
from tests.core.cases import errand

pytestmark = pytest.mark.slow

NAMES = ("Ada", "Olu", "Ira")
who, which, outcome = st.integers(0, 3), st.integers(0, 1), st.sampled_from(["accepted", "rejected"])


class AnyOrder(RuleBasedStateMachine):
    """Two cases, the first with four eyes; three registrars, a tax officer, and the person herself."""

    types: tuple[CaseType, CaseType]
    officers: list[Actor]
    rulings: list[Ruling]

    @initialize()
    def begin(self) -> None:
        (self.mara,) = town.register(town.entry())
        self.me = town.resident(self.mara, session="")
        self.rulings.clear()
        self.cases = [errand.apply_for(kind, self.mara, f"{self.mara.id.hex}-{kind.name}") for kind in self.types]

    @rule(who=who, case=which)
    def claim(self, who: int, case: int) -> None:
        self._try(cases.claim, who, case)

    @rule(who=who, case=which)
    def release(self, who: int, case: int) -> None:
        self._try(cases.release, who, case)

    @rule(who=who, case=which, to=who)
    def hand_to_colleague(self, who: int, case: int, to: int) -> None:
        self._try(cases.hand_over, who, case, self.officers[to].id)

    @rule(who=who, case=which)
    def hand_to_office(self, who: int, case: int) -> None:
        self._try(cases.hand_over, who, case, Queue("tax", "tax-officer"))

    @rule(who=who, case=which, outcome=outcome)
    def decide(self, who: int, case: int, outcome: Outcome) -> None:
        self._try(cases.decide, who, case, outcome, "Because.")

    @rule(who=who, case=which, agree=st.booleans())
    def confirm(self, who: int, case: int, agree: bool) -> None:
        self._try(cases.confirm, who, case, agree, "Because.")

    @rule(who=who, case=which)
    def ask(self, who: int, case: int) -> None:
        self._try(cases.ask, who, case, "What?")

    @rule(case=which, first=who, outcome=outcome, agree=st.booleans())
    def work_it_off(self, case: int, first: int, outcome: Outcome, agree: bool) -> None:
        """Everybody in turn tries to take and decide it, as an office does; random tries alone seldom get far."""
        for who in (first, *range(len(self.officers))):
            self._try(cases.claim, who, case)
            self._try(cases.confirm, who, case, agree, "Because.")
            self._try(cases.decide, who, case, outcome, "Because.")

    @rule(case=which, first=who, outcome=outcome)
    def appeal_and_decide_again(self, case: int, first: int, outcome: Outcome) -> None:
        self.work_it_off(case, first, "rejected", True)
        self.person_writes(case, cases.appeal)
        self.work_it_off(case, first, outcome, True)

    @rule(case=which, words=st.sampled_from([cases.reply, cases.appeal]))
    def person_writes(self, case: int, words: Callable[..., None]) -> None:
        _attempt(lambda: words(self.me, self.cases[case], "Words."))

    def _try(self, work: Callable[..., None], who: int, case: int, *more: Any) -> None:
        _attempt(lambda: work(self.officers[who], self.cases[case], *more))

    @invariant()
    def a_decision_is_made_by_fresh_eyes(self) -> None:
        for case in self.cases:
            steps = list(models.Step.objects.filter(case_id=case).order_by("n"))
            earlier = {step.by for step in steps if step.officer and not step.appeal}
            proposer = ""
            for step in steps:
                if step.officer and step.appeal and step.kind in ("asked", "proposed", "decided", "sent-back"):
                    assert step.by not in earlier, "an appeal is worked on by somebody who had a part before"
                if step.kind in ("decided", "sent-back"):
                    assert step.by != proposer, "the second of four eyes is the first"
                proposer = step.by if step.kind == "proposed" else "" if step.kind == "sent-back" else proposer

    @invariant()
    def a_case_has_one_owner_who_took_it_or_was_given_it(self) -> None:
        for row in models.Case.objects.filter(id__in=self.cases):
            steps = list(row.steps.order_by("n"))
            assert [step.n for step in steps] == list(range(row.version + 1))
            assert (row.status == "closed") == (row.closed is not None) == bool(row.outcome)
            owner = ""
            for step in steps:
                if step.kind == "claimed":
                    assert owner in ("", "?"), "taken although somebody had it"
                    owner = step.by
                elif step.officer:
                    assert owner in (step.by, "?"), "worked on by somebody who had not taken it"
                if step.kind in ("released", "sent-back", "proposed", "appealed"):
                    owner = ""
                elif step.kind == "handed-over":
                    owner = "?"  # to a colleague, or to nobody yet of another office
            assert owner in (row.owner, "?")

    @invariant()
    def every_change_has_exactly_one_entry_of_evidence(self) -> None:
        bodies = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=self.mara.chain).order_by("n")]
        told = [name for body in bodies if body["decision"] == "permitted" for name in body.get("changed", ())]
        for case in self.cases:
            assert told.count(f"cases/case/{case}") == models.Step.objects.filter(case_id=case).count()
        notices = models.Notice.objects.filter(person_id=self.mara.id).count()
        assert told.count("cases/notice") == notices

    @invariant()
    def the_room_hears_each_decision_once(self) -> None:
        decided = models.Step.objects.filter(case_id__in=self.cases, kind="decided").order_by("at")
        assert [ruling.outcome for ruling in self.rulings] == list(decided.values_list("outcome", flat=True))


def _attempt(work: Callable[[], None]) -> None:
    with suppress(Refused, cases.NotNow):
        work()


def _appointed(name: str, agency: str, role: str) -> Actor:
    account = accounts.create_account(f"{name}@testford.example", name)
    service.appoint(the_node("set-up"), account.id, agency, role)
    return Actor("officer", f"account:{account.id.hex}", name, agency, frozenset({role}), 2, True)


@pytest.mark.django_db(transaction=True)
def test_in_any_order() -> None:
    accounts.register_agency("register", {"en": "Register"}, roles=("registrar",))
    accounts.register_agency("tax", {"en": "Tax"}, roles=("tax-officer",))
    AnyOrder.officers = [_appointed(name, "register", "registrar") for name in NAMES]
    AnyOrder.officers.append(_appointed("Tom", "tax", "tax-officer"))
    AnyOrder.rulings = []
    with (
        errand.permits(AnyOrder.rulings) as careful,
        errand.permits(AnyOrder.rulings, four_eyes=False, name="test.plain") as plain,
    ):
        AnyOrder.types = (careful, plain)
        run_state_machine_as_test(
            AnyOrder,
            settings=settings(
                max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    assert models.Step.objects.filter(kind="decided", appeal=True).exists(), "no appeal was decided: nothing proved"
    assert models.Step.objects.filter(kind="sent-back").exists()
