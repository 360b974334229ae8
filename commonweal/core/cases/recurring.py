"""Work that comes up again by itself: a room says which, how often and for whom; housekeeping opens the cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from commonweal.core import clock
from commonweal.core.cases import models
from commonweal.core.cases.values import CaseType, Queue
from commonweal.core.identity.actors import Person


@dataclass(frozen=True)
class Duty:
    """That something is to be looked at regularly: about whom and what, by which queue, from `first` on.

    `about` is the room's own reference, of up to 60 characters.
    """

    person: Person
    about: str
    queue: Queue
    first: datetime


@dataclass(frozen=True)
class Recurring:
    """A kind of case that is opened `every` so often for each duty that `whom` names at that moment."""

    kind: CaseType
    every: timedelta
    whom: Callable[[], Iterable[Duty]]


_declared: dict[str, Recurring] = {}


def recurring(kind: CaseType, *, every: timedelta, whom: Callable[[], Iterable[Duty]]) -> CaseType:
    """Declare that cases of this kind come up regularly, and return the kind."""
    _declared[kind.name] = Recurring(kind, every, whom)
    return kind


def due() -> Iterator[tuple[CaseType, Duty, str]]:
    """What is to be opened now, with the case's own reference: the duty's and the day."""
    now = clock.now()
    for one in _declared.values():
        opened = models.Case.objects.filter(kind=one.kind.name, opened__gt=now - one.every)
        recent = {about.rpartition("@")[0] for about in opened.values_list("about", flat=True)}
        for duty in one.whom():
            if duty.first <= now and duty.about not in recent:
                yield one.kind, duty, f"{duty.about}@{now.date()}"
