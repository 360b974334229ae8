"""Objection and restriction: refused from the commit on, except what the law demands, lives need, or people do."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection

from commonweal.core.act import act
from commonweal.core.cases import service as cases
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Person
from commonweal.core.ledger.models import Record
from commonweal.core.policy import restrictions, service
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import EMERGENCY, KEEPING, TAX
from tests.town import BENEFIT_OFFICER, REGISTRAR, TAX_OFFICER, entry, officer, register, resident

pytestmark = pytest.mark.django_db(transaction=True)
DPO = officer("data-protection-officer", "oversight")


def decide(person: Person, outcome: Any) -> None:
    _notices, found = cases.inbox(resident(person), person)
    case = next(case for case in found if case.type.name in ("policy.objection", "policy.restriction"))
    cases.claim(DPO, case.id)
    cases.decide(DPO, case.id, outcome, "So it is.")


def test_an_objection_binds_while_it_waits_and_after_it_is_upheld() -> None:
    mara, ola = register(entry(), entry("Ola"))
    assert registry.read(TAX_OFFICER, mara, TAX).address
    service.object_to(resident(mara), mara, "tax.assessment", "I moved away.")
    with pytest.raises(Refused) as refusal:
        registry.read(TAX_OFFICER, mara, TAX)
    assert refusal.value.rules == ("core.restricted",)
    assert "objected" in str(refusal.value.reason)
    assert registry.read(TAX_OFFICER, ola, TAX).address
    assert registry.read(REGISTRAR, mara, KEEPING).address
    assert registry.read(resident(mara), mara, OWN_ACCESS).address
    assert registry.read(BENEFIT_OFFICER, mara, EMERGENCY, emergency="She fainted at the desk.").address
    decide(mara, "accepted")
    with pytest.raises(Refused):
        registry.read(TAX_OFFICER, mara, TAX)
    (limit,) = service.limits_of(resident(mara), mara)
    service.lift_limit(resident(mara), mara, limit.id)
    assert registry.read(TAX_OFFICER, mara, TAX).address


def test_an_objection_that_is_rejected_ends() -> None:
    (mara,) = register(entry())
    service.object_to(resident(mara), mara, "tax.assessment", "I do not like it.")
    decide(mara, "rejected")
    assert registry.read(TAX_OFFICER, mara, TAX).address
    with pytest.raises(service.NoLimit):
        service.lift_limit(resident(mara), mara, service.limits_of(resident(mara), mara)[0].id)


def test_a_restriction_binds_from_its_decision_on_for_the_whole_room() -> None:
    (mara,) = register(entry())
    service.ask_restriction(resident(mara), mara, "registry", "My address is wrong.")
    assert registry.read(TAX_OFFICER, mara, TAX).address
    decide(mara, "accepted")
    with pytest.raises(Refused):
        registry.read(TAX_OFFICER, mara, TAX)
    assert registry.read(REGISTRAR, mara, KEEPING).address


def test_only_the_person_objects_and_not_to_everything() -> None:
    mara, ola = register(entry(), entry("Ola"))
    with pytest.raises(Refused):
        service.object_to(resident(ola), mara, "tax.assessment", "Why not")
    for purpose in ("registry.keeping", "survey.invitation", "identity.security", "nothing"):
        with pytest.raises(ValueError, match="object"):
            service.object_to(resident(mara), mara, purpose, "Why not")
    with pytest.raises(ValueError, match="Write why"):
        service.object_to(resident(mara), mara, "tax.assessment", " ")
    with pytest.raises(ValueError, match="service"):
        service.ask_restriction(resident(mara), mara, "nowhere", "Why not")


def test_nothing_that_commits_after_an_objection_returns_data() -> None:
    (mara,) = register(entry())
    requests = 20
    ready, go = threading.Barrier(requests + 1, timeout=60), threading.Event()
    outcomes: list[int] = []

    def look(place: int) -> None:
        try:
            with act(TAX_OFFICER, "registry.person.read", subject=mara, purpose=TAX) as evidence:
                ready.wait()
                go.wait(0.01 * place)
            outcomes.append(evidence.entries[0].n)
        except Refused:
            outcomes.append(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=look, args=[place]) for place in range(requests)]
    for thread in threads:
        thread.start()
    ready.wait()
    service.object_to(resident(mara), mara, "tax.assessment", "I moved away.")
    go.set()
    for thread in threads:
        thread.join()
    bodies = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=mara.chain).order_by("n")]
    objected = next(body["n"] for body in bodies if body["action"] == service.OBJECT)
    assert len(outcomes) == requests
    assert all(n < objected for n in outcomes)
    assert 0 in outcomes


def test_the_page_objects_restricts_and_takes_back(client: Any) -> None:
    accounts.register_agency("oversight", {"en": "Oversight"})
    (mara,) = register(entry())
    account = accounts.create_account("mara@mail.example", "Mara", person=mara)
    identity.offer_demo_sign_in(account.id, "resident")
    client.post("/sign-in/demo/", {"account": str(account.id)})
    page = client.get("/your-data/limits/").content.decode()
    assert "To send a tax assessment to the right address" in page
    wrong = client.post("/your-data/limits/", {"choice": "objection:tax.assessment", "reason": "", "key": "k"})
    assert "Write why" in wrong.content.decode()
    form = {"choice": "objection:tax.assessment", "reason": "I moved away.", "key": "k"}
    page = client.post("/your-data/limits/", form, follow=True).content.decode()
    assert "It is a case now" in page
    assert "Refused now" in page
    (limit,) = service.limits_of(resident(mara), mara)
    assert restrictions.standing([(mara.id, "registry.person.read", TAX.name)])
    assert "taken back" in client.post("/your-data/limits/", {"lift": limit.id}, follow=True).content.decode()
    assert "Nothing was changed" in client.post("/your-data/limits/", {"lift": "x"}, follow=True).content.decode()
