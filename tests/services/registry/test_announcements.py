"""What the register tells others: in the transaction of the change, in fields and never contents."""

from __future__ import annotations

from datetime import date

import pytest

from commonweal.core.exchange.models import Event
from commonweal.services.registry import service
from commonweal.services.registry.values import Address
from tests.town import REGISTRAR, entry, register, resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_a_federation")]


def told() -> list[tuple[str, str, list[str]]]:
    return [(str(event.person_id), event.type, event.data["fields"]) for event in Event.objects.order_by("id")]


def test_every_event_of_a_life_is_told_by_its_fields_alone() -> None:
    (mara,) = register(entry())
    whole = [f"registry/{field}" for field in ("name", "born", "died", "address", "household", "relations")]
    service.move(REGISTRAR, mara, Address("Elm Row", "1", "4021", "Testford", date(2020, 1, 1)), key="once")
    service.move(REGISTRAR, mara, Address("Elm Row", "1", "4021", "Testford", date(2020, 1, 1)), key="once")
    service.rename(REGISTRAR, mara, "Mara", "Adeyemi", date(2021, 1, 1))
    child = service.register_birth(REGISTRAR, mara, entry("Tomi", born=date(2022, 5, 1)))
    service.record_death(REGISTRAR, mara, date(2024, 1, 1))
    assert told() == [
        (str(mara.id), "registry.person.registered", whole),
        (str(mara.id), "registry.person.moved", ["registry/address"]),
        (str(mara.id), "registry.person.renamed", ["registry/name"]),
        (str(child.id), "registry.person.born", whole),
        (str(mara.id), "registry.person.died", ["registry/died", "registry/address"]),
    ]
    assert not any("Elm" in str(event.data) or "Adeyemi" in str(event.data) for event in Event.objects.all())


def test_what_is_refused_is_not_told() -> None:
    (mara,) = register(entry())
    before = told()
    with pytest.raises(PermissionError):
        service.move(resident(mara), mara, Address("Elm Row", "1", "4021", "Testford", date(2020, 1, 1)))
    assert told() == before
