"""Consent: given and withdrawn on the page, enforced at the door, and never outrun by requests in flight."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from commonweal.core.act import act
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy import processing, service
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING, SURVEY
from tests.town import REGISTRAR, entry, register, resident

MACHINE = Actor("service", "service:1", "Town survey", "register", frozenset({"survey"}), 2, automatic=True)
IN_FLIGHT = 50


@pytest.mark.django_db(transaction=True)
def test_nothing_that_commits_after_a_withdrawal_returns_data() -> None:
    """50 requests in flight; each notes when it returned data. Other lawful bases go on."""
    (mara,) = register(entry())
    consent = service.give_consent(resident(mara), mara, SURVEY, "register")
    ready, go = threading.Barrier(IN_FLIGHT + 1), threading.Event()
    outcomes: list[tuple[str, int]] = []

    def invite(place: int) -> None:
        try:
            with act(MACHINE, "registry.person.read", subject=mara, purpose=SURVEY, consent=consent) as evidence:
                ready.wait()
                go.wait()
                time.sleep(0.3 * place / IN_FLIGHT)
            outcomes.append(("data", evidence.entries[0].n))
        except Refused:
            outcomes.append(("refused", 0))
        finally:
            connection.close()

    threads = [threading.Thread(target=invite, args=[place]) for place in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    ready.wait()
    go.set()
    time.sleep(0.1)
    service.withdraw_consent(resident(mara), mara, consent)
    withdrawn = _entry_number(mara, "policy.consent.withdraw")
    for thread in threads:
        thread.join()
    assert len(outcomes) == IN_FLIGHT
    assert all(n < withdrawn for outcome, n in outcomes if outcome == "data")
    assert any(outcome == "refused" for outcome, _ in outcomes)
    assert registry.read(REGISTRAR, mara, KEEPING).name


def _entry_number(person: Person, action: str) -> int:
    import json

    from commonweal.core.ledger.models import Record

    rows = Record.objects.filter(chain=person.chain)
    return next(row.n for row in rows if json.loads(bytes(row.body))["action"] == action)


@pytest.mark.django_db
def test_only_the_person_gives_and_withdraws() -> None:
    mara, ola = register(entry(), entry("Ola"))
    with pytest.raises(Refused):
        service.give_consent(resident(ola), mara, SURVEY, "register")
    consent = service.give_consent(resident(mara), mara, SURVEY, "register")
    assert service.give_consent(resident(mara), mara, SURVEY, "register") == consent
    with pytest.raises(Refused):
        service.withdraw_consent(resident(ola), mara, consent)
    with pytest.raises(service.NoConsent):
        service.withdraw_consent(resident(ola), ola, consent)
    with pytest.raises(ValueError, match="does not rest"):
        service.give_consent(resident(mara), mara, KEEPING, "register")


@pytest.mark.django_db
def test_the_page_gives_withdraws_and_hands_over_the_records(client: Any) -> None:
    accounts.register_agency("register", {"en": "Register Office"})
    (mara,) = register(entry())
    account = accounts.create_account("mara@mail.example", "Mara", person=mara)
    identity.offer_demo_sign_in(account.id, "resident")
    client.post("/sign-in/demo/", {"account": str(account.id)})
    give = {"give": "survey.invitation", "agency": "register"}
    assert "Your consent was recorded" in client.post("/your-data/consents/", give, follow=True).content.decode()
    assert registry.read(MACHINE, mara, SURVEY, consent=service.consents_of(resident(mara), mara)[0].id).address
    found = client.get("/your-data/consents.jsonld").json()
    (record,) = found["@graph"]
    assert record["dpv:hasPurpose"]["dct:identifier"] == "survey.invitation"
    consent = service.consents_of(resident(mara), mara)[0].id
    page = client.post("/your-data/consents/", {"withdraw": consent}, follow=True).content.decode()
    assert "From now on this use is refused" in page
    with pytest.raises(Refused):
        registry.read(MACHINE, mara, SURVEY, consent=consent)
    assert "Nothing was changed" in client.post("/your-data/consents/", {"withdraw": "x"}, follow=True).content.decode()


@pytest.mark.django_db
def test_the_register_of_processing_is_made_from_the_rules(client: Any) -> None:
    found = {line.purpose.name: line for line in processing.register()}
    assert any("survey only while your consent" in rule for rule in found["survey.invitation"].rules)
    assert "your address" in [str(words) for words in found["tax.assessment"].data]
    page = client.get("/processing/").content.decode()
    assert "To decide on a benefit" in page
    assert "with the case, until ten years after its decision" in page
