"""What questions about entitlements may know of somebody: with their consent, in numbers, and without a name."""

from __future__ import annotations

from datetime import date

import pytest

from commonweal.core import clock
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy import service as policy
from commonweal.core.policy.actions import purpose_named
from commonweal.core.refused import Refused
from commonweal.services.registry import service
from commonweal.services.registry.values import Address, Circumstances
from tests.town import REGISTRAR, entry, register, resident

pytestmark = pytest.mark.django_db(transaction=True)
ASSISTANT = Actor("service", "system:assistant", "Assistant", "register", frozenset({"assistant"}), 2, automatic=True)


def told(person: Person) -> Circumstances:
    why = purpose_named("assistant.circumstances")
    assert why
    consent = policy.give_consent(resident(person), person, why, "register")
    return service.circumstances(ASSISTANT, person, why, consent=consent)


def months_since(begin: date) -> int:
    today = clock.now().date()
    return (today.year - begin.year) * 12 + today.month - begin.month - (today.day < begin.day)


def test_the_household_is_counted_and_the_age_is_in_full_years() -> None:
    mara, _child = register(entry(), entry(given="Ada", born=date(2015, 2, 28)))
    found = told(mara)
    assert found.household == 2
    assert found.age == months_since(date(1984, 3, 27)) // 12
    assert found.registered


def test_somebody_who_moves_within_the_town_stays_registered() -> None:
    mara = register(entry())[0]
    service.move(REGISTRAR, mara, Address("High Street", "3", "4021", "Testford", date(2026, 1, 1)))
    assert told(mara) == Circumstances(months_since(date(1984, 3, 27)) // 12, 1, True, months_since(date(2010, 1, 1)))


def test_without_consent_nothing_is_told() -> None:
    mara = register(entry())[0]
    why = purpose_named("assistant.circumstances")
    assert why
    with pytest.raises(Refused):
        service.circumstances(ASSISTANT, mara, why)
