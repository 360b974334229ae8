"""The registrar's pages for births, names, moves and deaths: recorded once; mistakes lose nothing."""

from __future__ import annotations

from typing import Any

import pytest

from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import the_node
from commonweal.services.registry import service
from commonweal.services.registry.purposes import KEEPING
from tests.town import REGISTRAR, entry, register

pytestmark = pytest.mark.django_db
DAY = {"day": "1", "month": "5", "year": "2024"}


def day(name: str) -> dict[str, str]:
    return {f"{name}-{part}": value for part, value in DAY.items()}


ADDRESS = {"number": "3", "street": "Elm Street", "postcode": "4022", "town": "Testford"}
EVENTS: dict[str, dict[str, str]] = {
    "move": ADDRESS | day("since"),
    "name": {"given": "Mara", "family": "Bell"} | day("since"),
    "birth": ADDRESS | {"given": "Ife", "family": "Okafor", "birth_place": "Testford"} | day("born"),
    "death": day("died"),
}


@pytest.fixture
def registrar(client: Any) -> Any:
    accounts.register_agency("register", {"en": "Register Office"}, roles=["registrar"])
    account = accounts.create_account("ada@x.example", "Ada")
    identity.appoint(the_node("set-up"), account.id, "register", "registrar")
    identity.offer_demo_sign_in(account.id, "registrar")
    client.post("/sign-in/demo/", {"account": str(account.id)})
    return client


@pytest.mark.parametrize("kind", EVENTS)
def test_each_event_is_recorded_once_however_often_it_is_sent(registrar: Any, kind: str) -> None:
    (mara,) = register(entry())
    address, form = f"/registry/people/{mara.id}/{kind}/", EVENTS[kind] | {"case": "R-1", "key": "once"}
    assert registrar.get(address).status_code == 200
    for _ in range(2):
        assert "the resident can see it" in registrar.post(address, form, follow=True).content.decode()
    seen = service.read(REGISTRAR, mara, KEEPING)
    counted = {
        "move": len(seen.addresses or ()),
        "name": len(seen.names or ()),
        "birth": 1 + len(seen.relations or ()),
        "death": 1 + (seen.died is not None),
    }
    assert counted[kind] == 2


def test_a_mistake_is_named_and_nothing_is_lost(registrar: Any) -> None:
    (mara,) = register(entry())
    form = EVENTS["move"] | {"case": "", "key": "k", "since-month": "13"}
    page = registrar.post(f"/registry/people/{mara.id}/move/", form).content.decode()
    assert "<title>Error:" in page
    assert "Elm Street" in page
    assert len(service.read(REGISTRAR, mara, KEEPING).addresses or ()) == 1


def test_unknown_events_and_people_are_not_found(registrar: Any) -> None:
    (mara,) = register(entry())
    assert registrar.get(f"/registry/people/{mara.id}/marriage/").status_code == 404
    nobody = "01a21401-8743-7318-a4ca-07a4576ef452"
    assert (
        registrar.post(f"/registry/people/{nobody}/death/", EVENTS["death"] | {"case": "x", "key": "k"}).status_code
        == 404
    )
