"""Reading and writing the register's tables. Opens no `act`: only service.py calls this, inside one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import Q

from commonweal.core import clock
from commonweal.core.identity import people as identity
from commonweal.core.identity.actors import Person
from commonweal.core.mandates.values import Minor
from commonweal.services.registry import models, values
from commonweal.services.registry.announcements import announce
from commonweal.services.registry.inserting import insert, instant, uuid
from commonweal.services.registry.values import Field, Kinship

SEARCH_LIMIT = 20
OF_AGE = 18


class NoEntry(LookupError):
    """The register holds nothing about this person."""


def folded(text: str) -> str:
    """The form that search compares: lower case, without accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).casefold()
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def entry(person: Person, fields: Sequence[Field]) -> values.RegisterEntry:
    """What the register holds about a person, limited to `fields`.

    Raises NoEntry.
    """
    row = models.Entry.objects.filter(person_id=person.id).first()
    if row is None:
        raise NoEntry("The register holds no entry for this person.")
    shown = set(fields)
    names = _names(person.id) if "name" in shown else None
    mates = _housemates(person.id) if "household" in shown else []
    kin = _kin(person.id) if "relations" in shown else []
    others = _named([*mates, *(other for _, other in kin)])
    return values.RegisterEntry(
        person=person,
        name=names[0] if names else None,
        names=names,
        born=row.born if "born" in shown else None,
        birth_place=row.birth_place if "born" in shown else None,
        died=row.died if "died" in shown else None,
        addresses=_addresses(person.id) if "address" in shown else None,
        household=tuple(values.Housemate(*others[mate]) for mate in mates if mate in others)
        if "household" in shown
        else None,
        relations=tuple(values.Relative(kind, *others[other]) for kind, other in kin if other in others)
        if "relations" in shown
        else None,
        fields=tuple(fields),
    )


def search(text: str, born: date | None) -> list[values.Found]:
    """People whose name contains every word of `text`, at most SEARCH_LIMIT + 1 of them."""
    wanted = Q(until=None)
    for word in folded(text).split():
        wanted &= Q(sought__contains=word)
    if born:
        wanted &= Q(person_id__in=models.Entry.objects.filter(born=born).values("person_id"))
    names = list(models.Name.objects.filter(wanted).order_by("sought")[: SEARCH_LIMIT + 1])
    people = identity.known([name.person_id for name in names])
    born_on = dict(models.Entry.objects.filter(person_id__in=people).values_list("person_id", "born"))
    homes = models.Residence.objects.filter(person_id__in=people, until=None).select_related("dwelling")
    towns = {home.person_id: home.dwelling.town for home in homes}
    return [
        values.Found(
            people[name.person_id],
            f"{name.given} {name.family}",
            born_on[name.person_id],
            towns.get(name.person_id, ""),
        )
        for name in names
        if name.person_id in people and name.person_id in born_on
    ]


def minors_of(parent: Person) -> list[Minor]:
    """The parent's children who are alive and under age today."""
    children = [other for kind, other in _kin(parent.id) if kind == "child"]
    today = clock.now().date()
    born = models.Entry.objects.filter(person_id__in=children, died=None).values_list("person_id", "born")
    of_age = (today.year - OF_AGE, today.month, today.day)
    young = {child: day for child, day in born if (day.year, day.month, day.day) > of_age}
    return [Minor(person, name, young[child]) for child, (person, name) in _named(list(young)).items()]


def circumstances(person: Person) -> values.Circumstances:
    """What questions about entitlements ask of the register. Raises NoEntry."""
    born = models.Entry.objects.filter(person_id=person.id).values_list("born", flat=True).first()
    if born is None:
        raise NoEntry("The register holds no entry for this person.")
    since = _registered_since(_addresses(person.id))
    months = _months_between(since, clock.now().date()) if since else 0
    age = _months_between(born, clock.now().date()) // 12
    return values.Circumstances(age, len(_housemates(person.id)) + 1, since is not None, months)


def _registered_since(addresses: Sequence[values.Address]) -> date | None:
    """Since when somebody has lived in the town without a gap; None when they do not live there now."""
    since = None
    for address in addresses:  # newest first
        if address.until is not None if since is None else address.until is None or address.until < since:
            break
        since = address.since
    return since


def _months_between(begin: date, end: date) -> int:
    return (end.year - begin.year) * 12 + end.month - begin.month - (end.day < begin.day)


def name_of(person: Person) -> str:
    """What the register calls a person now, or ""."""
    return next((name for _person, name in _named([person.id]).values()), "")


def register(people: Sequence[Person], entries: Sequence[values.NewEntry]) -> None:
    """Enter new people; both sequences have the same length and order."""
    dwellings = _dwellings(entries)
    pairs = [(uuid(person.id), new) for person, new in zip(people, entries, strict=True)]
    insert(
        models.Entry,
        ("person_id", "born", "birth_place", "died", "sex"),
        [(person, new.born, new.birth_place, new.died, new.sex) for person, new in pairs],
    )
    insert(
        models.Name,
        ("person_id", "given", "family", "sought", "since"),
        [(person, new.given, new.family, folded(f"{new.given} {new.family}"), new.born) for person, new in pairs],
    )
    insert(
        models.Residence,
        ("person_id", "dwelling", "since"),
        [(person, dwellings[_place(new)], new.since) for person, new in pairs],
    )
    note_changes([person.id for person in people], "registered")


