"""Loading an outside register: good rows enter by the thousand, bad ones are reported, a re-run changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from commonweal.core.identity import people as identity
from commonweal.core.identity.actors import Person
from commonweal.services.registry import models, records
from commonweal.services.registry.engine.rows import Problem, Row
from commonweal.services.registry.values import Address, NewEntry

CHUNK = 1_000


@dataclass
class Outcome:
    """What a load did, and everything that was wrong with the file."""

    registered: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Chunk:
    """Up to 1,000 good rows, sorted by what the register knows of them."""

    new: list[Row]
    changed: list[tuple[Person, Row]]
    unchanged: int


def chunks(source: str, rows: Iterable[Row | list[Problem]], outcome: Outcome) -> Iterator[Chunk]:
    """Group good rows; problems go to the outcome."""
    good = _good(rows, outcome)
    while part := list(islice(good, CHUNK)):
        known = {
            row.row_id: row
            for row in models.ImportedRow.objects.filter(source=source, row_id__in=[row.row_id for row in part])
        }
        differing = [row for row in part if row.row_id in known and bytes(known[row.row_id].content) != row.content]
        owners = identity.people([known[row.row_id].person_id for row in differing])
        new = list(_unclaimed([row for row in part if row.row_id not in known], outcome))
        unchanged = sum(row.row_id in known for row in part) - len(differing)
        yield Chunk(new, list(zip(owners, differing, strict=True)), unchanged)


def entry(row: Row) -> NewEntry:
    """A row as a new register entry; residence begins at birth where the file does not say."""
    facts = cast(dict[str, Any], {name: value for name, value in row.facts.items() if value is not None})
    return NewEntry(**{"since": facts["born"], **facts})


def remember(source: str, people: list[Person], rows: list[Row]) -> None:
    """Note which row became whom."""
    models.ImportedRow.objects.bulk_create(
        models.ImportedRow(source=source, row_id=row.row_id, person_id=person.id, content=row.content)
        for person, row in zip(people, rows, strict=True)
    )


def update(source: str, person: Person, row: Row) -> None:
    """Bring an entry up to what the outside register says now."""
    new, now = entry(row), records.entry(person, ("name", "born", "died", "address"))
    if now.name is None or (now.name.given, now.name.family) != (new.given, new.family):
        records.rename(person, new.given, new.family, new.since)
    address = Address(new.street, new.number, new.postcode, new.town, new.since)
    if now.address is None or str(now.address) != str(address):
        records.move(person, address)
    models.Entry.objects.filter(person_id=person.id).update(
        born=new.born, birth_place=new.birth_place, died=new.died, sex=new.sex
    )
    models.ImportedRow.objects.filter(source=source, row_id=row.row_id).update(content=row.content)


def _good(rows: Iterable[Row | list[Problem]], outcome: Outcome) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, Row):
            yield row
        else:
            outcome.problems += row


def _unclaimed(rows: list[Row], outcome: Outcome) -> Iterator[Row]:
    """New rows whose identifier nobody has; the others are reported."""
    claimed = identity.taken("national", [str(row.facts["identifier"]) for row in rows if row.facts.get("identifier")])
    for row in rows:
        identifier = str(row.facts.get("identifier") or "")
        if identifier in claimed:
            says = "belongs to somebody else already; correct it, or remove the row"
            outcome.problems.append(Problem(row.line, "identifier", says))
            continue
        if identifier:
            claimed.add(identifier)
        yield row
