"""What the node's part of voting holds about a person, to hand over or to erase. How anybody voted is not among it."""

from __future__ import annotations

from typing import Any

from commonweal.core.identity.actors import Person
from commonweal.services.voting import records


def held(person: Person) -> dict[str, Any]:
    """The rolls on which the person stands, and whether a pass was drawn."""
    found = records.held(person.id)
    return {"rolls": found} if found else {}


def erase(person: Person) -> None:
    """Delete the person from every roll. A frozen list of public credentials names nobody and stays."""
    records.erase(person.id)
