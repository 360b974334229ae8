"""From an officer's proposal over two officers' decision to the node's deed, on the pages; and a person's export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from commonweal.core.cases.models import Case
from commonweal.core.erasure import service, tombstones
from commonweal.core.erasure.models import Request
from commonweal.core.identity import accounts, people
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Person, the_node
from commonweal.core.ledger.entries import NODE_CHAIN
from commonweal.core.ledger.models import Chain, Record
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING
from tests.core.erasure.test_erasure import everything_stored
from tests.town import REGISTRAR, entry, register
from tests.walk.cast import browser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def officers() -> list[Client]:
    """The browsers of two erasure officers."""
    tombstones.path().unlink(missing_ok=True)
    accounts.register_agency("register", {"en": "Register Office"}, roles=["erasure-officer"])
    return [signed_in(f"Eraser{place}", "erasure-officer") for place in (1, 2)]


def signed_in(name: str, role: str = "", person: Person | None = None) -> Client:
    account = accounts.create_account(f"{name}@mail.example", name, person=person or register(entry(name))[0])
    if role:
        identity.appoint(the_node("set-up"), account.id, "register", role)
    identity.offer_demo_sign_in(account.id, "for tests")
    client = browser()
    client.post("/sign-in/demo/", {"account": str(account.id)})
    return client


def propose(client: Client, person: Person, **form: Any) -> str:
    """Propose on the page; returns the case's address."""
    found = client.post("/erasure/", {"scheme": "national", "value": "M-1"})
    assert found["Location"] == f"/erasure/{person.id}/"
    given = {"rule": "unlawful", "reason": "Recorded about the wrong person.", "key": "k", **form}
    answer = client.post(found["Location"], given, follow=True)
    assert "Two officers decide" in answer.content.decode()
    return f"/cases/{Case.objects.get(person_id=person.id).id}/"


def decide(first: Client, second: Client, case: str) -> None:
    first.post(case, {"do": "claim", "key": "1"})
    decision = {"outcome": "accepted", "reason": "It must go.", "key": "2"}
    assert first.post(case, decision)["Location"] == "/cases/"
    assert not Request.objects.get().approved
    first.post(case, {"do": "claim", "key": "3"})
    assert first.post(case, {"agree": "yes", "key": "4"}).status_code in (200, 403)
    assert not Request.objects.get().approved  # nobody is both pairs of eyes
    second.post(case, {"do": "claim", "key": "5"})
    assert second.post(case, {"agree": "yes", "key": "6"})["Location"] == "/cases/"


def test_two_officers_erase_an_entry(officers: list[Client]) -> None:
    (mara,) = register(entry(identifier="M-1"))
    registry.read(REGISTRAR, mara, KEEPING)
    case = propose(officers[0], mara, what="entries", entries=["2"])
    decide(*officers, case)
    request = str(Request.objects.get().id)
    service.carry_out(request)
    service.carry_out(request)
    assert not Record.objects.filter(chain=mara.chain, n=2).exists()
    assert Chain.objects.filter(chain=mara.chain, n=2).exists()
    erasures = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=mara.chain)]
    (erasure,) = [body for body in erasures if body["action"] == service.ERASE_ENTRIES]
    assert erasure["case"].startswith("C-")


def test_two_officers_erase_a_person_of_whom_nothing_is_left(officers: list[Client]) -> None:
    (mara,) = register(entry("Quetzalina", "Unforgettable", identifier="M-1"))
    case = propose(officers[0], mara, what="person")
    decide(*officers, case)
    service.carry_out(str(Request.objects.get().id))
    assert people.with_chain(mara.chain) is None
    stored = everything_stored()
    tasks = "".join(trace for trace in ("Quetzalina", "Unforgettable", mara.id.hex, str(mara.id)) if trace in stored)
    assert tasks == ""
    bodies = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=NODE_CHAIN)]
    assert bodies[-1]["action"] == service.ERASE_PERSON
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"Unforgettable" not in Path(connection.settings_dict["NAME"]).read_bytes()


def test_a_proposal_that_cannot_be_is_refused_with_words(officers: list[Client]) -> None:
    (mara,) = register(entry(identifier="M-1"))
    page = officers[0].post("/erasure/", {"scheme": "national", "value": "nobody"}).content.decode()
    assert "Nobody is registered" in page
    wrong = {"what": "entries", "rule": "request", "reason": "x", "key": "k"}
    assert "Choose at least one entry" in officers[0].post(f"/erasure/{mara.id}/", wrong).content.decode()
    assert signed_in("Mallory").get(f"/erasure/{mara.id}/").status_code == 403
    assert officers[0].get("/erasure/01a00000-0000-7000-8000-000000000000/").status_code == 404


def test_a_person_reads_and_takes_everything_that_is_held() -> None:
    (mara,) = register(entry(identifier="M-1"))
    client = signed_in("Mara", person=mara)
    page = client.get("/your-data/everything/").content.decode()
    for known in ("Mill Lane", "M-1", "Population register"):
        assert known in page
    held = client.get("/your-data/everything.json")
    assert held["Content-Disposition"] == 'attachment; filename="everything.json"'
    assert json.loads(held.content)["rooms"]["registry"]["names"][0]["family"] == "Okafor"
