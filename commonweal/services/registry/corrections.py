"""Corrections: asked for by residents, decided as cases. What they change in the register; opens no `act`."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.cases.values import Ruling
from commonweal.core.identity import people as identity
from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Words
from commonweal.services.registry import models, records
from commonweal.services.registry.values import FIELDS, Address, Correctable, Correction

CORRECTABLE: dict[Correctable, Words] = {
    "given": _("First name"),
    "family": _("Family name"),
    "born": _("Date of birth"),
    "birth_place": _("Place of birth"),
    "address": _("Address"),
}


TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NoCorrection(LookupError):
    """There is no such request."""


class Decided(ValueError):
    """Somebody decided this request already."""


def current(person: Person, field: Correctable) -> str:
    """What the register says now. Raises records.NoEntry."""
    entry = records.entry(person, FIELDS)
    if field in ("given", "family"):
        return str(getattr(entry.name, field, ""))
    if field == "address":
        return str(entry.address or "")
    found = entry.born if field == "born" else entry.birth_place
    return found.isoformat() if isinstance(found, date) else str(found or "")


def ask(person: Person, field: Correctable, proposed: str, explanation: str) -> Correction:
    """Raises ValueError when the proposal is what the register says already, or is not readable."""
    now_says = current(person, field)
    proposed = " ".join(proposed.split())
    if _misleads(proposed) or _misleads(explanation):
        raise ValueError(_("Remove the invisible signs from your text: they can make it read as something else"))
    if not proposed or proposed == now_says:
        raise ValueError(_("The register says this already"))
    _parsed(field, proposed)
    row = models.Correction.objects.create(
        person_id=person.id,
        field=field,
        current=now_says,
        proposed=proposed,
        explanation=explanation,
        asked=clock.now(),
    )
    return _value(row, person)


def take_effect(ruling: Ruling) -> list[str]:
    """What a decision does: an accepted request changes the entry. Returns references to what changed.

    Raises NoCorrection, Decided; ValueError when the entry cannot take what was proposed any more.
    """
    row = _row(ruling.about)
    if row.status == "accepted":
        raise Decided(_("This request was decided already"))
    accepted = ruling.outcome == "accepted"
    if accepted:
        _apply(ruling.person, cast(Correctable, row.field), row.proposed, ruling.at.date())
    row.status, row.reason, row.decided, row.decided_by = ruling.outcome, ruling.reason, ruling.at, ruling.by
    row.save()
    return [f"registry/{row.field}"] if accepted else [f"registry/correction/{row.id}"]


def shows(correction_id: str) -> list[tuple[Words, str]]:
    """What a request is about, for the officer and the person. Raises NoCorrection."""
    row = _row(correction_id)
    return [
        (_("What"), str(CORRECTABLE[cast(Correctable, row.field)])),
        (_("The register says"), row.current),
        (_("It should say"), row.proposed),
        (_("Because"), row.explanation),
    ]


def by_id(correction_id: str) -> Correction:
    """Raises NoCorrection."""
    row = _row(correction_id)
    return _value(row, identity.person(row.person_id))


def of(person: Person) -> list[Correction]:
    """A person's requests, newest first."""
    return [_value(row, person) for row in models.Correction.objects.filter(person_id=person.id).order_by("-asked")]


def _apply(person: Person, field: Correctable, proposed: str, on: date) -> None:
    if field == "address":
        records.move(person, cast(Address, _parsed(field, proposed)))
    elif field in ("given", "family"):
        name = records.entry(person, ("name",)).name
        parts = {"given": name.given if name else "", "family": name.family if name else ""} | {field: proposed}
        records.rename(person, parts["given"], parts["family"], on)
    else:
        models.Entry.objects.filter(person_id=person.id).update(**{field: _parsed(field, proposed)})
        records.note_changes([person.id], "corrected")


def _parsed(field: Correctable, proposed: str) -> object:
    if field == "born":
        return _past_date(proposed)
    if field == "address":
        return _address(proposed)
    return proposed


def _misleads(text: str) -> bool:
    """Whether a text holds control characters, or signs that turn the direction of what follows."""
    return any(sign in TURNS or (unicodedata.category(sign) == "Cc" and sign not in "\r\n\t") for sign in text)


def _past_date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # Python reads weeks too, 1984-W13-2
        raise ValueError(_("Write the date as year-month-day, for example 1984-03-27"))
    if not date(1880, 1, 1) <= day <= clock.now().date():
        raise ValueError(_("The date of birth must be in the past"))
    return day


def _address(text: str) -> Address:
    """`12 Mill Lane, AB1 Testford`: number and street, then postcode and town."""
    first, _comma, second = text.partition(",")
    number, _space, street = first.strip().partition(" ")
    postcode, _space, town = second.strip().partition(" ")
    if not (number and street and postcode and town):
        raise ValueError(_("Write the address like this: 12 Mill Lane, 4021 Aldermere"))
    return Address(street.strip(), number, postcode, town.strip(), clock.now().date())


def _row(correction_id: str) -> models.Correction:
    try:
        return models.Correction.objects.get(id=UUID(correction_id))
    except (ValueError, models.Correction.DoesNotExist):
        raise NoCorrection(_("There is no such request")) from None


def _value(row: models.Correction, person: Person) -> Correction:
    return Correction(
        id=str(row.id),
        person=person,
        field=cast(Correctable, row.field),
        current=row.current,
        proposed=row.proposed,
        explanation=row.explanation,
        asked=row.asked,
        status=row.status,  # type: ignore[arg-type]
        reason=row.reason,
        decided=row.decided,
        decided_by=row.decided_by,
    )
