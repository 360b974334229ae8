"""Mandates: given, taken up, used and ended. Each of these is an act about the person who is represented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.cases import notices
from commonweal.core.identity import codes, people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.mandates import facts, in_force, models
from commonweal.core.mandates.values import Mandate, Minor, Overview
from commonweal.core.policy.actions import Words, declare, filled, purpose, reference
from commonweal.core.policy.purposes import OWN_ACCESS

OFFICE = _("the office that runs this node")
LOOK = declare("mandates.list.read", _("Looked at who may act for you"), changes=False, ask=OFFICE)
GRANT = declare("mandates.attorney.grant", _("Gave a power of attorney"), changes=True, ask=OFFICE)
ACCEPT = declare("mandates.attorney.accept", _("Took up your power of attorney"), changes=True, ask=OFFICE)
TAKE = declare("mandates.child.take", _("Began to act for you as a parent"), changes=True, ask=OFFICE)
CARE = declare("mandates.care.grant", _("Recorded who is your guardian"), changes=True, ask=OFFICE)
END_CARE = declare("mandates.care.end", _("Recorded that a guardian no longer acts for you"), changes=True, ask=OFFICE)
ASSIST = declare("mandates.assisted.open", _("Began to help you at a counter"), changes=True, ask=OFFICE)
USE = declare(in_force.USE, _("Began to act for you"), changes=True, ask=OFFICE)
END = declare("mandates.mandate.end", _("Ended a mandate to act for you"), changes=True, ask=OFFICE)
ACTING = purpose(
    "mandates.acting", _("To let somebody act for you"), "legal_obligation", "dpv:RightsFulfilment",
    data=("mandates/mandate", "mandates/name"), kept=_("three years after it ended"),
)  # fmt: skip
reference("mandates/mandate", _("a mandate to act for you"))
reference("mandates/name", _("your name"))

TAKEN_UP_WITHIN = timedelta(days=30)
ASSISTED_FOR = timedelta(minutes=30)
OF_AGE = 18


class NoMandate(LookupError):
    """There is no such mandate, or it was taken up or ended before."""


def overview(actor: Actor, person: Person) -> Overview:
    """Who may act for a person and for whom they may act. One entry a session. Raises Refused."""
    with act(actor, LOOK, subject=person, purpose=OWN_ACCESS, key=actor.session):
        rows = models.Mandate.objects.filter(Q(person_id=person.id) | Q(agent_id=person.id)).order_by("-given")[:200]
        given = [value(row) for row in rows if row.person_id == person.id]
        held = [row for row in rows if row.agent_id == person.id and row.ended is None]
        taken = {row.person_id for row in held if row.kind == "child"}
        minors = [minor for minor in facts.minors_of(person) if minor.person.id not in taken]
        return Overview(given, [value(row) for row in held], minors)


def grant(
    actor: Actor, person: Person, scope: Sequence[str], ends: datetime | None, *, key: str = ""
) -> tuple[str, str]:
    """Give a power of attorney: (its id, the code for whoever shall take it up; "" when this was sent before).

    `scope` names rooms, actions or purposes; empty: all that a mandate can be for. Raises Refused; ValueError when it
    would end before it begins.
    """
    now = clock.now()
    if ends is not None and ends <= now:
        raise ValueError(_("The last day must be in the future"))
    with act(actor, GRANT, subject=person, purpose=ACTING, key=key) as evidence:
        if evidence.repeated:
            return evidence.answer, ""
        code = codes.new_code()
        row = models.Mandate.objects.create(
            kind="attorney", person_id=person.id, person_name=facts.name_of(person) or actor.name, scope=list(scope),
            given=now, given_by=actor.name, starts=now, ends=ends, code_hash=codes.code_hash(code),
        )  # fmt: skip
        evidence.changed([f"mandates/mandate/{row.id}"])
        evidence.answers(str(row.id))
    return str(row.id), codes.shown(code)


def accept(actor: Actor, typed: str) -> Mandate:
    """Take up the power of attorney whose code the actor typed. Raises Refused, NoMandate."""
    row = _waiting(typed)
    person = people.person(row.person_id)
    if actor.person is None:
        raise NoMandate(_("Connect your account to your entry first"))
    with act(actor, ACCEPT, subject=person, purpose=ACTING) as evidence:
        row = models.Mandate.objects.select_for_update().get(id=row.id)
        if row.code_hash is None or row.ended:
            raise NoMandate(_("This code was used before, or the mandate has ended"))
        row.agent_id, row.agent_name, row.accepted, row.code_hash = actor.person.id, actor.name, clock.now(), None
        row.save()
        evidence.changed([f"mandates/mandate/{row.id}"])
        _tell(
            person, _("Your power of attorney was taken up"), filled(_("%(who)s can act for you now."), who=actor.name)
        )
    return value(row)


def take_child(actor: Actor, child: Person) -> str:
    """A parent begins to act for their child under age; returns the mandate's id. Repeating it changes nothing.

    Raises Refused when no register names the actor as a parent of this minor.
    """
    parent = actor.person
    minor = next((one for one in facts.minors_of(parent) if one.person == child), None) if parent else None
    standing = "parent" if minor else "stranger"
    with act(actor, TAKE, subject=child, purpose=ACTING, object=standing) as evidence:
        assert minor is not None and parent is not None  # noqa: S101, PT018 - the rules permit parents only
        now = clock.now()
        row, _new = models.Mandate.objects.get_or_create(
            kind="child", person_id=child.id, agent_id=parent.id, ended=None,
            defaults={
                "person_name": minor.name, "agent_name": actor.name, "given": now, "given_by": actor.name,
                "starts": now, "accepted": now, "ends": _of_age(minor),
            },
        )  # fmt: skip
        evidence.changed([f"mandates/mandate/{row.id}"])
    return str(row.id)


def grant_care(
    actor: Actor, person: Person, agent: Person, scope: Sequence[str], ends: datetime | None, *, case: str
) -> str:
    """An officer records the guardian whom a court named in `case`; returns the mandate's id. Raises Refused."""
    with act(actor, CARE, subject=person, purpose=ACTING, case=case) as evidence:
        now = clock.now()
        row = models.Mandate.objects.create(
            kind="care", person_id=person.id, person_name=facts.name_of(person), agent_id=agent.id,
            agent_name=facts.name_of(agent), scope=list(scope), given=now, given_by=actor.name, reason=case, starts=now,
            ends=ends, accepted=now,
        )  # fmt: skip
        evidence.changed([f"mandates/mandate/{row.id}"])
        evidence.mentioned([agent])
        _tell(
            person,
            _("You have a guardian"),
            filled(_("%(who)s can act for you now (%(case)s)."), who=row.agent_name, case=case),
            actor.agency,
        )
    return str(row.id)


