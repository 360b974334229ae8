"""Using data under seal, prolonging a seal, and opening what is due."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.erasure.rooms import keeping_personal_data
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.ledger import sealed
from commonweal.core.ledger.sealed import SEAL, Sealed
from commonweal.core.policy.actions import declare, purpose, reference

OFFICE = _("the agency that investigates")
declare(SEAL, _("Kept a use of your data under seal"), changes=False, ask=OFFICE)
READ = declare("investigations.data.read", _("Looked at your data for an investigation"), changes=False, ask=OFFICE)
ORDER = declare("investigations.order.read", _("Looked at what is under seal"), changes=False, ask=OFFICE)
PROLONG = declare(
    "investigations.entry.prolong", _("Kept an entry about you under seal longer"), changes=True, ask=OFFICE
)
OPEN = declare("investigations.entry.open", _("Opened an entry that was under seal"), changes=True, ask=OFFICE)
INVESTIGATION = purpose(
    "investigation", _("A lawful investigation"), "legal_obligation", "dpv:LegalCompliance",
    kept=_("with the order’s file"),
)  # fmt: skip
reference("ledger/sealed", _("an entry that was under seal"))


class NotSealed(LookupError):
    """There is no such entry under seal, of this agency and order."""


def rooms() -> list[str]:
    """The rooms whose data can be asked for: all that keep personal data but the evidence itself."""
    return [room for room, _data in keeping_personal_data() if room != "ledger"]


def read(actor: Actor, person: Person, room: str, order: str, until: date) -> dict[str, Any]:
    """What one room holds about a person, for an order, under seal until a day. Raises Refused; ValueError."""
    data = dict(keeping_personal_data())[room]
    with act(
        actor, READ, subject=person, purpose=INVESTIGATION, object=room, case=order, sealed_until=until
    ) as evidence:
        held = data.held(person)
        evidence.disclosed([f"{room}/everything"])
    return held


def of_order(actor: Actor, order: str) -> list[Sealed]:
    """What the actor's own agency keeps under seal for an order. Raises Refused."""
    with act(actor, ORDER, purpose=INVESTIGATION, object=actor.agency, case=order):
        return sealed.of_case(actor.agency, order)


def prolong(actor: Actor, order: str, n: int, until: date) -> None:
    """A second officer keeps entry `n` of the sealed chain under seal for longer; an act under seal itself.

    Raises Refused (the first officer cannot be the second), NotSealed; ValueError for a day that is too far.
    """
    found = next((one for one in sealed.of_case(actor.agency, order) if one.n == n), None)
    person = people.with_chain(found.chain) if found else None
    if found is None or person is None:
        raise NotSealed(_("There is no such entry under seal"))
    if until <= found.until:
        raise ValueError(_("The new day must be later than the old one"))
    standing = "first" if found.actor == actor.id else "second"
    with act(
        actor, PROLONG, subject=person, purpose=INVESTIGATION, object=standing, case=order, sealed_until=until
    ) as evidence:
        sealed.prolong(n, until, actor.id)
        evidence.changed([f"ledger/sealed/{n}"])


def open_due() -> int:
    """Open every entry whose day has come: it joins its person's record. Returns how many.

    What was about somebody who was erased meanwhile is deleted unopened.
    """
    opened = 0
    while found := sealed.due(clock.now().date()):
        for one in found:
            _open(one)
            opened += 1
    return opened


def _open(one: Sealed) -> None:
    person = people.with_chain(one.chain)
    now = clock.now()
    with act(the_node("seals"), OPEN, subject=person, purpose=INVESTIGATION, case=one.case) as evidence:
        if person is None:
            sealed.open_up(one.n, now, None)
            sealed.forget([one.n])
            evidence.changed([f"ledger/sealed/{one.n}"])
        elif commitment := sealed.open_up(one.n, now, sealed.next_number(one.chain)):
            evidence.opens(commitment)
