"""Advice of algorithms: given through the door, kept with its reasons, and never a decision.

Advice that would worsen somebody's position opens a case in the same act. From there on only `core.cases` goes on: the
rule `cases.no-machine-decides` refuses every machine, and the room's change commits with a named officer's decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.algorithms import models, published
from commonweal.core.algorithms.declared import algorithm, algorithm_named, algorithms
from commonweal.core.algorithms.values import Advice, Algorithm, Change, Data, Quality, Risk
from commonweal.core.cases import service as cases
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.actions import Words, declare, in_words, purpose, reference

__all__ = ["ADVISING", "Advice", "Algorithm", "Change", "Data", "NeedsAnOfficer", "Quality", "Risk", "advice_about",
           "advise", "algorithm", "algorithm_named", "algorithms", "shown"]  # fmt: skip

ADVISE = declare(
    "algorithms.advice.give",
    _("A computer program prepared a decision about you"),
    changes=True,
    ask=_("the office that uses the program"),
)
ADVISING = purpose(
    "algorithms.advising",
    _("To prepare a decision about you with a computer program"),
    "public_task",
    "dpv:DecisionMaking",
    data=("algorithms/advice",),
    kept=_("with the case"),
)
reference("algorithms/advice", _("what a computer program advised about you"))


class NeedsAnOfficer(ValueError):
    """Advice would worsen somebody's position, and nobody is named to decide on it."""


def advise(
    actor: Actor,
    by: Algorithm,
    person: Person,
    about: str,
    says: str,
    *,
    reasons: Sequence[str],
    inputs: Sequence[str],
    adverse: bool,
    key: str = "",
) -> Advice:
    """Keep what an algorithm advises about a person. Adverse advice becomes a case, and has no other effect.

    `about` is the room's own reference to what is to be decided, `says` and `reasons` are what the officer and the
    person read, `inputs` are references to the data that it was made from (`registry/address`).

    Raises Refused; NeedsAnOfficer when the algorithm names no kind of case for adverse advice; ValueError without
    reasons or inputs.
    """
    if adverse and by.adverse is None:
        raise NeedsAnOfficer(f"{by.name} names no `adverse` kind of case, so nobody could decide on this advice")
    if not (says.strip() and reasons and inputs):
        raise ValueError("advice needs its words, its reasons, and what it was made from: people have to answer it")
    with act(actor, ADVISE, subject=person, purpose=ADVISING, object=by.owner, key=key) as evidence:
        if evidence.repeated:
            return _value(models.Advice.objects.get(id=UUID(evidence.answer)))
        row = models.Advice.objects.create(
            person_id=person.id,
            algorithm=by.name,
            version=by.version,
            record=published.digest(by),
            about=about,
            says=says.strip(),
            reasons=list(reasons),
            inputs=list(inputs),
            adverse=adverse,
            given=clock.now(),
        )
        evidence.changed([f"algorithms/advice/{row.id}"])
        evidence.disclosed(inputs)
        evidence.answers(str(row.id))
        if adverse and by.adverse:
            evidence.changed([cases.open_case(by.adverse, person, about, by=str(by.title))])
    return _value(row)


def advice_about(about: str) -> list[Advice]:
    """The advice on one of a room's own references, newest first. For the room, inside its own acts."""
    return [_value(row) for row in models.Advice.objects.filter(about=about).order_by("-given")]


def shown(about: str) -> list[tuple[Words, str]]:
    """The same as a case shows it to officer and person, for the room's `CaseType.shows`."""
    lines: list[tuple[Words, str]] = []
    for advice in advice_about(about):
        by = algorithm_named(advice.algorithm)
        lines += [
            (_("Prepared by a computer program"), f"{by.title} ({advice.version})"),
            (_("What it advises"), advice.says),
            (_("Why"), "\n".join(advice.reasons)),
            (_("Made from"), ", ".join(str(in_words(one)) for one in advice.inputs)),
        ]
    return lines


def _value(row: models.Advice) -> Advice:
    return Advice(
        id=str(row.id),
        algorithm=row.algorithm,
        version=row.version,
        record=bytes(row.record).hex(),
        about=row.about,
        says=row.says,
        reasons=tuple(row.reasons),
        inputs=tuple(row.inputs),
        adverse=row.adverse,
        given=row.given,
    )
