"""What the evidence holds about a person. Erasing deletes records and keys; commitments, leaves and log stay."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from commonweal.core.identity.actors import Person


def held(person: Person) -> dict[str, Any]:
    """Every entry, as it was recorded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM ledger_record WHERE chain = %s ORDER BY n", [person.chain])
        return {"entries": [json.loads(bytes(body)) for (body,) in cursor.fetchall()]}


def erase(person: Person) -> None:
    """Delete the records and their keys."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_record WHERE chain = %s", [person.chain])
