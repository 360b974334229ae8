"""Erasing entries and people, erasing again after a restore, and handing over all that is held about a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from commonweal.core.act import act
from commonweal.core.erasure import tombstones
from commonweal.core.erasure.rooms import keeping_personal_data
from commonweal.core.erasure.tombstones import Tombstone
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.ledger.privileges import delete_records
from commonweal.core.policy.actions import declare, purpose, reference
from commonweal.core.policy.purposes import OWN_ACCESS

OFFICE = _("the office that runs this node")
ERASE_ENTRIES = declare("erasure.entries.erase", _("Erased entries of your record"), changes=True, ask=OFFICE)
ERASE_PERSON = declare("erasure.person.erase", _("Erased everything about a person"), changes=True, ask=OFFICE)
EXPORT = declare("erasure.person.export", _("Took all data that is held about you"), changes=False, ask=OFFICE)
ERASING = purpose("erasure.duty", _("To erase what must not be kept"), "legal_obligation", "dpv:RightsFulfilment")
reference("ledger/entry", _("an entry of your record"))

RULES = {
    "request": _("The person asked for it and nothing forbids it (GDPR Art. 17(1))"),
    "unlawful": _("It should never have been recorded (GDPR Art. 17(1)(d))"),
    "expired": _("The time for keeping it is over (GDPR Art. 5(1)(e))"),
}


class NothingToErase(LookupError):
    """There is no such entry, or it was erased before."""


def erase_entries(actor: Actor, person: Person, entries: Sequence[int], rule: str, *, case: str = "") -> None:
    """Delete the records and keys of some of a person's entries; their places in the chain and the log stay.

    `rule` is a key of RULES. Raises Refused; NothingToErase; ValueError for an unknown rule.
    """
    _check_rule(rule)
    wanted = sorted(set(entries))
    with act(actor, ERASE_ENTRIES, subject=person, purpose=ERASING, object=f"rule:{rule}", case=case) as evidence:
        if delete_records(person.chain, wanted) < len(wanted):
            raise NothingToErase(_("There is no such entry, or it was erased before"))
        evidence.changed([f"ledger/entry/{n}" for n in wanted])
        tombstones.lay(Tombstone(person.chain.hex(), rule, tuple(wanted)))


def erase_person(actor: Actor, person: Person, rule: str, *, case: str = "") -> None:
    """Delete everything that every room holds about a person, their records and keys, and the link to their chain.

    The act itself is about nobody any more, so it stands in the node's own chain; it names the chain, which leads to
    nobody from now on. Raises Refused, NothingToErase, ValueError.
    """
    _check_rule(rule)
    with act(actor, ERASE_PERSON, purpose=ERASING, object=f"rule:{rule}", case=case) as evidence:
        if people.with_chain(person.chain) != person:
            raise NothingToErase(_("This person was erased before"))
        evidence.changed([f"ledger/chain/{person.chain.hex()}"])
        for room, data in keeping_personal_data():
            data.erase(person)
            evidence.changed([f"{room}/everything"])
        delete_records(person.chain)
        tombstones.lay(Tombstone(person.chain.hex(), rule, person=person.id.hex))


def erase_again() -> int:
    """After a restore: erase what was erased since that backup was made. Returns how many erasures that took."""
    node = the_node("restore")
    again = 0
    for stone in tombstones.all_laid():
        person = people.with_chain(bytes.fromhex(stone.chain))
        present = _present(bytes.fromhex(stone.chain), stone.entries)
        if person and stone.person:
            erase_person(node, person, stone.rule)
        elif person and present:
            erase_entries(node, person, present, stone.rule)
        else:
            continue
        again += 1
    return again


def export(actor: Actor, person: Person) -> dict[str, Any]:
    """Everything that the node holds about a person, room by room, as JSON values. Raises Refused."""
    with act(actor, EXPORT, subject=person, purpose=OWN_ACCESS) as evidence:
        held = {room: data.held(person) for room, data in keeping_personal_data()}
        evidence.disclosed([f"{room}/everything" for room in held])
    return {"version": 1, "person": person.id.hex, "rooms": held}


def _check_rule(rule: str) -> None:
    if rule not in RULES:
        raise ValueError(_("Name the rule under which it is erased"))


def _present(chain: bytes, entries: Sequence[int]) -> list[int]:
    if not entries:
        return []
    with connection.cursor() as cursor:
        marks = ",".join(["%s"] * len(entries))
        cursor.execute(f"SELECT n FROM ledger_record WHERE chain = %s AND n IN ({marks})", [chain, *entries])  # noqa: S608
        return [n for (n,) in cursor.fetchall()]
