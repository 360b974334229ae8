"""Writes acts without end and says which are done: `python -m tests.soak.writer NAME FIRST`. Killed at random.

Each act asks for a correction under a key of its own. The first key may be one whose answer was lost: it is repeated.
"""

from __future__ import annotations

import sys

from commonweal.commands import start_django


def main(name: str, first: int) -> None:
    """Ask, print the key once the act has committed, go on."""
    start_django()
    from commonweal.core.identity.people import people
    from commonweal.services.registry import service
    from commonweal.services.registry.models import Entry
    from tests.town import resident

    everyone = people(Entry.objects.order_by("person_id").values_list("person_id", flat=True))
    for number in range(first, 10**9):
        person = everyone[number % len(everyone)]
        key = f"{name}-{number}"
        service.ask_correction(resident(person), person, "birth_place", key, "soak", key=key)
        print(key, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
