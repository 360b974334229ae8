"""Consent, objection and restriction, and the review of emergencies.

A withdrawal, an objection and a restriction bind from the moment they commit: the door checks again at commit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act, now_acting
from commonweal.core.cases import notices
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import CaseType, Queue, ReadyText, Ruling
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy import emergencies, restrictions
from commonweal.core.policy.actions import (
    Purpose,
    Words,
    action_named,
    declare,
    declared_purposes,
    filled,
    purpose_named,
    reference,
)
from commonweal.core.policy.models import ConsentRecord, Emergency, Restriction
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.policy.restrictions import Limit

OFFICE = _("the office that runs this node")
GIVE = declare("policy.consent.give", _("Gave consent to a use of your data"), changes=True, ask=OFFICE)
WITHDRAW = declare("policy.consent.withdraw", _("Withdrew consent to a use of your data"), changes=True, ask=OFFICE)
reference("act/mention", _("your name and how you are related"))
reference("policy/consent", _("a consent"))


LOOK = declare("policy.consent.read", _("Looked at your consents"), changes=False, ask=OFFICE)
OBJECT = declare(
    "policy.limit.ask", _("Objected to a use of your data, or asked to restrict it"), changes=True, ask=OFFICE
)
LIFT = declare("policy.limit.lift", _("Took back an objection or restriction"), changes=True, ask=OFFICE)
LIMITS = declare("policy.limit.read", _("Looked at your objections and restrictions"), changes=False, ask=OFFICE)
reference("policy/limit", _("an objection or restriction"))
reference("policy/emergency", _("an emergency"))


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


class NoLimit(LookupError):
    """There is no such objection or restriction, or it was lifted before."""


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


# Objection and restriction


def limits_of(actor: Actor, person: Person) -> list[Limit]:
    """What a person objected to or asked to restrict, newest first. One entry a session. Raises Refused."""
    with act(actor, LIMITS, subject=person, purpose=OWN_ACCESS, key=actor.session):
        return [restrictions.value(row) for row in Restriction.objects.filter(person_id=person.id).order_by("-asked")]


def object_to(actor: Actor, person: Person, purpose: str, reason: str, *, key: str = "") -> str:
    """Object to a purpose (GDPR Art. 21); returns the objection's id. It is in force until an officer decides.

    Raises Refused; ValueError without a reason, or for a purpose that one cannot object to.
    """
    if purpose not in {why.name for why in restrictions.purposes()}:
        raise ValueError(_("Nobody can object to this use: the law demands it, or it rests on your consent"))
    return _limit(actor, person, "objection", purpose, reason=reason, key=key)


def ask_restriction(actor: Actor, person: Person, room: str, reason: str, *, key: str = "") -> str:
    """Ask that what a room holds is only kept, not used (GDPR Art. 18); returns the request's id. An officer decides.

    Raises Refused; ValueError without a reason, or for an unknown room.
    """
    if room not in restrictions.rooms():
        raise ValueError(_("There is no such service"))
    return _limit(actor, person, "restriction", room, reason=reason, key=key)


def lift_limit(actor: Actor, person: Person, limit: str) -> None:
    """Take an objection or restriction back, from the commit on. Raises Refused, NoLimit."""
    with act(actor, LIFT, subject=person, purpose=OWN_ACCESS) as evidence:
        standing = Restriction.objects.filter(id=_uuid(limit), person_id=person.id, lifted=None)
        if not standing.update(lifted=clock.now()):
            raise NoLimit(_("There is no such objection or restriction"))
        evidence.changed([f"policy/limit/{limit}"])


def _limit(actor: Actor, person: Person, kind: str, what: str, *, reason: str, key: str) -> str:
    if not reason.strip():
        raise ValueError(_("Write why"))
    with act(actor, OBJECT, subject=person, purpose=OWN_ACCESS, object=f"{kind}:{what}", key=key) as evidence:
        if evidence.repeated:
            return evidence.answer
        now = clock.now()
        since = now if kind == "objection" else None  # GDPR Art. 18(1)(d): while it is verified
        row = Restriction.objects.create(
            person_id=person.id, kind=kind, what=what, reason=reason.strip(), asked=now, since=since
        )
        case = cases.open_case(OBJECTION if kind == "objection" else RESTRICTION, person, str(row.id), by=actor.name)
        evidence.changed([f"policy/limit/{row.id}", case])
        evidence.answers(str(row.id))
    return str(row.id)


def _shows_limit(limit: str) -> list[tuple[Words, str]]:
    row = Restriction.objects.get(id=UUID(limit))
    why = purpose_named(row.what)
    return [(_("Use"), str(why.says) if why else row.what), (_("Because"), row.reason)]


def _decide_limit(ruling: Ruling) -> list[str]:
    """Accepted, it is in force until the person takes it back; rejected, the use may go on."""
    row = Restriction.objects.get(id=UUID(ruling.about))
    row.decided = ruling.at
    if ruling.outcome == "accepted":
        row.since = row.since or ruling.at
    else:
        row.lifted = row.lifted or ruling.at
    row.save()
    return [f"policy/limit/{row.id}"]


# Emergencies


def _follow_up(row: Emergency, person: Person) -> list[str]:
    """The person is told at once; a supervisor of the officer's agency has to look at it."""
    kind = replace(EMERGENCY, queue=Queue(row.agency, "supervisor"))
    case = cases.open_case(kind, person, str(row.id), by=row.actor_name)
    text = _("%(who)s used your data in an emergency. What was done: %(what)s. The reason given: %(why)s. A supervisor "
             "looks at it now, and you can write to them in your inbox.")  # fmt: skip
    notices.write(
        person,
        row.agency,
        _("Your data was used in an emergency"),
        filled(text, who=row.actor_name, what=action_named(row.action).says, why=row.reason),
        None,
    )
    return [f"policy/emergency/{row.id}", case, "cases/notice"]


