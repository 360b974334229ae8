"""Loading an outside register: good rows enter chunk by chunk, bad ones are reported, a re-run changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, cast

from commonweal.core.identity import people as identity
from commonweal.core.identity.actors import Person
from commonweal.services.registry import models, records
from commonweal.services.registry.engine.files import Reading
from commonweal.services.registry.engine.rows import Problem, Row
from commonweal.services.registry.inserting import insert, uuid, widen_cache
from commonweal.services.registry.values import Address, NewEntry

SMALLEST, LARGEST = 100, 1_000  # rows of a chunk
CHUNK_SECONDS = 0.15  # of the processor: most of it holds the write lock, for which everybody else waits
KEPT = 1_000  # problems and missing rows are named up to this number, and counted beyond it
SCHEME = "national"
TAKEN = "belongs to somebody else already; correct it, or remove the row"
CHANGED = "differs from the one that this row had; an officer changes identifiers, not a file"


@dataclass
class Outcome:
    """What a load did, or would do, and what was wrong with the file.

    `problems` and `missing_rows` name the first KEPT; `rejected` counts the rows that did not enter, and `missing` the
    rows of earlier loads that a complete file no longer holds. Nobody is changed because they are missing.
    """

    registered: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    missing: int = 0
    problems: list[Problem] = field(default_factory=list)
    missing_rows: list[str] = field(default_factory=list)

    def reject(self, problems: list[Problem]) -> None:
        """One row does not enter."""
        self.rejected += 1
        self.problems += problems[: KEPT - len(self.problems)]


@dataclass(frozen=True)
class Chunk:
    """Some good rows, sorted by what the register knows of them."""

    new: list[Row]
    changed: list[tuple[Person, Row]]
    unchanged: int


def chunks(source: str, rows: Iterable[Row | list[Problem]], outcome: Outcome) -> Iterator[Chunk]:
    """Group good rows; problems go to the outcome, and at the end of a complete file the rows that are missing.

    The chunks follow how much work each was, so that nobody who works on the node waits long.
    """
    widen_cache()
    good, size = _good(rows, outcome), SMALLEST
    while part := list(islice(good, size)):
        started = time.process_time()
        yield _sorted(source, part, outcome)
        size = _fitting(len(part), time.process_time() - started)
    if isinstance(rows, Reading) and rows.mapping.complete and rows.whole:
        _note_missing(source, rows, outcome)


def _sorted(source: str, part: list[Row], outcome: Outcome) -> Chunk:
    known = {row.row_id: row for row in _loaded(source).filter(row_id__in=[row.row_id for row in part])}
    differing = [row for row in part if row.row_id in known and bytes(known[row.row_id].content) != row.content]
    owners = identity.people([known[row.row_id].person_id for row in differing])
    return Chunk(
        new=_unclaimed([row for row in part if row.row_id not in known], outcome),
        changed=_unmistaken(list(zip(owners, differing, strict=True)), outcome),
        unchanged=sum(row.row_id in known for row in part) - len(differing),
    )


def _fitting(rows: int, seconds: float) -> int:
    """How many rows the next chunk may have, when so many took so much of the processor."""
    return max(SMALLEST, min(LARGEST, int(rows * CHUNK_SECONDS / max(seconds, 0.001)), 2 * rows))


def entry(row: Row) -> NewEntry:
    """A row as a new register entry; residence begins at birth where the file does not say."""
    facts = cast(dict[str, Any], {name: value for name, value in row.facts.items() if value is not None})
    return NewEntry(**{"since": facts["born"], **facts})


def remember(source: str, people: list[Person], rows: list[Row]) -> None:
    """Note which row became whom."""
    pairs = zip(people, rows, strict=True)
    insert(
        models.ImportedRow,
        ("source", "row_id", "person_id", "content"),
        [(source, row.row_id, uuid(person.id), row.content) for person, row in pairs],
    )


def update(source: str, person: Person, row: Row) -> None:
    """Bring an entry up to what the outside register says now."""
    new, now = entry(row), records.entry(person, ("name", "born", "died", "address"))
    if now.name is None or (now.name.given, now.name.family) != (new.given, new.family):
        records.rename(person, new.given, new.family, new.since)
    address = Address(new.street, new.number, new.postcode, new.town, new.since)
    if now.address is None or str(now.address) != str(address):
        records.move(person, address)
    models.Entry.objects.filter(person_id=person.id).update(born=new.born, birth_place=new.birth_place, sex=new.sex)
    if new.died != now.died:
        _live_or_die(person, new.died)
    if new.identifier:
        identity.add_identifier(person, SCHEME, new.identifier)
    _loaded(source).filter(row_id=row.row_id).update(content=row.content)


def _live_or_die(person: Person, died: date | None) -> None:
    if died:
        records.record_death(person, died)
    else:
        models.Entry.objects.filter(person_id=person.id).update(died=None)
        records.note_changes([person.id], "corrected")


def _loaded(source: str) -> Any:
    return models.ImportedRow.objects.filter(source=source)


def _good(rows: Iterable[Row | list[Problem]], outcome: Outcome) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, Row):
            yield row
        else:
            outcome.reject(row)


def _unclaimed(rows: list[Row], outcome: Outcome) -> list[Row]:
    """New rows whose identifier nobody has; the others are reported."""
    claimed = identity.taken(SCHEME, [str(row.facts["identifier"]) for row in rows if row.facts.get("identifier")])
    free = []
    for row in rows:
        identifier = str(row.facts.get("identifier") or "")
        if identifier in claimed:
            outcome.reject([Problem(row.line, "identifier", TAKEN)])
            continue
        if identifier:
            claimed.add(identifier)
        free.append(row)
    return free


def _unmistaken(changed: list[tuple[Person, Row]], outcome: Outcome) -> list[tuple[Person, Row]]:
    """Changed rows whose identifier is still their person's; the others are reported."""
    kept = []
    for person, row in changed:
        identifier = str(row.facts.get("identifier") or "")
        holder = identity.identify(SCHEME, identifier) if identifier else person
        if holder == person or (holder is None and SCHEME not in identity.identifiers(person)):
            kept.append((person, row))
        else:
            outcome.reject([Problem(row.line, "identifier", TAKEN if holder else CHANGED)])
    return kept


def _note_missing(source: str, reading: Reading, outcome: Outcome) -> None:
    """Rows of earlier loads that the file does not hold any more."""
    for row_id in _loaded(source).order_by("row_id").values_list("row_id", flat=True).iterator(chunk_size=5_000):
        if not reading.holds(row_id):
            outcome.missing += 1
            if len(outcome.missing_rows) < KEPT:
                outcome.missing_rows.append(row_id)
