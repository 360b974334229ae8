"""Cases for tests: corrections of the register, and a case type of the tests' own that asks for four eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.core.act import act
from commonweal.core.cases import kinds
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import CaseType, Outcome, Queue, ReadyText, Ruling
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.services.registry import service as registry
from commonweal.services.registry.values import Correctable, Correction
from tests import town


def officer(name: str, role: str = "registrar", agency: str = "register") -> Actor:
    """One of several who hold the same role."""
    return Actor("officer", f"officer:{name}", name, agency, frozenset({role}), 2, True)


def ask(person: Person, field: Correctable = "birth_place", proposed: str = "Abuja") -> str:
    """Somebody asks for a correction. Returns the case's id."""
    return case_of(registry.ask_correction(town.resident(person), person, field, proposed, "My certificate says so."))


def case_of(asked: Correction) -> str:
    """The case about a request."""
    return registry.cases_of([asked])[asked.id]


def decide(officer: Actor, case: str, outcome: Outcome, reason: str) -> None:
    """Take the case and decide it."""
    cases.claim(officer, case)
    cases.decide(officer, case, outcome, reason)


@contextmanager
def permits(rulings: list[Ruling], *, four_eyes: bool = True, name: str = "test.permit") -> Iterator[CaseType]:
    """A case type for permits, whose room only notes how it was ruled; it knows two offices."""

    def take_effect(ruling: Ruling) -> list[str]:
        if ruling.reason == "impossible":
            raise ValueError("the room cannot do this")
        rulings.append(ruling)
        return ["test/permit"]

    permit = CaseType(
        name,
        "Permit",
        Queue("register", "registrar"),
        days=10,
        shows=lambda about: [("Permit", about)],
        takes_effect=take_effect,
        four_eyes=four_eyes,
        texts=(ReadyText("paper", "Please send your {paper}.", {"paper": "Which paper?"}),),
        hand_over_to=(Queue("tax", "tax-officer"),),
    )
    kinds.declare_case_type(permit)
    try:
        yield permit
    finally:
        del kinds._declared[permit.name]


def apply_for(permit: CaseType, person: Person, about: str) -> str:
    """Somebody applies for a permit. Returns the case's id."""
    with act(town.resident(person), registry.ASK, subject=person, purpose=OWN_ACCESS) as evidence:
        evidence.changed([cases.open_case(permit, person, about, by="Mara Okafor")])
    return cases.cases_about(permit, [about])[about]
