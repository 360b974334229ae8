"""The roll as text (CSV): what the administrator enters, and what the credential authority gets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext as _

from commonweal.core.identity import people
from commonweal.services.voting.values import RollLine, Voter

NATIONAL = "national"  # the register's usual scheme of numbers
LONGEST = {"identifier": 100, "name": 250, "delivery": 500}  # characters in each column
HEAVIEST = 1_000_000  # the sum of all weights is found by search, in steps of its square root


def read(text: str, scheme: str = NATIONAL) -> list[RollLine]:
    """The people on a roll with the columns identifier, name, delivery and, where votes have weights, weight.

    `scheme` is the kind of number that `identifier` is.

    Raises ValueError naming the line and the column.
    """
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    if not rows or not set(LONGEST) <= set(rows[0]):
        raise ValueError(_("The file needs a first line with identifier, name, delivery."))
    return [_line(number, row, scheme) for number, row in enumerate(rows, 2)]


def write(voters: Iterable[Voter]) -> str:
    """The roll for the credential authority: label, name, delivery, weight."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["label", "name", "delivery", "weight"])
    writer.writeheader()
    writer.writerows(vars(voter) for voter in voters)
    return text.getvalue()


def _line(number: int, row: dict[str, str | None], scheme: str) -> RollLine:
    given = {column: (row[column] or "").strip() for column in LONGEST}
    for column, most in LONGEST.items():
        if not 0 < len(given[column]) <= most:
            raise ValueError(
                _("Line %(line)d: write 1 to %(most)d characters as %(column)s.")
                % {"line": number, "most": most, "column": column}
            )
    weight = (row.get("weight", "1") or "").strip()
    if not (weight.isascii() and weight.isdigit() and len(weight) <= 7 and 1 <= int(weight) <= HEAVIEST):
        raise ValueError(
            _("Line %(line)d: write a whole number from 1 to %(most)d as weight.") % {"line": number, "most": HEAVIEST}
        )
    person = people.identify(scheme, given["identifier"])
    if person is None:
        raise ValueError(_("Line %(line)d: nobody in the register has this number.") % {"line": number})
    return RollLine(person, given["name"], given["delivery"], int(weight))
