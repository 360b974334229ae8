"""A small town for tests: the same rooms and rules as the demo, a handful of people, made through `service.py`."""

from __future__ import annotations

from datetime import date

from commonweal.core.identity.actors import Actor, Person
from commonweal.services.registry import service as registry
from commonweal.services.registry.values import NewEntry


def officer(role: str, agency: str, name: str = "Ada Officer") -> Actor:
    """Somebody who holds a role, just signed in with two factors."""
    return Actor("officer", f"officer:{role}", name, agency, frozenset({role}), 2, True)


REGISTRAR = officer("registrar", "register", "Ada Registrar")
TAX_OFFICER = officer("tax-officer", "tax", "Tom Tax")
BENEFIT_OFFICER = officer("benefit-officer", "benefits", "Ben Benefit")
SCHOOL_OFFICER = officer("school-officer", "schools", "Sue School")


def resident(person: Person, session: str = "s1") -> Actor:
    """The person, signed in."""
    return Actor(
        "resident", f"person:{person.id.hex}", "Mara Okafor", person=person, assurance=2, fresh=True, session=session
    )


def entry(given: str = "Mara", family: str = "Okafor", born: date = date(1984, 3, 27), **more: str) -> NewEntry:
    """A register entry; `more` overrides its fields."""
    fields = {"birth_place": "Lagos", "street": "Mill Lane", "number": "12", "postcode": "4021", "town": "Testford"}
    return NewEntry(given=given, family=family, born=born, since=date(2010, 1, 1), **(fields | more))


def register(*entries: NewEntry, ties: tuple[tuple[int, str, int], ...] = ()) -> list[Person]:
    """Enter people, by a registrar."""
    return registry.register(REGISTRAR, list(entries), ties=ties)
