"""Emergency access: a reason, a notice at once, a supervisor's case, and evidence that says so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from commonweal.core.act import act
from commonweal.core.cases import service as cases
from commonweal.core.cases.worklist import Narrowing
from commonweal.core.identity.actors import Person
from commonweal.core.ledger.models import Record
from commonweal.core.policy.models import Emergency
from commonweal.core.portal import uses
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import BENEFITS, EMERGENCY, KEEPING
from tests.town import BENEFIT_OFFICER, TAX_OFFICER, entry, officer, register, resident

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "She fainted at our desk and cannot speak."
SUPERVISOR = officer("supervisor", "benefits", "Sam Supervisor")


def last(person: Person) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(bytes(Record.objects.filter(chain=person.chain).latest("n").body))
    return body


def test_an_emergency_opens_what_is_refused_tells_the_person_and_calls_a_supervisor() -> None:
    (mara,) = register(entry())
    with pytest.raises(Refused):
        registry.read(BENEFIT_OFFICER, mara, BENEFITS)
    assert registry.read(BENEFIT_OFFICER, mara, EMERGENCY, emergency=WHY).address
    body = last(mara)
    assert (body["emergency"], body["rules"], body["basis"]) == (WHY, ["registry.emergency"], "vital_interest")
    (use,) = uses.newest(mara, 1)
    assert use.emergency == WHY
    notices, (case,) = cases.inbox(resident(mara), mara)
    assert any(WHY in notice.text for notice in notices)
    (line,) = cases.worklist(SUPERVISOR, Narrowing()).lines
    assert line.id == case.id
    cases.claim(SUPERVISOR, line.id)
    assert ("The reason given", WHY) in [(str(label), text) for label, text in cases.read(SUPERVISOR, line.id).facts]
    cases.decide(SUPERVISOR, line.id, "accepted", "It was right.")
    assert Emergency.objects.get().decided


def test_an_emergency_needs_a_rule_a_reason_and_somebody() -> None:
    (mara,) = register(entry())
    with pytest.raises(Refused):
        registry.read(TAX_OFFICER, mara, EMERGENCY, emergency=WHY)
    with pytest.raises(Refused):
        registry.read(BENEFIT_OFFICER, mara, EMERGENCY)
    with pytest.raises(ValueError, match="emergency"):
        registry.read(BENEFIT_OFFICER, mara, EMERGENCY, emergency="   ")
    with (
        pytest.raises(ValueError, match="one person"),
        act(BENEFIT_OFFICER, registry.READ, purpose=KEEPING, emergency=WHY),
    ):
        pass
    assert not Emergency.objects.exists()


def test_nobody_reviews_their_own_emergency() -> None:
    mara, ben = register(entry(), entry("Ben"))
    registry.read(replace(BENEFIT_OFFICER, person=ben), mara, EMERGENCY, emergency=WHY)
    _notices, (case,) = cases.inbox(resident(mara), mara)
    themselves = replace(SUPERVISOR, id=BENEFIT_OFFICER.id)
    another_account = replace(SUPERVISOR, id="officer:other", person=ben)
    for reviewer in (themselves, another_account):
        cases.claim(reviewer, case.id)
        with pytest.raises(ValueError, match="their own emergency"):
            cases.decide(reviewer, case.id, "accepted", "It was right.")
        cases.release(reviewer, case.id)
    assert not Emergency.objects.get().decided


def test_what_fails_in_an_emergency_leaves_no_half_of_it() -> None:
    (mara,) = register(entry())

    class Boom(Exception):
        pass

    with pytest.raises(Boom), act(BENEFIT_OFFICER, registry.READ, subject=mara, purpose=EMERGENCY, emergency=WHY):
        raise Boom
    assert not Emergency.objects.exists()
    assert last(mara)["action"] == registry.REGISTER
