"""Cases: what this room offers to other rooms, to officers and to the people whom the cases are about.

The functions of the first part are called inside the acts of other rooms. All others open the door themselves, once for
each thing that happens, so every change of a case has exactly one entry of evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import Evidence, act
from commonweal.core.cases import models, notices, work
from commonweal.core.cases.kinds import UnknownCaseType, case_type, declare_case_type
from commonweal.core.cases.recurring import due
from commonweal.core.cases.values import (
    Case,
    CaseType,
    Channel,
    Notice,
    Outcome,
    Queue,
    ReadyText,
    Ruling,
    Standing,
    Step,
    StepKind,
)
from commonweal.core.cases.work import NoCase, NotNow
from commonweal.core.cases.worklist import Narrowing, Worklist, number, queues_of, worklist
from commonweal.core.identity import accounts, people
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.policy.actions import Words, declare, purpose, reference
from commonweal.core.policy.purposes import OWN_ACCESS

__all__ = [
    "Case", "CaseType", "Channel", "Narrowing", "NoCase", "NoNotice", "NotNow", "Notice", "Queue", "ReadyText",
    "Ruling", "UnknownCaseType", "Worklist", "appeal", "ask", "cases_about", "choose_channel", "claim", "colleagues",
    "confirm", "decide", "declare_case_type", "hand_over", "inbox", "my_case", "open_case", "open_recurring",
    "queues_of", "read",
    "read_notice", "release", "reply", "undecided", "worklist",
]  # fmt: skip

OFFICE = _("the office that the case belongs to")
DECIDING = purpose(
    "cases.deciding",
    _("To decide on your case"),
    "legal_obligation",
    "dpv:ServiceProvision",
    data=("cases/case",),
    kept=_("with the case"),
)


def _declared(name: str, says: Words, *, changes: bool = True) -> str:
    return declare(f"cases.{name}", says, changes=changes, ask=OFFICE)


OPEN = _declared("case.open", _("Opened your case"), changes=False)
RECUR = _declared("case.recur", _("Opened a case about your post, as it does regularly"))
CLAIM = _declared("case.claim", _("Took your case"))
RELEASE = _declared("case.release", _("Gave your case back to the office"))
HAND_OVER = _declared("case.hand-over", _("Handed your case over"))
ASK = _declared("case.ask", _("Asked you something about your case"))
DECIDE = _declared("case.decide", _("Decided on your case"))
CONFIRM = _declared("case.confirm", _("Checked a colleague’s decision on your case"))
OWN = _declared("case.own", _("Looked at your case"), changes=False)
REPLY = _declared("case.reply", _("Replied in your case"))
APPEAL = _declared("case.appeal", _("Appealed against a decision"))
INBOX = _declared("inbox.read", _("Looked at your messages"), changes=False)
CHANNEL = _declared("channel.choose", _("Chose how to be told"))
LEAVES: dict[str, tuple[StepKind, ...]] = {
    CLAIM: ("claimed",),
    RELEASE: ("released",),
    HAND_OVER: ("handed-over",),
    ASK: ("asked",),
    CONFIRM: ("decided", "sent-back"),
}
reference("cases/case", _("your case"))
reference("cases/notice", _("a message to you"))
reference("cases/channel", _("how you are told"))


class NoNotice(LookupError):
    """There is no such message."""


# For other rooms, inside their own acts


def open_case(kind: CaseType, person: Person, about: str, *, by: str = "", queue: Queue | None = None) -> str:
    """Open a case about `person` in a queue (its type's, if none). Returns the reference for `evidence.changed`.

    `about` is the room's own reference, which `kind.shows` and `kind.takes_effect` get; `by` is who asked for it.
    """
    return f"cases/case/{work.open_row(kind, person, about, _language_of(person), by, queue=queue).id}"


def open_recurring() -> int:
    """Open what comes up regularly and is due, one act for each. Returns how many were opened."""
    opened = 0
    for kind, duty, about in list(due()):
        once = f"{kind.name}|{about}"
        with act(the_node("housekeeping"), RECUR, subject=duty.person, purpose=DECIDING, key=once) as evidence:
            if not evidence.repeated:
                by = settings.COMMONWEAL.name
                row = work.open_row(kind, duty.person, about, _language_of(duty.person), by, queue=duty.queue)
                evidence.changed([f"cases/case/{row.id}"])
                opened += 1
    return opened


def cases_about(kind: CaseType, abouts: Iterable[str]) -> dict[str, str]:
    """The id of the case about each of a room's own references, for links."""
    rows = models.Case.objects.filter(kind=kind.name, about__in=list(abouts))
    return {row.about: str(row.id) for row in rows}


def undecided(person: Person, *, but: CaseType) -> dict[str, str]:
    """A person's cases of other kinds that are not closed: number -> id."""
    rows = models.Case.objects.filter(person_id=person.id).exclude(status="closed").exclude(kind=but.name)
    return {number(row.id): str(row.id) for row in rows}


# For officers


def read(actor: Actor, case_id: str) -> Case:
    """An officer opens a case. What it is about is shown to whoever has taken it, or had a part in it.

    Raises Refused, NoCase.
    """
    row = work.row_of(case_id)
    how = work.standing(row, actor)
    person = people.person(row.person_id)
    with act(actor, OPEN, subject=person, purpose=DECIDING, object=_object(row, how), case=number(row.id)) as evidence:
        shown = how in ("owner", "took-part") or (row.status == "closed" and _took_part(row, actor))
        if shown:
            evidence.disclosed(["cases/case"])
        return _value(row, how, shown)


def claim(actor: Actor, case_id: str, *, key: str = "") -> None:
    """Take a case that nobody has. Raises Refused, NoCase, NotNow."""
    with _step(actor, CLAIM, case_id, key) as (row, _evidence):
        if row:
            work.claim(row, actor, key)


def release(actor: Actor, case_id: str, *, key: str = "") -> None:
    """Give a case back to its queue. Raises Refused, NoCase, NotNow."""
    with _step(actor, RELEASE, case_id, key) as (row, _evidence):
        if row:
            work.release(row, actor, key)


def colleagues(actor: Actor, case_id: str) -> list[tuple[str, str]]:
    """Whom a case can go to within its office: (officer's id, name) of everyone else in that post."""
    queue = Queue.parse(work.row_of(case_id).queue)
    found = ((f"account:{holder.id.hex}", holder.name) for post, holder in accounts.posts_at(queue.agency)
             if post.role == queue.role)  # fmt: skip
    return [(id_, name) for id_, name in found if id_ != actor.id]


def hand_over(actor: Actor, case_id: str, to: str | Queue, text: str = "", *, key: str = "") -> None:
    """Hand a case to a colleague (their id, of `colleagues`) or to another office that its type names.

    The person is told when another office has it now. Raises Refused, NoCase, NotNow.
    """
    with _step(actor, HAND_OVER, case_id, key) as (row, evidence):
        if row and isinstance(to, Queue):
            work.hand_to_office(row, actor, to, text, key)
            _tell(row, to.agency, _("Another office has your case now"), _("Another office now works on your case."))
            evidence.changed(["cases/notice"])
        elif row:
            names = dict(colleagues(actor, case_id))
            if to not in names:
                raise NotNow(_("Choose a colleague of this office"))
            work.hand_to_colleague(row, actor, (str(to), names[str(to)]), text, key)


def ask(actor: Actor, case_id: str, text: str, *, key: str = "") -> None:
    """Ask the person something. Raises Refused, NoCase, NotNow; ValueError when there are no words."""
    text = _words(text, _("Write your question"))
    with _step(actor, ASK, case_id, key) as (row, evidence):
        if row:
            work.must_have(row, actor)
            work.note(row, "asked", actor, text=text, key=key)
            _tell(row, actor.agency, _("A question about your case"), text)
            evidence.changed(["cases/notice"])


def decide(actor: Actor, case_id: str, outcome: Outcome, reason: str, *, key: str = "") -> None:
    """Decide, with the reason that the person will read. Where four eyes are asked for, this proposes the decision.

    What the room does on it commits together with the decision. Raises Refused, NoCase, NotNow; ValueError when the
    reason is missing or the room cannot do it.
    """
    reason = _words(reason, _("Give the reason for your decision"))
    with _step(actor, DECIDE, case_id, key) as (row, evidence):
        if row is None:
            return
        work.must_have(row, actor)
        if row.status == "proposed":
            raise NotNow(_("A colleague has proposed a decision. Agree to it, or send it back."))
        if case_type(row.kind).four_eyes:
            work.propose(row, actor, outcome, reason, key)
        else:
            _close(row, actor, outcome, reason, key=key, evidence=evidence)


def confirm(actor: Actor, case_id: str, agree: bool, reason: str = "", *, key: str = "") -> None:
    """The second of four eyes: the proposed decision takes effect, or goes back with a reason.

    Raises Refused (the first officer cannot be the second), NoCase, NotNow; ValueError when a reason is missing.
    """
    if not agree:
        reason = _words(reason, _("Say why you do not agree"))
    with _step(actor, CONFIRM, case_id, key) as (row, evidence):
        if row is None:
            return
        work.must_have(row, actor)
        proposed = work.proposal(row)
        if agree:
            outcome: Outcome = proposed.outcome  # type: ignore[assignment]
            _close(row, actor, outcome, proposed.text, key=key, evidence=evidence)
        else:
            work.send_back(row, actor, reason, key)


# For the person


def inbox(actor: Actor, person: Person) -> tuple[list[Notice], list[Case]]:
    """A person's messages, newest first, and their cases. One entry a session. Raises Refused."""
    with act(actor, INBOX, subject=person, purpose=OWN_ACCESS, key=actor.session):
        written = models.Notice.objects.filter(person_id=person.id).order_by("-written")[:200]
        rows = models.Case.objects.filter(person_id=person.id).order_by("-opened")[:200]
        return [notices.value(row) for row in written], [_value(row, "own", False) for row in rows]


def read_notice(actor: Actor, notice_id: str) -> Notice:
    """A person, or who acts for them, opens a message; it is unread until the person has. Raises Refused, NoNotice."""
    try:
        row = models.Notice.objects.get(id=UUID(notice_id))
    except (ValueError, models.Notice.DoesNotExist):
        raise NoNotice(_("There is no such message")) from None
    with act(actor, INBOX, subject=people.person(row.person_id), purpose=OWN_ACCESS, key=actor.session):
        found = notices.value(row)
    if actor.mandate == "":  # whoever acts for somebody takes no message away from them
        models.Notice.objects.filter(id=row.id, read=None).update(read=clock.now())
    return found


def my_case(actor: Actor, case_id: str) -> Case:
    """A person looks at their own case, with every step and reason. One entry a session. Raises Refused, NoCase."""
    row = work.row_of(case_id)
    person = people.person(row.person_id)
    with act(actor, OWN, subject=person, purpose=OWN_ACCESS, case=number(row.id), key=_once(actor, row)):
        return _value(row, "own", True)


def reply(actor: Actor, case_id: str, text: str, *, key: str = "") -> None:
    """A person writes to whoever works on their case. Raises Refused, NoCase, NotNow; ValueError without words."""
    text = _words(text, _("Write your reply"))
    with _own_step(actor, REPLY, case_id, key) as row:
        if row:
            if row.status == "closed":
                raise NotNow(_("This case is decided already"))
            work.note(row, "replied", actor, text=text, key=key)


def appeal(actor: Actor, case_id: str, text: str, *, key: str = "") -> None:
    """A person appeals: somebody who had no part before decides anew.

    Raises Refused, NoCase, NotNow (nothing to appeal against, or too late); ValueError without words.
    """
    text = _words(text, _("Write why the decision is wrong"))
    with _own_step(actor, APPEAL, case_id, key) as row:
        if row:
            work.appeal(row, actor, text, key)


def channel(actor: Actor, person: Person) -> Channel:
    """How a person is told. One entry a session. Raises Refused."""
    with act(actor, INBOX, subject=person, purpose=OWN_ACCESS, key=actor.session):
        return notices.channel_of(person)


def choose_channel(actor: Actor, person: Person, chosen: Channel, *, key: str = "") -> None:
    """Choose how to be told, besides the inbox. Raises Refused; ValueError when the address is missing."""
    if chosen.name in ("sms", "letter") and not chosen.address.strip():
        raise ValueError(_("Write the number or address that we shall use"))
    with act(actor, CHANNEL, subject=person, purpose=OWN_ACCESS, key=_bound(key, person.id)) as evidence:
        if evidence.repeated:
            return
        models.ChosenChannel.objects.update_or_create(
            person_id=person.id,
            defaults={"name": chosen.name, "address": chosen.address.strip(), "language": chosen.language},
        )
        evidence.changed(["cases/channel"])


@contextmanager
def _step(actor: Actor, action: str, case_id: str, key: str) -> Iterator[tuple[models.Case | None, Evidence]]:
    """The act of one step of an officer. The row is None when this form was sent before: nothing is left to do."""
    seen = work.row_of(case_id)
    if work.done_already(seen, actor, _leaves(action, seen), key):
        yield None, Evidence(b"", repeated=True)
        return
    how = work.standing(seen, actor)
    with act(
        actor,
        action,
        subject=people.person(seen.person_id),
        purpose=DECIDING,
        object=_object(seen, how),
        case=number(seen.id),
        key=_bound(key, seen.id),
    ) as evidence:
        if evidence.repeated:
            yield None, evidence
            return
        yield work.locked(seen), evidence
        evidence.changed([f"cases/case/{seen.id}"])


@contextmanager
def _own_step(actor: Actor, action: str, case_id: str, key: str) -> Iterator[models.Case | None]:
    """The act of one step of the person whom the case is about."""
    seen = work.row_of(case_id)
    person = people.person(seen.person_id)
    once = _bound(key, seen.id)
    with act(actor, action, subject=person, purpose=OWN_ACCESS, case=number(seen.id), key=once) as evidence:
        if evidence.repeated:
            yield None
            return
        yield models.Case.objects.select_for_update().get(id=seen.id)
        evidence.changed([f"cases/case/{seen.id}"])


def _leaves(action: str, row: models.Case) -> tuple[StepKind, ...]:
    """The steps by which one sees that an officer's action was done."""
    if action == DECIDE:
        return ("proposed",) if case_type(row.kind).four_eyes else ("decided",)
    return LEAVES[action]


def _close(row: models.Case, actor: Actor, outcome: Outcome, reason: str, *, key: str, evidence: Evidence) -> None:
    """The room's change, the decision and the message to the person, in this act or not at all."""
    kind = case_type(row.kind)
    person = people.person(row.person_id)
    work.close(row, actor, outcome, reason, key)
    evidence.changed(kind.takes_effect(Ruling(row.about, person, outcome, reason, actor.name, clock.now())))
    _tell(row, actor.agency, kind.told.get(outcome) or _ruled(outcome), reason)
    evidence.changed(["cases/notice"])


def _ruled(outcome: Outcome) -> Words:
    return _("Your request was accepted") if outcome == "accepted" else _("Your request was rejected")


def _tell(row: models.Case, agency: str, subject: Words, text: Words) -> None:
    notices.write(people.person(row.person_id), agency, subject, text, row)


def _value(row: models.Case, how: Standing | str, shown: bool) -> Case:
    kind = case_type(row.kind)
    return Case(
        id=str(row.id),
        number=number(row.id),
        type=kind,
        about=row.about,
        queue=Queue.parse(row.queue),
        language=row.language,
        status=row.status,  # type: ignore[arg-type]
        appeal=row.appeal,
        outcome=row.outcome,
        opened=row.opened,
        due=row.due,
        owner=row.owner_name,
        standing=how,  # type: ignore[arg-type]
        facts=kind.shows(row.about) if shown else [],
        steps=[_seen(step, row) for step in row.steps.order_by("n")] if shown else [],
        may_appeal=work.may_appeal(row),
    )


def _seen(step: models.Step, row: models.Case) -> Step:
    return Step(step.kind, step.at, step.by_name, step.text, step.outcome, not step.officer)  # type: ignore[arg-type]


def _took_part(row: models.Case, actor: Actor) -> bool:
    return models.Step.objects.filter(case=row, by=actor.id, officer=True).exists()


def _object(row: models.Case, how: Standing) -> str:
    return f"{row.queue}:{how}"


def _bound(key: str, to: UUID) -> str:
    """The key of a form, good for this case or person only."""
    return f"{key}|{to.hex}" if key else ""


def _once(actor: Actor, row: models.Case) -> str:
    return f"{actor.session}|{row.id}" if actor.session else ""


def _language_of(person: Person) -> str:
    """What the person reads: their choice here, their account's language, or that of the page they ask on."""
    chosen = notices.channel_of(person).language
    account = get_user_model().objects.filter(person_id=person.id).values_list("language", flat=True).first()
    return (chosen or account or get_language() or "en")[:2]


def _words(text: str, missing: Words) -> str:
    if not text.strip():
        raise ValueError(missing)
    return text.strip()
