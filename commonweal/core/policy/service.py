"""Consent, given and withdrawn. A withdrawal binds from the moment it commits: the door checks again at commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.actions import Purpose, declare, declared_purposes, purpose_named, reference
from commonweal.core.policy.models import ConsentRecord
from commonweal.core.policy.purposes import OWN_ACCESS

OFFICE = _("the office that runs this node")
GIVE = declare("policy.consent.give", _("Gave consent to a use of your data"), changes=True, ask=OFFICE)
WITHDRAW = declare("policy.consent.withdraw", _("Withdrew consent to a use of your data"), changes=True, ask=OFFICE)
reference("act/mention", _("your name and how you are related"))
reference("policy/consent", _("a consent"))


LOOK = declare("policy.consent.read", _("Looked at your consents"), changes=False, ask=OFFICE)


@dataclass(frozen=True)
class Consent:
    """One consent, standing or withdrawn."""

    id: str
    purpose: Purpose
    agency: str
    given: datetime
    withdrawn: datetime | None


class NoConsent(LookupError):
    """The person has given no such consent, or withdrew it before."""


def consents_of(actor: Actor, person: Person) -> list[Consent]:
    """What a person agreed to, newest first. One entry a session. Raises Refused."""
    with act(actor, LOOK, subject=person, purpose=OWN_ACCESS, key=actor.session):
        rows = ConsentRecord.objects.filter(person_id=person.id).order_by("-given")
        known = ((row, purpose_named(row.purpose)) for row in rows)
        return [Consent(str(row.id), why, row.agency, row.given, row.withdrawn) for row, why in known if why]


def what_can_be_agreed_to() -> list[tuple[Purpose, str]]:
    """Every purpose that rests on consent, with each agency that would use the data."""
    return [(why, agency) for why in declared_purposes() if why.basis == "consent" for agency in why.by]


def give_consent(actor: Actor, person: Person, purpose: Purpose, agency: str) -> str:
    """Agree to one purpose of one agency. Returns the consent's id; one that stands already is kept.

    Raises Refused; ValueError for a purpose that does not rest on consent.
    """
    if purpose.basis != "consent":
        raise ValueError(_("This use does not rest on your consent"))
    with act(actor, GIVE, subject=person, purpose=OWN_ACCESS, object=purpose.name) as evidence:
        asked = {"person_id": person.id, "purpose": purpose.name, "agency": agency, "withdrawn": None}
        record, _new = ConsentRecord.objects.get_or_create(**asked, defaults={"given": clock.now()})
        evidence.changed([f"policy/consent/{record.id}"])
    return str(record.id)


def withdraw_consent(actor: Actor, person: Person, consent: str) -> None:
    """End a consent, from the commit on. Raises Refused, NoConsent."""
    with act(actor, WITHDRAW, subject=person, purpose=OWN_ACCESS) as evidence:
        standing = ConsentRecord.objects.filter(id=UUID(consent), person_id=person.id, withdrawn=None)
        if not standing.update(withdrawn=clock.now()):
            raise NoConsent(_("There is no such consent"))
        evidence.changed([f"policy/consent/{consent}"])
