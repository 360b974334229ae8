"""A register entry in words: what the pages list, each label once."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commonweal.services.registry.values import Address, Kinship, Name, RegisterEntry

Fact = tuple[str, list[str]]


def facts(entry: RegisterEntry) -> list[Fact]:
    """Label and values of everything that the entry shows, in the order of the page."""
    names, addresses = entry.names or (), entry.addresses or ()
    found = [
        (_("Name"), [str(name) for name in names if not name.until]),
        (_("Earlier names"), [_until(name, name.until) for name in names if name.until]),
        (
            _("Born"),
            [_("%(day)s, %(place)s") % {"day": _day(entry.born), "place": entry.birth_place}] if entry.born else [],
        ),
        (_("Died"), [_day(entry.died)] if entry.died else []),
        (_("Address"), [_lived(address) for address in addresses if not address.until]),
        (_("Earlier addresses"), [_lived(address) for address in addresses if address.until]),
        (_("Lives with"), [mate.name for mate in entry.household or ()]),
        (_("Parents"), _relatives(entry, "parent")),
        (_("Spouse"), _relatives(entry, "spouse")),
        (_("Children"), _relatives(entry, "child")),
    ]
    return [(label, values) for label, values in found if values]


def _until(name: Name, until: date) -> str:
    return _("%(name)s, until %(day)s") % {"name": name, "day": _day(until)}


def _lived(address: Address) -> str:
    if address.until is None:
        return _("%(address)s, since %(day)s") % {"address": address, "day": _day(address.since)}
    span = {"address": address, "since": _day(address.since), "until": _day(address.until)}
    return _("%(address)s, %(since)s to %(until)s") % span


def _relatives(entry: RegisterEntry, kind: Kinship) -> list[str]:
    return [relative.name for relative in entry.relations or () if relative.kind == kind]


def _day(day: date) -> str:
    return date_format(day, "j F Y")