def end_care(actor: Actor, mandate: str, *, case: str) -> None:
    """An officer records that a court ended a guardianship. Raises Refused, NoMandate."""
    row = _row(mandate)
    with act(actor, END_CARE, subject=people.person(row.person_id), purpose=ACTING, case=case) as evidence:
        _close(row)
        evidence.changed([f"mandates/mandate/{row.id}"])


def assist(actor: Actor, person: Person, reason: str) -> str:
    """An officer at a counter begins to help a resident who is present; returns the mandate's id.

    It ends by itself after half an hour; the resident is told at once and can end it. Raises Refused; ValueError
    without a reason.
    """
    if not reason.strip():
        raise ValueError(_("Write what you help with"))
    with act(actor, ASSIST, subject=person, purpose=ACTING, object=reason.strip()[:300]) as evidence:
        now = clock.now()
        open_before = models.Mandate.objects.filter(kind="assisted", agent=actor.id, session=actor.session, ended=None)
        open_before.update(ended=now)
        row = models.Mandate.objects.create(
            kind="assisted", person_id=person.id, person_name=facts.name_of(person), agent=actor.id,
            agent_name=actor.name, session=actor.session, given=now, given_by=actor.name, reason=reason.strip()[:300],
            starts=now, ends=now + ASSISTED_FOR, accepted=now,
        )  # fmt: skip
        evidence.changed([f"mandates/mandate/{row.id}"])
        evidence.disclosed(["mandates/name"])
        _tell(
            person,
            _("An officer helps you at a counter"),
            filled(
                _(
                    "%(who)s acts for you for the next half hour: %(why)s. If you are not there, end it under "
                    "“Your data”, “Acting for others”."
                ),
                who=actor.name,
                why=reason.strip(),
            ),
            actor.agency,
        )  # fmt: skip
    return str(row.id)


