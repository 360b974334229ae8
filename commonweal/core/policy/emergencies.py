"""Emergency access ("break glass"): what follows on a use that only an emergency rule permitted.

The door reports it inside the transaction that writes the evidence; `policy.service` says what follows: the person is
told at once and a supervisor has to look at it.
"""

from __future__ import annotations

from collections.abc import Callable

from commonweal.core import clock
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.models import Emergency

_follow_ups: list[Callable[[Emergency, Person], list[str]]] = []


def follow_up(does: Callable[[Emergency, Person], list[str]]) -> None:
    """Name what follows on each emergency; it returns references to what it made."""
    _follow_ups.append(does)


def report(act: bytes, actor: Actor, person: Person, action: str, reason: str) -> list[str]:
    """Note an emergency and let follow what must. Returns references to what was made."""
    row = Emergency.objects.create(
        act=act, person_id=person.id, action=action, actor=actor.id, actor_name=actor.name, agency=actor.agency,
        actor_person=actor.person.id if actor.person else None, reason=reason, at=clock.now(),
    )  # fmt: skip
    return [reference for does in _follow_ups for reference in does(row, person)]
