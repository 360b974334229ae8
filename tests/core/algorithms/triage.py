"""An algorithm of the tests' own: it looks whether a parking permit should end, and an officer decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from commonweal.core.algorithms import declared
from commonweal.core.algorithms import service as algorithms
from commonweal.core.algorithms.values import Algorithm, Change, Data, Quality, Risk
from commonweal.core.cases import kinds
from commonweal.core.cases.values import CaseType, Queue, Ruling

ENDING = "test.permit-ends"


def record(case_type: CaseType | None) -> Algorithm:
    """Its whole record."""
    return Algorithm(
        name="test.permit-check",
        title="Check of parking permits",
        summary="It looks for permits of people who have moved away. An officer asks them.",
        owner="register",
        responsible="Head of the permit office",
        contact="permits@testford.example",
        phase="production",
        scope="Permits of residents. Not: permits of people with disabilities.",
        benefit="Fewer letters to people who did not move.",
        before="Officers read a list of all moves.",
        alternatives="A letter to everybody, each year.",
        method="Two written rules compare the address of the permit with the register.",
        place="Before an officer asks the person.",
        gives="The two addresses, and since when they differ.",
        scale="About 40 permits a month.",
        oversight="An officer reads each one, asks the person and decides.",
        training="Half a day, and once a year again.",
        appeals="Answer in your inbox, or appeal within 30 days.",
        data=(Data("Addresses", "Where people live and since when.", "The population register", "since 2020"),),
        measured=date(2026, 10, 1),
        quality=(
            Quality("Everyone", "Rightly found", 0.97, 400),
            Quality("People who moved twice or more", "Rightly found", 0.91, 64),
        ),
        risks=(Risk("Somebody is away for a while only.", "The officer asks before deciding."),),
        impact="Yes, on 1 September 2026.",
        changes=(
            Change("2", date(2026, 9, 15), "It waits for three months after a move."),
            Change("1", date(2025, 3, 1), "First version."),
        ),
        adverse=case_type,
    )


@contextmanager
def permit_check(rulings: list[Ruling]) -> Iterator[Algorithm]:
    """The algorithm, whose adverse advice becomes a case that ends a permit when an officer accepts it."""

    def take_effect(ruling: Ruling) -> list[str]:
        rulings.append(ruling)
        return ["test/permit"]

    case_type = CaseType(ENDING, "End of a permit", Queue("register", "registrar"), days=30,
                         shows=algorithms.shown, takes_effect=take_effect)  # fmt: skip
    kinds.declare_case_type(case_type)
    try:
        yield declared.algorithm(record(case_type))
    finally:
        del kinds._declared[ENDING]
        del declared._declared["test.permit-check"]
