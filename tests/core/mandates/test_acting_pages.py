"""The pages for acting for others: give, take up, switch, the banner, the counter, stop and end."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Person, the_node
from commonweal.core.mandates.models import Mandate
from tests.town import entry, register
from tests.walk.cast import browser

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(name: str, person: Person, role: str = "") -> Client:
    account = accounts.create_account(f"{name}@mail.example", name, person=person)
    if role:
        accounts.register_agency("register", {"en": "Register Office"}, roles=[role])
        identity.appoint(the_node("set-up"), account.id, "register", role)
    identity.offer_demo_sign_in(account.id, "for tests")
    client = browser()
    client.post("/sign-in/demo/", {"account": str(account.id)})
    return client


@pytest.fixture(autouse=True)
def _no_throttles() -> None:
    cache.clear()


def test_a_power_of_attorney_on_the_pages() -> None:
    mara, ola = register(entry(), entry("Ola", "Bell"))
    giver, taker = signed_in("Mara Okafor", mara), signed_in("Ola Bell", ola)
    form = {"scope": ["registry"], "last_day-day": "1", "last_day-month": "6", "last_day-year": "2099", "key": "k"}
    page = giver.post("/your-data/acting/give/", form).content.decode()
    code = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", page)
    assert code
    assert code[0] not in giver.post("/your-data/acting/give/", form).content.decode()  # shown only once
    assert "No mandate waits" in taker.post("/your-data/acting/", {"code": "AAAAA-AAAAA"}).content.decode()
    page = taker.post("/your-data/acting/", {"code": code[0]}, follow=True).content.decode()
    assert "You can act for Mara Okafor now." in page
    mandate = str(Mandate.objects.get().id)
    taker.post("/your-data/acting/", {"begin": mandate})
    page = taker.get("/registry/mine/").content.decode()
    assert "You act for <bdi>Mara Okafor</bdi>" in page
    assert "Mill Lane" in page
    assert taker.get("/your-data/").status_code == 403  # her entry only, says the mandate
    uses = giver.get("/your-data/?only=others").content.decode()
    assert "On your behalf" in uses
    assert "Ola Bell" in uses
    page = giver.post("/your-data/acting/", {"end": mandate}, follow=True).content.decode()
    assert "From now on it is refused" in page
    refused = taker.get("/registry/mine/")
    assert refused.status_code == 403
    assert "No mandate to act for this person stands" in refused.content.decode()
    assert "You act for <bdi>Mara Okafor</bdi>" in refused.content.decode()
    assert "You act for yourself again" in taker.post("/acting/stop/", follow=True).content.decode()
    assert "You act for <bdi>" not in taker.get("/registry/mine/").content.decode()


def test_a_parent_switches_to_a_child() -> None:
    from commonweal.core import clock

    born = clock.now().date().replace(year=clock.now().year - 9)
    mara, _kid = register(entry(), entry("Kid", born=born), ties=((1, "parent", 0),))
    parent = signed_in("Mara Okafor", mara)
    page = parent.get("/your-data/acting/").content.decode()
    assert "Act for Kid Okafor" in page
    child = re.search(r'value="([0-9a-f-]{36})" name="take"', page)
    assert child
    page = parent.post("/your-data/acting/", {"take": child[1]}, follow=True).content.decode()
    assert "You act for <bdi>Kid Okafor</bdi>" in page
    assert parent.post("/your-data/acting/", {"take": str(mara.id)}).status_code == 403


def test_an_officer_helps_at_the_counter_on_the_pages() -> None:
    mara, cora = register(entry(identifier="M-1"), entry("Cora", "Counter"))
    resident, officer = signed_in("Mara", mara), signed_in("Cora Counter", cora, "counter-officer")
    form = {"scheme": "national", "value": "M-1", "reason": "A wrong birth place"}
    assert "Check who the person is first" in officer.post("/counter/", form).content.decode()
    page = officer.post("/counter/", form | {"checked": "on"}, follow=True).content.decode()
    assert "You act for <bdi>Mara Okafor</bdi>" in page
    correction = {"field": "birth_place", "proposed": "Abuja", "explanation": "Certificate", "key": "c"}
    assert officer.post("/registry/mine/correct/", correction).status_code == 302
    inbox = resident.get("/inbox/").content.decode()
    assert "An officer helps you at a counter" in inbox
    assert "Cora Counter" in resident.get("/your-data/?only=others").content.decode()
    mandate = str(Mandate.objects.get().id)
    assert resident.get("/your-data/acting/").status_code == 200
    resident.post("/your-data/acting/", {"end": mandate})
    assert officer.post("/registry/mine/correct/", correction | {"key": "d"}).status_code == 403
    officer.post("/acting/stop/")
    assert "You are acting for Register Office" in officer.get("/your-data/").content.decode()


def test_nobody_ends_or_begins_what_is_not_theirs() -> None:
    mara, ola, zoe = register(entry(), entry("Ola"), entry("Zoe"))
    giver, taker, stranger = (signed_in(name, who) for name, who in (("M", mara), ("O", ola), ("Z", zoe)))
    form = {"scope": ["registry"], "last_day-day": "1", "last_day-month": "6", "last_day-year": "2099", "key": "k"}
    code = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", giver.post("/your-data/acting/give/", form).content.decode())
    assert code
    taker.post("/your-data/acting/", {"code": code[0]})
    mandate = str(Mandate.objects.get().id)
    assert stranger.post("/your-data/acting/", {"end": mandate}).status_code == 403
    assert stranger.post("/your-data/acting/", {"begin": mandate}).status_code == 403
    assert "There is no such mandate" in stranger.post("/your-data/acting/", {"end": "x"}, follow=True).content.decode()
    assert not Mandate.objects.get().ended