def _shows_emergency(emergency: str) -> list[tuple[Words, str]]:
    row = Emergency.objects.get(id=UUID(emergency))
    return [
        (_("Who"), row.actor_name),
        (_("What was done"), str(action_named(row.action).says)),
        (_("When"), date_format(row.at, "DATETIME_FORMAT")),
        (_("The reason given"), row.reason),
    ]


def _review_emergency(ruling: Ruling) -> list[str]:
    """Raises ValueError for whoever declared the emergency."""
    row = Emergency.objects.get(id=UUID(ruling.about))
    reviewer = now_acting()
    themselves = reviewer.person is not None and reviewer.person.id == row.actor_person
    if reviewer.id == row.actor or themselves:
        raise ValueError(_("Nobody reviews their own emergency"))
    Emergency.objects.filter(id=row.id).update(decided=ruling.at)
    return [f"policy/emergency/{row.id}"]


OBJECTION = cases.declare_case_type(
    CaseType(
        "policy.objection",
        _("Objection to a use of your data"),
        Queue("oversight", "data-protection-officer"),
        days=30,
        shows=_shows_limit,
        takes_effect=_decide_limit,
        texts=(
            ReadyText("upheld", _("The use is not permitted for you from now on."), outcome="accepted"),
            ReadyText("grounds", _("The use goes on, for this reason: {grounds}"), {"grounds": _("Compelling grounds")},
                      "rejected"),
        ),
    )
)  # fmt: skip
RESTRICTION = cases.declare_case_type(
    replace(
        OBJECTION, name="policy.restriction", says=_("Restriction of what is done with your data"),
        texts=(
            ReadyText("restricted", _("What we hold is only kept from now on, not used."), outcome="accepted"),
            ReadyText("grounds", _("It is not restricted, for this reason: {grounds}"), {"grounds": _("The reason")},
                      "rejected"),
        ),
    )
)  # fmt: skip
EMERGENCY = cases.declare_case_type(
    CaseType(
        "policy.emergency",
        _("Use of your data in an emergency"),
        Queue("oversight", "supervisor"),
        days=3,
        shows=_shows_emergency,
        takes_effect=_review_emergency,
        texts=(
            ReadyText("right", _("It was an emergency, and the access was right."), outcome="accepted"),
            ReadyText(
                "wrong", _("The access was not right. What follows: {step}"), {"step": _("What follows")}, "rejected"
            ),
        ),
        told={
            "accepted": _("A use of your data in an emergency was found right"),
            "rejected": _("A use of your data in an emergency was found wrong"),
        },
    )
)
emergencies.follow_up(_follow_up)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
