"""A machine advises, a person decides: whoever acts, however they try."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from commonweal.core.algorithms import models, person_data
from commonweal.core.algorithms import service as algorithms
from commonweal.core.algorithms.values import Algorithm
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import Ruling
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.ledger.models import Record
from commonweal.core.refused import Refused
from tests import town

REASONS = ("The permit names 12 Mill Lane.", "The register says Harbour Street since May.")
MACHINE = Actor("service", "service:run", "Permit run", "register", frozenset({"registrar"}), 2, automatic=True)


def advise(check: Algorithm, person: Person, actor: Actor = MACHINE, **more: Any) -> algorithms.Advice:
    asked = {"reasons": REASONS, "inputs": ["registry/address"], "adverse": True} | more
    return algorithms.advise(actor, check, person, "P-1", "End the permit.", **asked)


def evidence(person: Person, action: str) -> list[dict[str, Any]]:
    bodies = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=person.chain).order_by("n")]
    return [body for body in bodies if body["action"] == action]


def the_case(check: Algorithm) -> str:
    assert check.adverse
    return cases.cases_about(check.adverse, ["P-1"])["P-1"]


def test_adverse_advice_is_a_case_and_nothing_else(check: Algorithm, rulings: list[Ruling]) -> None:
    (mara,) = town.register(town.entry())
    advice = advise(check, mara)
    assert rulings == []
    (seen,) = evidence(mara, "algorithms.advice.give")
    assert seen["automatic"] is True
    assert seen["disclosed"] == ["registry/address"]
    assert [reference.rsplit("/", 1)[0] for reference in seen["changed"]] == ["algorithms/advice", "cases/case"]
    assert (advice.version, advice.adverse) == ("2", True)
    assert the_case(check)


def test_the_person_reads_who_advised_what_and_why(check: Algorithm) -> None:
    (mara,) = town.register(town.entry())
    advise(check, mara)
    own = cases.my_case(town.resident(mara), the_case(check))
    assert [str(value) for _label, value in own.facts] == [
        "Check of parking permits (2)", "End the permit.", "\n".join(REASONS), "your address",
    ]  # fmt: skip


def test_a_named_officer_decides_and_the_evidence_says_so(check: Algorithm, rulings: list[Ruling]) -> None:
    (mara,) = town.register(town.entry())
    advise(check, mara)
    case = the_case(check)
    cases.claim(town.REGISTRAR, case)
    cases.decide(town.REGISTRAR, case, "accepted", "You live in Harbour Street now.")
    assert [(ruling.by, ruling.outcome) for ruling in rulings] == [("Ada Registrar", "accepted")]
    (decided,) = evidence(mara, "cases.case.decide")
    assert (decided["actor"]["name"], decided["automatic"]) == ("Ada Registrar", False)
    assert "test/permit" in decided["changed"]


@pytest.mark.parametrize(
    "actor",
    [
        MACHINE,
        the_node("permits"),
        replace(town.REGISTRAR, automatic=True),
        replace(MACHINE, automatic=False),
        replace(MACHINE, kind="node"),
    ],
    ids=lambda actor: f"{actor.kind}{' automatic' * actor.automatic}",
)
def test_no_machine_decides(check: Algorithm, rulings: list[Ruling], actor: Actor) -> None:
    (mara,) = town.register(town.entry())
    advise(check, mara)
    case = the_case(check)
    for step in (
        lambda: cases.claim(actor, case),
        lambda: cases.decide(actor, case, "accepted", "It says so."),
        lambda: cases.confirm(actor, case, True),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.rules == () or "cases.no-machine-decides" in refused.value.rules
    assert rulings == []


def test_even_a_machine_that_holds_the_case_does_not_decide(check: Algorithm, rulings: list[Ruling]) -> None:
    """Whatever else permits it: a forbid of core stands above every permit."""
    (mara,) = town.register(town.entry())
    advise(check, mara)
    case = the_case(check)
    cases.claim(town.REGISTRAR, case)
    with pytest.raises(Refused) as refused:
        cases.decide(replace(town.REGISTRAR, automatic=True), case, "accepted", "It says so.")
    assert refused.value.rules == ("cases.no-machine-decides",)
    assert rulings == []


def test_adverse_advice_without_a_case_is_refused(check: Algorithm) -> None:
    (mara,) = town.register(town.entry())
    with pytest.raises(algorithms.NeedsAnOfficer):
        advise(replace(check, adverse=None), mara)
    assert advise(replace(check, adverse=None), mara, adverse=False).adverse is False
    assert models.Advice.objects.count() == 1


@pytest.mark.parametrize("missing", [{"reasons": []}, {"inputs": []}])
def test_advice_without_reasons_or_sources_is_refused(check: Algorithm, missing: dict[str, Any]) -> None:
    (mara,) = town.register(town.entry())
    with pytest.raises(ValueError, match="people have to answer it"):
        advise(check, mara, **missing)


@pytest.mark.parametrize("actor", [town.TAX_OFFICER, replace(MACHINE, agency="tax"), replace(MACHINE, assurance=1)])
def test_only_the_office_that_answers_for_it_lets_it_advise(check: Algorithm, actor: Actor) -> None:
    (mara,) = town.register(town.entry())
    with pytest.raises(Refused):
        advise(check, mara, actor)
    assert models.Advice.objects.count() == 0


def test_nobody_lets_it_advise_about_themselves(check: Algorithm) -> None:
    (mara,) = town.register(town.entry())
    with pytest.raises(Refused):
        advise(check, mara, replace(town.REGISTRAR, person=mara))


def test_the_same_key_advises_once(check: Algorithm) -> None:
    (mara,) = town.register(town.entry())
    assert advise(check, mara, key="run-7") == advise(check, mara, key="run-7")
    assert models.Advice.objects.count() == 1


def test_everything_is_handed_over_and_erased(check: Algorithm) -> None:
    (mara,) = town.register(town.entry())
    advise(check, mara)
    (held,) = person_data.held(mara)["advice"]
    assert (held["advice"], held["reasons"], held["version"]) == ("End the permit.", list(REASONS), "2")
    for _ in range(2):
        person_data.erase(mara)
    assert person_data.held(mara) == {"advice": []}
