"""Whether an officer has a case in hand, as the door asks it."""

from __future__ import annotations

from commonweal.core.cases.models import Case
from commonweal.core.cases.worklist import number
from commonweal.core.identity.actors import Actor, Person


def has(actor: Actor, case: str, person: Person | None) -> bool:
    """True when the case of this number is about this person, and the actor has taken it or closed it."""
    if not case or person is None:
        return False
    taken = Case.objects.filter(person_id=person.id, owner=actor.id).values_list("id", flat=True)
    return any(number(one) == case for one in taken)