def begin(actor: Actor, mandate: str) -> Actor:
    """Begin to act by a mandate; returns the actor who acts for the person. Raises Refused, NoMandate."""
    row = _row(mandate)
    person = people.person(row.person_id)
    acting = replace(actor, on_behalf_of=person, mandate=str(row.id))
    with act(acting, USE, subject=person, purpose=ACTING) as evidence:
        evidence.disclosed(["mandates/name"])
    return acting


def end(actor: Actor, mandate: str) -> None:
    """End a mandate from this commit on, as the person represented or as the one who acts.

    Raises Refused, NoMandate.
    """
    row = _row(mandate)
    person = people.person(row.person_id)
    standing = f"{row.kind}:{_standing(row, actor)}"
    with act(actor, END, subject=person, purpose=ACTING, object=standing) as evidence:
        _close(row)
        evidence.changed([f"mandates/mandate/{row.id}"])


def value(row: models.Mandate) -> Mandate:
    """The frozen value of a mandate."""
    return Mandate(
        str(row.id), row.kind, row.person_name, row.agent_name, tuple(row.scope), row.given,  # type: ignore[arg-type]
        row.given_by, row.reason, row.starts, row.ends, row.accepted, row.ended,
    )  # fmt: skip


def _standing(row: models.Mandate, actor: Actor) -> str:
    if actor.person and actor.person.id == row.person_id:
        return "person"
    agent = row.agent == actor.id if row.kind == "assisted" else bool(actor.person) and actor.person.id == row.agent_id  # type: ignore[union-attr]
    return "agent" if agent else "stranger"


def _close(row: models.Mandate) -> None:
    if not models.Mandate.objects.filter(id=row.id, ended=None).update(ended=clock.now(), code_hash=None):
        raise NoMandate(_("This mandate has ended already"))


def _waiting(typed: str) -> models.Mandate:
    code = codes.read(typed)
    now = clock.now()
    waiting = models.Mandate.objects.filter(ended=None, given__gt=now - TAKEN_UP_WITHIN)
    row = waiting.filter(code_hash=codes.code_hash(code)).first() if code else None
    if row is None or (row.ends and row.ends <= now):
        raise NoMandate(_("No mandate waits under this code. Check it, or ask for a new one."))
    return row


def _row(mandate: str) -> models.Mandate:
    try:
        return models.Mandate.objects.get(id=UUID(mandate))
    except (ValueError, models.Mandate.DoesNotExist):
        raise NoMandate(_("There is no such mandate")) from None


def _of_age(minor: Minor) -> datetime:
    """The day on which a minor comes of age; somebody born on 29 February does on 1 March."""
    born = minor.born
    day, month = (1, 3) if (born.month, born.day) == (2, 29) else (born.day, born.month)
    return clock.now().replace(year=born.year + OF_AGE, month=month, day=day, hour=0, minute=0, second=0, microsecond=0)


def _tell(person: Person, subject: Words, text: Words, agency: str = "") -> None:
    notices.write(person, agency, subject, text, None)
