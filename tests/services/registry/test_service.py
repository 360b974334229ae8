"""The register through its service: what each purpose sees, search, moves, corrections, the change feed."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.cases import service as cases
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.refused import Refused
from commonweal.services.registry import records, service
from commonweal.services.registry.purposes import BENEFITS, KEEPING, SCHOOL, TAX, visible
from commonweal.services.registry.values import Address
from tests.core.cases import errand
from tests.town import BENEFIT_OFFICER, REGISTRAR, SCHOOL_OFFICER, TAX_OFFICER, entry, register, resident

pytestmark = pytest.mark.django_db


def test_each_purpose_sees_its_fields_and_nothing_else() -> None:
    parent, child = register(entry(), entry("Ife", born=date(2015, 5, 1)), ties=((1, "parent", 0),))
    seen = service.read(SCHOOL_OFFICER, child, SCHOOL)
    assert seen.fields == visible(SCHOOL)
    assert [(relative.kind, relative.name) for relative in seen.relations or ()] == [("parent", "Mara Okafor")]
    assert seen.household is None
    seen = service.read(BENEFIT_OFFICER, parent, BENEFITS, case="B-1")
    assert [mate.name for mate in seen.household or ()] == ["Ife Okafor"]
    assert seen.relations is None
    assert service.read(TAX_OFFICER, parent, TAX).born is None


def test_benefits_need_a_case() -> None:
    (person,) = register(entry())
    with pytest.raises(Refused):
        service.read(BENEFIT_OFFICER, person, BENEFITS)


def test_search_folds_case_and_accents_and_tells_everyone_found() -> None:
    people = register(entry("José", "Ibáñez"), entry("Jose", "Ibanez"), entry("Ana", "Silva"))
    found = service.search(REGISTRAR, "ibáñez JOSE", KEEPING)
    assert {line.person for line in found} == set(people[:2])
    assert service.search(REGISTRAR, "ibanez", KEEPING, born=date(1999, 1, 1)) == []


def test_search_refuses_to_list_a_crowd() -> None:
    register(*(entry("Sam", f"Crowd{n}") for n in range(21)))
    with pytest.raises(service.TooMany):
        service.search(REGISTRAR, "sam", KEEPING)
    with pytest.raises(ValueError, match="two letters"):
        service.search(REGISTRAR, " s ", KEEPING)


def test_who_may_not_search_learns_nothing_not_even_that_there_are_many() -> None:
    register(*(entry("Sam", f"Crowd{n}") for n in range(21)))
    with pytest.raises(Refused):
        service.search(TAX_OFFICER, "sam", KEEPING)


def test_officers_do_not_find_themselves() -> None:
    mara, ola = register(entry(), entry("Ola"))
    registrar = dataclasses.replace(REGISTRAR, person=mara)
    assert [line.person for line in service.search(registrar, "okafor", KEEPING)] == [ola]


def test_a_move_ends_the_earlier_residence() -> None:
    (person,) = register(entry())
    service.move(REGISTRAR, person, Address("Elm Street", "3", "4022", "Testford", date(2024, 5, 1)))
    addresses = service.read(REGISTRAR, person, KEEPING).addresses or ()
    assert [(str(address), address.until) for address in addresses] == [
        ("3 Elm Street, 4022 Testford", None),
        ("12 Mill Lane, 4021 Testford", date(2024, 5, 1)),
    ]


def test_a_birth_is_one_act_about_parent_and_child() -> None:
    (parent,) = register(entry())
    child = service.register_birth(REGISTRAR, parent, entry("Ife", born=date(2026, 5, 1)), case="R-1", key="k")
    assert service.register_birth(REGISTRAR, parent, entry("Ife", born=date(2026, 5, 1)), case="R-1", key="k") == child
    seen = service.read(REGISTRAR, child, KEEPING)
    assert [(relative.kind, relative.person) for relative in seen.relations or ()] == [("parent", parent)]
    assert [mate.name for mate in seen.household or ()] == ["Mara Okafor"]


def test_a_new_name_keeps_the_old_one() -> None:
    (person,) = register(entry())
    service.rename(REGISTRAR, person, "Mara", "Bell", date(2024, 5, 1))
    names = service.read(REGISTRAR, person, KEEPING).names or ()
    assert [(str(name), name.until) for name in names] == [("Mara Bell", None), ("Mara Okafor", date(2024, 5, 1))]


def test_a_death_ends_the_residence() -> None:
    (person,) = register(entry())
    service.record_death(REGISTRAR, person, date(2024, 5, 1))
    seen = service.read(REGISTRAR, person, KEEPING)
    assert seen.died == date(2024, 5, 1)
    assert seen.address is None


@pytest.mark.parametrize(
    ("field", "proposed", "shown"),
    [
        ("family", "Okafor-Bell", "Mara Okafor-Bell"),
        ("born", "1984-03-28", "1984-03-28"),
        ("birth_place", "Abuja", "Abuja"),
        ("address", "7 Elm Street, 4022 Testford", "7 Elm Street, 4022 Testford"),
    ],
)
def test_an_accepted_correction_changes_the_entry(field: str, proposed: str, shown: str) -> None:
    (person,) = register(entry())
    asked = service.ask_correction(resident(person), person, field, proposed, "see my papers")  # type: ignore[arg-type]
    errand.decide(REGISTRAR, errand.case_of(asked), "accepted", "The papers show it.")
    (decided,) = service.my_corrections(resident(person), person)
    assert decided.status == "accepted"
    seen = service.read(REGISTRAR, person, KEEPING)
    values = (str(seen.name), str(seen.born), seen.birth_place, str(seen.address))
    assert shown in values


def test_a_rejected_correction_changes_nothing_and_gives_the_reason() -> None:
    (person,) = register(entry())
    asked = service.ask_correction(resident(person), person, "given", "Maria", "I like it")
    case = errand.case_of(asked)
    errand.decide(REGISTRAR, case, "rejected", "No paper shows it.")
    assert str(service.read(REGISTRAR, person, KEEPING).name) == "Mara Okafor"
    (mine,) = service.my_corrections(resident(person), person)
    assert (mine.status, mine.reason, mine.decided_by) == ("rejected", "No paper shows it.", "Ada Registrar")
    with pytest.raises(cases.NotNow):
        cases.decide(REGISTRAR, case, "accepted", "Again")


def test_nobody_asks_or_decides_for_another() -> None:
    mara, other = register(entry(), entry("Ola"))
    with pytest.raises(Refused):
        service.ask_correction(resident(other), mara, "given", "X", "why not")
    asked = service.ask_correction(resident(mara), mara, "given", "Maria", "papers")
    with pytest.raises(Refused):
        errand.decide(TAX_OFFICER, errand.case_of(asked), "accepted", "because")
    with pytest.raises(Refused):
        service.read(resident(other), mara, OWN_ACCESS)


@pytest.mark.parametrize(
    ("field", "proposed"),
    [("born", "yesterday"), ("born", "2999-01-01"), ("address", "somewhere"), ("family", "Okafor")],
)
def test_a_correction_that_cannot_be_read_is_not_taken(field: str, proposed: str) -> None:
    (person,) = register(entry())
    with pytest.raises(ValueError, match=r".+"):
        service.ask_correction(resident(person), person, field, proposed, "why")  # type: ignore[arg-type]


def test_the_feed_gives_every_change_once_and_in_order() -> None:
    first, second = register(entry(), entry("Ola"))
    service.move(REGISTRAR, first, Address("Elm Street", "3", "4022", "Testford", date(2024, 5, 1)))
    start = service.changes(TAX_OFFICER, TAX, 0, 2)
    rest = service.changes(TAX_OFFICER, TAX, start[-1].position, 100)
    assert [(line.kind, line.person) for line in [*start, *rest]] == [
        ("registered", first), ("registered", second), ("moved", first),
    ]  # fmt: skip
    with pytest.raises(Refused):
        service.changes(BENEFIT_OFFICER, BENEFITS, 0)


def test_a_person_without_an_entry_is_told_so() -> None:
    from commonweal.core.identity.people import create_person

    with pytest.raises(records.NoEntry):
        service.read(REGISTRAR, create_person(), KEEPING)


@given(st.text(max_size=40))
def test_folding_is_stable(text: str) -> None:
    assert records.folded(records.folded(text)) == records.folded(text)
