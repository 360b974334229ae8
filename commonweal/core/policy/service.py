"""Consent, given and withdrawn. A withdrawal binds from the moment it commits: the door checks again at commit."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.actions import Purpose, declare, reference
from commonweal.core.policy.models import ConsentRecord
from commonweal.core.policy.purposes import OWN_ACCESS

OFFICE = _("the office that runs this node")
GIVE = declare("policy.consent.give", _("Gave consent to a use of your data"), changes=True, ask=OFFICE)
WITHDRAW = declare("policy.consent.withdraw", _("Withdrew consent to a use of your data"), changes=True, ask=OFFICE)
reference("policy/consent", _("a consent"))


class NoConsent(LookupError):
    """The person has given no such consent, or withdrew it before."""


def give_consent(actor: Actor, person: Person, purpose: Purpose, agency: str) -> str:
    """Agree to one purpose of one agency. Returns the consent's id.

    Raises Refused; ValueError for a purpose that does not rest on consent.
    """
    if purpose.basis != "consent":
        raise ValueError(_("This use does not rest on your consent"))
    with act(actor, GIVE, subject=person, purpose=OWN_ACCESS, object=purpose.name) as evidence:
        record = ConsentRecord.objects.create(
            person_id=person.id, purpose=purpose.name, agency=agency, given=clock.now()
        )
        evidence.changed([f"policy/consent/{record.id}"])
    return str(record.id)


def withdraw_consent(actor: Actor, person: Person, consent: str) -> None:
    """End a consent, from the commit on. Raises Refused, NoConsent."""
    with act(actor, WITHDRAW, subject=person, purpose=OWN_ACCESS) as evidence:
        standing = ConsentRecord.objects.filter(id=UUID(consent), person_id=person.id, withdrawn=None)
        if not standing.update(withdrawn=clock.now()):
            raise NoConsent(_("There is no such consent"))
        evidence.changed([f"policy/consent/{consent}"])
