"""An adverse action: whatever the room's own rules permit, the door lets only an officer do it, within a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from commonweal.core.act import act
from commonweal.core.cases import service as cases
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.policy import actions
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING
from tests import town
from tests.core.cases import errand

OLU = errand.officer("Olu")
MACHINE = Actor("service", "service:run", "Run", "register", frozenset({"registrar"}), 2, automatic=True)


@pytest.fixture(autouse=True)
def adverse() -> Iterator[None]:
    """The register's own rules permit updates to registrars and to the node."""
    before = actions._actions[registry.UPDATE]
    actions._actions[registry.UPDATE] = replace(before, adverse=True)
    yield
    actions._actions[registry.UPDATE] = before


@pytest.mark.parametrize(
    ("actor", "case"),
    [
        (the_node("load"), "C-1"),
        (replace(town.REGISTRAR, automatic=True), "C-1"),
        (town.REGISTRAR, ""),
    ],
)
def test_no_permit_of_a_room_lifts_it(actor: Actor, case: str) -> None:
    (mara,) = town.register(town.entry())
    with pytest.raises(Refused) as refused, act(actor, registry.UPDATE, subject=mara, purpose=KEEPING, case=case):
        pytest.fail("the body must not run")
    assert refused.value.rules == ("core.no-machine-harms",)
    assert "named officer" in refused.value.reason


def test_only_the_officer_who_has_the_persons_case_in_hand_may() -> None:
    mara, ola = town.register(town.entry(), town.entry("Ola"))
    case = errand.ask(mara)
    named = cases.number(UUID(case))
    attempts = [(town.REGISTRAR, mara, named), (town.REGISTRAR, ola, named), (OLU, mara, named)]

    def permitted(actor: Actor, person: Person, case: str) -> bool:
        try:
            with act(actor, registry.UPDATE, subject=person, purpose=KEEPING, case=case) as evidence:
                evidence.changed(["registry/name"])
        except Refused:
            return False
        return True

    assert [permitted(*one) for one in attempts] == [False, False, False]  # nobody has taken it yet
    cases.claim(town.REGISTRAR, case)
    assert [permitted(*one) for one in attempts] == [True, False, False]


def test_what_nobody_permits_stays_refused() -> None:
    (mara,) = town.register(town.entry())
    with pytest.raises(Refused), act(MACHINE, registry.UPDATE, subject=mara, purpose=KEEPING, case="C-1"):
        pytest.fail("the body must not run")
