"""What the demo of each service gets and adds to: the town's people, offices and officers, one source of chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from commonweal.core.identity.actors import Actor, Person

Event = tuple[datetime, Callable[[], object]]


@dataclass
class Townsperson:
    """Somebody of the town, as the other services' demos need to know them."""

    person: Person
    name: str
    age: float
    children: list[Townsperson] = field(default_factory=list)
    alone: bool = False
    employed: bool = False  # holds a post, and so has an account

    def signed_in(self, visit: str) -> Actor:
        """This resident, signed in for one visit."""
        return Actor(
            "resident", f"person:{self.person.id.hex}", self.name, assurance=2, person=self.person, session=visit
        )


@dataclass
class World:
    """The town while it is being filled."""

    begins: datetime
    ends: datetime
    random: Random
    officers: dict[str, list[Actor]]
    machines: dict[str, Actor]
    people: list[Townsperson] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def sometime(self, first: float = 0.0, last: float = 1.0) -> datetime:
        """An instant in office hours of the town's months, between two shares of that time."""
        moment = self.begins + (self.ends - self.begins) * self.random.uniform(first, last)
        return moment.replace(hour=self.random.randint(8, 17), minute=self.random.randint(0, 59))

    def officer(self, role: str) -> Actor:
        """Somebody who holds this role."""
        return self.random.choice(self.officers[role])

    def adult(self) -> Townsperson:
        """Somebody of age."""
        while True:
            someone = self.random.choice(self.people)
            if someone.age >= 18:
                return someone