def relate(pairs: Sequence[tuple[Person, str, Person, date]]) -> None:
    """(person, kind, other, since): `other` is the `kind` of `person`. The opposite direction is added too."""
    opposite = {"parent": "child", "child": "parent", "spouse": "spouse"}
    models.Relation.objects.bulk_create(
        (
            models.Relation(person_id=one, other_id=two, kind=what, since=since)
            for person, kind, other, since in pairs
            for one, what, two in ((person.id, kind, other.id), (other.id, opposite[kind], person.id))
        ),
        ignore_conflicts=True,
    )


def move(person: Person, address: values.Address) -> None:
    """End the current residence on the day the new one begins."""
    dwelling, _ = models.Dwelling.objects.get_or_create(
        street=address.street, number=address.number, postcode=address.postcode, town=address.town
    )
    models.Residence.objects.filter(person_id=person.id, until=None).update(until=address.since)
    models.Residence.objects.create(person_id=person.id, dwelling=dwelling, since=address.since)
    note_changes([person.id], "moved")


def rename(person: Person, given: str, family: str, since: date) -> None:
    """End the current name on the day the new one begins."""
    models.Name.objects.filter(person_id=person.id, until=None).update(until=since)
    models.Name.objects.create(
        person_id=person.id, given=given, family=family, sought=folded(f"{given} {family}"), since=since
    )
    note_changes([person.id], "renamed")


def record_death(person: Person, died: date) -> None:
    """Raises NoEntry."""
    if not models.Entry.objects.filter(person_id=person.id).update(died=died):
        raise NoEntry("The register holds no entry for this person.")
    models.Residence.objects.filter(person_id=person.id, until=None).update(until=died)
    note_changes([person.id], "died")


def note_changes(people: Sequence[UUID], kind: str) -> None:
    """Append to the change feed, and tell whoever wants to be told. Of new entries their maker tells."""
    now = instant(clock.now())
    insert(models.Change, ("person_id", "kind", "at"), [(uuid(person), kind, now) for person in people])
    if kind != "registered":
        announce(kind, people)


def changes_after(position: int, limit: int) -> list[values.Change]:
    """The feed after `position`, oldest first. Changes of people erased meanwhile are left out."""
    rows = list(models.Change.objects.filter(id__gt=position).order_by("id")[:limit])
    people = identity.known({row.person_id for row in rows})
    return [values.Change(row.id, row.kind, people[row.person_id], row.at) for row in rows if row.person_id in people]


def _names(person: UUID) -> tuple[values.Name, ...]:
    rows = models.Name.objects.filter(person_id=person).order_by("-since", "-id")
    return tuple(values.Name(row.given, row.family, row.since, row.until) for row in rows)


def _addresses(person: UUID) -> tuple[values.Address, ...]:
    rows = models.Residence.objects.filter(person_id=person).select_related("dwelling").order_by("-since", "-id")
    return tuple(
        values.Address(
            row.dwelling.street, row.dwelling.number, row.dwelling.postcode, row.dwelling.town, row.since, row.until
        )
        for row in rows
    )


def _housemates(person: UUID) -> list[UUID]:
    home = models.Residence.objects.filter(person_id=person, until=None).values("dwelling_id")
    others = models.Residence.objects.filter(dwelling_id__in=home, until=None).exclude(person_id=person)
    return list(others.values_list("person_id", flat=True))


def _kin(person: UUID) -> list[tuple[Kinship, UUID]]:
    rows = models.Relation.objects.filter(person_id=person, until=None).order_by("kind")
    return [(cast(Kinship, kind), other) for kind, other in rows.values_list("kind", "other_id")]


def _named(ids: Sequence[UUID]) -> dict[UUID, tuple[Person, str]]:
    if not ids:
        return {}
    rows = models.Name.objects.filter(person_id__in=ids, until=None).values_list("person_id", "given", "family")
    names = {who: f"{given} {family}" for who, given, family in rows}
    return {who: (person, names[who]) for who, person in identity.known(ids).items() if who in names}


def _place(new: values.NewEntry) -> tuple[str, str, str, str]:
    return (new.postcode, new.street, new.number, new.town)


def _dwellings(entries: Sequence[values.NewEntry]) -> dict[tuple[str, str, str, str], int]:
    places = {_place(new) for new in entries}
    insert(models.Dwelling, ("postcode", "street", "number", "town"), sorted(places), unless_there=True)
    marks = ", ".join(["(%s, %s, %s, %s)"] * len(places))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT postcode, street, number, town, id FROM registry_dwelling "  # noqa: S608 - only marks
            f"WHERE (postcode, street, number, town) IN (VALUES {marks})",
            [text for place in places for text in place],
        )
        return {(postcode, street, number, town): id_ for postcode, street, number, town, id_ in cursor.fetchall()}
