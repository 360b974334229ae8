"""The rooms that keep personal data, and the small interface through which they hand it over and erase it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, cast

from django.apps import apps

from commonweal.core.identity.actors import Person
from commonweal.core.policy.published import rooms

LAST = ("identity", "ledger")  # what the others still need while they erase


class PersonData(Protocol):
    """A room's `person_data.py`."""

    def held(self, person: Person) -> dict[str, Any]:
        """Everything that the room holds about the person, as JSON values."""

    def erase(self, person: Person) -> None:
        """Delete everything that the room holds about the person. Repeating it changes nothing."""

    # Optional: `expire(now: datetime) -> list[Person]` deletes some of what is over its time, and returns whom it was
    # about; the room declares with `policy.retention.declare` how long it keeps what.


def expiring() -> Iterator[tuple[str, Callable[[datetime], list[Person]]]]:
    """(name, `expire`) of each room that deletes what is over its time."""
    for room, data in keeping_personal_data():
        if expires := getattr(data, "expire", None):
            yield room, expires


def keeping_personal_data() -> Iterator[tuple[str, PersonData]]:
    """(name, interface) of each room that keeps personal data; identity and ledger come last."""
    for room in sorted(rooms(), key=lambda name: (LAST.index(name) + 1 if name in LAST else 0, name)):
        module = f"{apps.get_app_config(room).name}.person_data"
        if find_spec(module):
            yield room, cast(PersonData, import_module(module))
