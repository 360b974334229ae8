"""Consent, objection and restriction, and the review of emergencies.

A withdrawal, an objection and a restriction bind from the moment they commit: the door checks again at commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act, now_acting
from commonweal.core.cases import notices
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import CaseType, Queue, ReadyText, Ruling
from commonweal.core.exchange import outbox
from commonweal.core.exchange.event_types import EventType, declare_event
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.identity.people import identify, known
from commonweal.core.policy import agreements, emergencies, restrictions
from commonweal.core.policy.actions import (
    Purpose,
    Words,
    action_named,
    declare,
    declared_purposes,
    filled,
    purpose,
    purpose_named,
    reference,
)
from commonweal.core.policy.agreements import Agreement
from commonweal.core.policy.models import ConsentRecord, Emergency, Restriction
from commonweal.core.policy.purposes import OVERSIGHT, OWN_ACCESS
from commonweal.core.policy.restrictions import Limit

OFFICE = _("the office that runs this node")
GIVE = declare("policy.consent.give", _("Gave consent to a use of your data"), changes=True, ask=OFFICE)
WITHDRAW = declare("policy.consent.withdraw", _("Withdrew consent to a use of your data"), changes=True, ask=OFFICE)
FIND = declare("policy.individual.find", _("Looked you up to ask about your consent"), changes=False, ask=OFFICE)
VERIFY = declare("policy.consent.verify", _("Checked whether you gave your consent"), changes=False, ask=OFFICE)
REQUEST = declare("policy.consent.request", _("Asked you for your consent"), changes=True, ask=OFFICE)
AUDIT = declare("policy.consent.audit", _("Checked how consents are kept, yours among them"), changes=False, ask=OFFICE)
CHECKING = purpose(  # GDPR Art. 7(1)
    "consent.checking",
    _("To ask for consent, and to show that it was given"),
    "legal_obligation",
    "dpv:LegalCompliance",
)
GIVEN = declare_event("policy.consent.given", _("Somebody gave a consent to the agency that is told"))
WITHDRAWN = declare_event("policy.consent.withdrawn", _("Somebody withdrew a consent from the agency that is told"))
reference("policy/individual", _("that this node knows you"))
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
        if agency in purpose.by:
            agreements.revision_of(agreements.agreement(agreements.name(purpose.name, agency)))
        record, new = ConsentRecord.objects.get_or_create(**asked, defaults={"given": clock.now()})
        if new:
            _tell(GIVEN, person, record)
        evidence.changed([f"policy/consent/{record.id}"])
    return str(record.id)


def withdraw_consent(actor: Actor, person: Person, consent: str) -> None:
    """End a consent, from the commit on. Raises Refused, NoConsent."""
    with act(actor, WITHDRAW, subject=person, purpose=OWN_ACCESS) as evidence:
        standing = ConsentRecord.objects.filter(id=UUID(consent), person_id=person.id, withdrawn=None)
        record = standing.first()
        if record is None:
            raise NoConsent(_("There is no such consent"))
        standing.update(withdrawn=clock.now())
        _tell(WITHDRAWN, person, record)
        evidence.changed([f"policy/consent/{consent}"])


def _tell(event: EventType, person: Person, record: ConsentRecord) -> None:
    """Only the agency that the consent is given to is told."""
    outbox.put(event.name, person, {"consent": str(record.id), "purpose": record.purpose}, agency=record.agency)


# What the agency that a consent is given to may ask by its machines


@dataclass(frozen=True)
class Given:
    """A consent beside the person who gave it."""

    person: Person
    consent: Consent


def find_individual(actor: Actor, scheme: str, value: str) -> Person | None:
    """Who is called so, for an agency that relies on consents. Raises Refused."""
    person = identify(scheme, value)
    with act(actor, FIND, subject=person, purpose=CHECKING, object=_controller(actor)) as evidence:
        evidence.disclosed(["policy/individual"])
    return person


def consents_given(
    actor: Actor, *, person: Person | None = None, consent: UUID | None = None, purpose: str = "", start: int = 0,
    most: int = 100,
) -> list[Given]:  # fmt: skip
    """The consents to uses by the actor's own agency, oldest first; everyone in them gets an entry. Raises Refused."""
    rows = ConsentRecord.objects.filter(agency=actor.agency)
    rows = rows.filter(person_id=person.id) if person else rows
    rows = rows.filter(id=consent) if consent else rows
    found = _given(rows.filter(purpose=purpose) if purpose else rows, start, most)
    with act(actor, VERIFY, subject=_everyone(found, person), purpose=CHECKING, object=_controller(actor)) as evidence:
        evidence.disclosed(["policy/consent"])
    return found


def consents_audited(actor: Actor, *, consent: UUID | None = None, start: int = 0, most: int = 100) -> list[Given]:
    """The consents to uses by any agency, oldest first; everyone in them gets an entry. Raises Refused."""
    rows = ConsentRecord.objects.filter(id=consent) if consent else ConsentRecord.objects.all()
    found = _given(rows, start, most)
    with act(actor, AUDIT, subject=_everyone(found, None), purpose=OVERSIGHT) as evidence:
        evidence.disclosed(["policy/consent"])
    return found


def request_consent(actor: Actor, person: Person, agreement: Agreement) -> Consent | None:
    """Ask a person for a consent, by a message in their inbox, not more than once a month; what stands already.

    Only the person can give it. Raises Refused; ValueError where no consent is needed.
    """
    if agreement.basis != "consent":
        raise ValueError(_("This use does not rest on your consent"))
    key = f"{agreement.id}|{person.id.hex}|{clock.now():%Y-%m}"
    controller = _controller(actor) if agreement.agency == actor.agency else ""
    with act(actor, REQUEST, subject=person, purpose=CHECKING, object=controller, key=key) as evidence:
        about = {"purpose": agreement.purpose, "agency": agreement.agency}
        found = _given(ConsentRecord.objects.filter(person_id=person.id, withdrawn=None, **about), 0, 1)
        if not found and not evidence.repeated:
            why = purpose_named(agreement.purpose)
            text = _("%(agency)s asks whether you agree to this use of your data: %(use)s. You decide on the page "
                     "“Your consents”. If you do nothing, it is not done.")  # fmt: skip
            says = why.says if why else agreement.says
            title = _("You are asked for your consent")
            notices.write(person, agreement.agency, title, filled(text, agency=agreement.agency_name, use=says), None)
            evidence.changed(["cases/notice"])
    return found[0].consent if found else None


def _controller(actor: Actor) -> str:
    """The actor's agency, where it relies on consents at all; the rules let nobody else ask."""
    relying = {agency for _why, agency in what_can_be_agreed_to()}
    return actor.agency if actor.agency in relying else ""


def _given(rows: QuerySet[ConsentRecord], start: int, most: int) -> list[Given]:
    chosen = [(row, purpose_named(row.purpose)) for row in rows.order_by("given", "id")[start : start + most]]
    people = known({row.person_id for row, _why in chosen})
    return [
        Given(people[row.person_id], Consent(str(row.id), why, row.agency, row.given, row.withdrawn))
        for row, why in chosen
        if why and row.agency in why.by and row.person_id in people
    ]


def _everyone(found: Sequence[Given], person: Person | None) -> list[Person] | None:
    return list({one.person.id: one.person for one in found}.values()) or ([person] if person else None)


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
