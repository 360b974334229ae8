"""What a register of people tells this room: who is whose minor child, and what somebody is called.

Core imports no service, so the service that keeps the register hands its functions over. Without one there are no
parents' mandates, and people are called what their accounts say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from commonweal.core.identity.actors import Person
from commonweal.core.mandates.values import Minor

_minors: list[Callable[[Person], Sequence[Minor]]] = []
_names: list[Callable[[Person], str]] = []


def learn_from(*, minors: Callable[[Person], Sequence[Minor]], name: Callable[[Person], str]) -> None:
    """Ask this register: `minors(parent)` are the parent's children under age, `name(person)` is "" when unknown."""
    _minors.append(minors)
    _names.append(name)


def minors_of(parent: Person) -> list[Minor]:
    """The children under age of a parent, says any register."""
    return [minor for ask in _minors for minor in ask(parent)]


def name_of(person: Person) -> str:
    """What a person is called, or "" when no register knows."""
    return next((name for ask in _names if (name := ask(person))), "")
