"""What the evidence holds about a person. Erasing deletes records and keys; commitments, leaves and log stay."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from commonweal.core.identity.actors import Person
from commonweal.core.ledger import sealed
from commonweal.core.ledger.deletion import delete_records


def held(person: Person) -> dict[str, Any]:
    """Every entry, as it was recorded, and those that were under seal and are open now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_record WHERE chain = %s ORDER BY n", [person.chain])
        entries = [json.loads(bytes(body)) for (body,) in cursor.fetchall()]
        cursor.execute(
            "SELECT record.body FROM ledger_sealed sealed JOIN ledger_record record ON record.n = sealed.n "
            "WHERE record.chain = %s AND sealed.chain = %s AND sealed.joined IS NOT NULL ORDER BY sealed.joined",
            [sealed.SEALED_CHAIN, person.chain],
        )
        opened = [json.loads(bytes(body)) for (body,) in cursor.fetchall()]
    return {"entries": entries} | ({"opened": opened} if opened else {})


def erase(person: Person) -> None:
    """Delete the records and their keys. What is under seal stays until its day, and is then deleted unopened."""
    sealed.forget(list(sealed.joined(person.chain, 1, 2**63 - 1).values()))
    delete_records(person.chain)
