"""What is over its time goes, from the file's own bytes too; whoever it was about is told; the register shows it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.cases.models import Case, Notice
from commonweal.core.erasure import service
from commonweal.core.identity import accounts
from commonweal.core.policy import service as policy
from commonweal.core.policy.models import ConsentRecord, Restriction
from commonweal.core.portal import service as portal
from commonweal.core.portal import uses
from commonweal.core.portal.models import Question
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING, SURVEY
from tests.town import REGISTRAR, entry, officer, register, resident
from tests.walk.cast import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(days=4 * 365)


def test_what_is_over_its_time_is_deleted_once_a_day_and_nothing_else() -> None:
    mara, ola = register(entry(), entry("Ola"))
    registry.read(REGISTRAR, mara, KEEPING)
    consent = policy.give_consent(resident(mara), mara, SURVEY, "register")
    policy.withdraw_consent(resident(mara), mara, consent)
    standing = policy.give_consent(resident(ola), ola, SURVEY, "register")
    asked = portal.ask(resident(mara), mara, 2, "Why, Zubenelgenubi?")
    portal.answer(officer("registrar", "register"), asked.id, "To keep the register.")
    waiting = portal.ask(resident(mara), mara, 2, "And why else?")
    service.expire_daily()
    assert (ConsentRecord.objects.count(), Question.objects.count()) == (2, 2)
    with clock.pretend(clock.now() + LATER):
        first = service.expire_daily()
        assert [str(row.id) for row in ConsentRecord.objects.all()] == [standing]
        assert [str(row.id) for row in Question.objects.all()] == [waiting.id]
        (use, *_) = uses.newest(mara, 1)
        assert (use.action, use.automatic) == (service.EXPIRE, True)
        assert uses.newest(ola, 1)[0].action == policy.GIVE
        assert first > service.expire_daily() == 0
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"Zubenelgenubi" not in Path(connection.settings_dict["NAME"]).read_bytes()


def test_many_at_once_go_in_several_acts() -> None:
    people = register(*[entry(f"P{place}") for place in range(700)])
    old = clock.now() - LATER
    Restriction.objects.bulk_create(
        Restriction(person_id=person.id, kind="objection", what="tax.assessment", reason="x", asked=old, lifted=old)
        for person in people
    )
    assert service.expire_daily() > 3
    assert not Restriction.objects.exists()
    assert {uses.newest(person, 1)[0].action for person in people[::100]} == {service.EXPIRE}


def test_the_register_of_processing_shows_how_long_what_is_kept(client: Any) -> None:
    page = client.get("/processing/").content.decode()
    for words in ("How long things are kept", "two years after they were answered", "three years after they ended"):
        assert words in page


def test_cases_and_messages_go_three_years_after_their_end() -> None:
    mara, ola = register(entry(), entry("Ola"))
    decided = registry.ask_correction(resident(mara), mara, "family", "Okafor-Bell", "I married")
    case = registry.cases_of([decided])[decided.id]
    cases.claim(REGISTRAR, case)
    cases.decide(REGISTRAR, case, "accepted", "The certificate shows it.")
    open_one = registry.ask_correction(resident(ola), ola, "family", "Bell", "I married")
    with clock.pretend(clock.now() + LATER):
        service.expire_daily()
        assert [row.about for row in Case.objects.all()] == [open_one.id]
        assert not Notice.objects.exists()


def test_a_request_whose_case_is_gone_is_shown_without_it() -> None:
    (mara,) = register(entry())
    asked = registry.ask_correction(resident(mara), mara, "family", "Okafor-Bell", "I married")
    case = registry.cases_of([asked])[asked.id]
    cases.claim(REGISTRAR, case)
    cases.decide(REGISTRAR, case, "accepted", "The certificate shows it.")
    browser = sign_in(accounts.create_account("mara@testford.example", "Mara Okafor", person=mara))
    mine = reverse("registry-pages:mine")
    assert case in browser.get(mine).content.decode()
    with clock.pretend(clock.now() + LATER):
        service.expire_daily()
    page = browser.get(mine).content.decode()
    assert "The certificate shows it." in page
    assert case not in page
