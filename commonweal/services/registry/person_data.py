"""What the register holds about a person, to hand over or to erase."""

from __future__ import annotations

from typing import Any

from commonweal.core.clock import stamp
from commonweal.core.identity.actors import Person
from commonweal.services.registry import corrections, models, records
from commonweal.services.registry.values import FIELDS, Address, Name


def held(person: Person) -> dict[str, Any]:
    """The whole entry and every request for a correction; relatives and housemates by name only."""
    try:
        entry = records.entry(person, FIELDS)
    except records.NoEntry:
        return {}
    return {
        "names": [_span(name) | {"given": name.given, "family": name.family} for name in entry.names or ()],
        "born": entry.born.isoformat() if entry.born else None,
        "birth_place": entry.birth_place,
        "died": entry.died.isoformat() if entry.died else None,
        "addresses": [_span(address) | {"address": str(address)} for address in entry.addresses or ()],
        "household": [mate.name for mate in entry.household or ()],
        "relations": [{"kind": relative.kind, "name": relative.name} for relative in entry.relations or ()],
        "corrections": [
            {
                "field": asked.field,
                "from": asked.current,
                "to": asked.proposed,
                "explanation": asked.explanation,
                "asked": stamp(asked.asked),
                "status": asked.status,
                "reason": asked.reason,
            }
            for asked in corrections.of(person)
        ],
    }


def erase(person: Person) -> None:
    """Delete the entry, names, residences, relations in both directions, requests, and where it was loaded from."""
    facts = (models.Entry, models.Name, models.Residence, models.Relation)
    for model in (*facts, models.Correction, models.Change, models.ImportedRow):
        model.objects.filter(person_id=person.id).delete()
    models.Relation.objects.filter(other_id=person.id).delete()


def _span(part: Name | Address) -> dict[str, str | None]:
    return {"since": part.since.isoformat(), "until": part.until.isoformat() if part.until else None}
