"""What happens to a case, as changes of its tables. Opens no `act`; `service.py` calls it inside its own.

A case is open, perhaps proposed (a second officer has to agree), closed, and once more open when it is appealed.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.cases import models
from commonweal.core.cases.kinds import case_type
from commonweal.core.cases.values import EACH_ITS_OWN, CaseType, Outcome, Queue, Standing, Status, StepKind
from commonweal.core.identity.actors import Actor, Person


class NoCase(LookupError):
    """There is no such case."""


class NotNow(ValueError):
    """The case is not in a state that allows this; the message says why."""


def open_row(
    kind: CaseType, person: Person, about: str, language: str, by: str, *, queue: Queue | None = None
) -> models.Case:
    """A new case in its queue, due after its type's days."""
    now = clock.now()
    row = models.Case.objects.create(
        person_id=person.id,
        kind=kind.name,
        about=about,
        queue=str(queue or kind.queue),
        language=language,
        opened=now,
        due=now + timedelta(days=kind.days),
    )
    models.Step.objects.create(
        case=row, n=0, kind="opened", at=now, by=f"person:{person.id.hex}", by_name=by, officer=False, appeal=False
    )
    return row


def row_of(case_id: str) -> models.Case:
    """Raises NoCase."""
    try:
        return models.Case.objects.get(id=UUID(case_id))
    except (ValueError, models.Case.DoesNotExist):
        raise NoCase(_("There is no such case")) from None


def standing(row: models.Case, actor: Actor) -> Standing:
    """How an officer stands to a case; the rules decide by it."""
    queue = Queue.parse(row.queue)
    if actor.kind != "officer" or actor.agency != queue.agency or queue.role not in actor.roles:
        return "elsewhere"
    if must_keep_away(row, actor.id):
        return "took-part"
    return "owner" if row.owner == actor.id else "colleague"


def must_keep_away(row: models.Case, officer: str) -> bool:
    """Whether this officer had a part in what a fresh pair of eyes is to look at now."""
    if row.status == "proposed" and row.proposer == officer:
        return True
    return row.appeal and models.Step.objects.filter(case=row, by=officer, officer=True, appeal=False).exists()


def locked(seen: models.Case) -> models.Case:
    """The case as it is now, inside an act. Raises NotNow when it changed since the rules were asked about it."""
    row = models.Case.objects.select_for_update().get(id=seen.id)
    if row.version != seen.version:
        raise NotNow(_("Somebody changed this case in the meantime. Look at it again."))
    return row


def done_already(row: models.Case, actor: Actor, kinds: tuple[StepKind, ...], key: str) -> bool:
    """Whether this form was sent before, and left a step of one of these kinds."""
    return bool(key) and models.Step.objects.filter(case=row, by=actor.id, kind__in=kinds, key=key).exists()


def note(
    row: models.Case,
    kind: StepKind,
    actor: Actor,
    *,
    text: str = "",
    outcome: str = "",
    key: str = "",
    status: Status | None = None,
) -> None:
    """Write down a step and, with it, the case as it is now."""
    row.version += 1
    row.status = status or row.status
    with transaction.atomic():
        row.save()
        models.Step.objects.create(
            case=row,
            n=row.version,
            kind=kind,
            at=clock.now(),
            by=actor.id,
            by_name=actor.name,
            officer=actor.kind == "officer",
            appeal=row.appeal,
            text=text,
            outcome=outcome,
            key=key,
        )


def claim(row: models.Case, actor: Actor, key: str) -> None:
    """Raises NotNow when somebody has it, or it is closed."""
    _must_be_open(row)
    if row.owner:
        raise NotNow(_("Somebody has taken this case already"))
    row.owner, row.owner_name = actor.id, actor.name
    note(row, "claimed", actor, key=key)


def release(row: models.Case, actor: Actor, key: str) -> None:
    """Raises NotNow unless the actor has it."""
    must_have(row, actor)
    row.owner = row.owner_name = ""
    note(row, "released", actor, key=key)


def hand_to_colleague(row: models.Case, actor: Actor, colleague: tuple[str, str], text: str, key: str) -> None:
    """`colleague` is (id, name). Raises NotNow unless the actor has it, and when the colleague must keep away."""
    must_have(row, actor)
    if must_keep_away(row, colleague[0]):
        raise NotNow(_("This colleague had a part in the case before. Choose somebody else."))
    row.owner, row.owner_name = colleague
    note(row, "handed-over", actor, text=text, key=key)


def hand_to_office(row: models.Case, actor: Actor, queue: Queue, text: str, key: str) -> None:
    """Raises NotNow unless the actor has it and the case type names that office."""
    must_have(row, actor)
    if queue not in case_type(row.kind).hand_over_to:
        raise NotNow(_("This kind of case cannot go to that office"))
    row.queue, row.owner, row.owner_name, row.proposer = str(queue), "", "", ""
    note(row, "handed-over", actor, text=text, key=key, status="open")


def propose(row: models.Case, actor: Actor, outcome: Outcome, reason: str, key: str) -> None:
    """The first of four eyes."""
    row.proposer, row.owner, row.owner_name = actor.id, "", ""
    note(row, "proposed", actor, text=reason, outcome=outcome, key=key, status="proposed")


def send_back(row: models.Case, actor: Actor, reason: str, key: str) -> None:
    """The second officer does not agree: the case is open again, and anybody's of the queue."""
    row.proposer, row.owner, row.owner_name = "", "", ""
    note(row, "sent-back", actor, text=reason, key=key, status="open")


def close(row: models.Case, actor: Actor, outcome: Outcome, reason: str, key: str) -> None:
    """The decision takes effect."""
    row.outcome, row.closed = outcome, clock.now()
    note(row, "decided", actor, text=reason, outcome=outcome, key=key, status="closed")


def proposal(row: models.Case) -> models.Step:
    """What the first officer proposed. Raises NotNow when nothing is proposed."""
    if row.status != "proposed":
        raise NotNow(_("Nothing waits for a second officer here"))
    return models.Step.objects.filter(case=row, kind="proposed").latest("n")


def may_appeal(row: models.Case) -> bool:
    """A rejection can be appealed against once, within the days of its type."""
    if row.status != "closed" or row.outcome != "rejected" or row.appeal or row.closed is None:
        return False
    return clock.now() <= row.closed + timedelta(days=case_type(row.kind).appeal_days)


def appeal(row: models.Case, actor: Actor, text: str, key: str) -> None:
    """Raises NotNow when there is nothing to appeal against, or it is too late."""
    if not may_appeal(row):
        raise NotNow(_("You cannot appeal against this decision, or no longer"))
    kind, now = case_type(row.kind), clock.now()
    row.appeal, row.closed, row.outcome, row.proposer = True, None, "", ""
    row.owner = row.owner_name = ""
    row.queue, row.due = _queue_of_appeals(row, kind), now + timedelta(days=kind.days)
    note(row, "appealed", actor, text=text, key=key, status="open")


def _queue_of_appeals(row: models.Case, kind: CaseType) -> str:
    return row.queue if kind.queue.agency == EACH_ITS_OWN else str(kind.appeals or kind.queue)


def must_have(row: models.Case, actor: Actor) -> None:
    """Raises NotNow unless the actor has taken this open case."""
    _must_be_open(row)
    if row.owner != actor.id:
        raise NotNow(_("Take this case first"))


def _must_be_open(row: models.Case) -> None:
    if row.status == "closed":
        raise NotNow(_("This case is decided already"))
