"""Who said what, in order, and who speaks now: the machine, nobody, or an officer; never two.

    machine --hand over--> waiting --take--> talking --give back--> machine
       |                      ^--------pass on---------'     any --end--> ended
       '--hand over, nobody there, signed in--> case --decided--> ended

Every change happens under the conversation's row lock, inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.identity.actors import Actor, Person
from commonweal.services.assistant import models
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.finding import Turn
from commonweal.services.assistant.values import Asked, Channel, Chosen, Citation, Reply, Result, Role, Said, Talk

STEP = "flow"  # the outcome of messages that are steps of a decision flow: the search does not read them
LONGEST = 2_000  # characters of a message
FAILURES = 2  # after so many in a row, a person is offered


class NoTalk(LookupError):
    """There is no such conversation, or it is not this reader's."""


class NotNow(ValueError):
    """The conversation is not in a state that allows this; the message says why."""


def begin(person: Person | None, language: str, channel: Channel) -> models.Conversation:
    """A new conversation. Nothing of who asks is kept but, for somebody signed in, who they are."""
    now = clock.now()
    return models.Conversation.objects.create(
        person_id=person.id if person else None, language=language, channel=channel, began=now, last=now
    )


def row_of(talk_id: str) -> models.Conversation:
    """Raises NoTalk."""
    try:
        return models.Conversation.objects.get(id=UUID(talk_id))
    except (ValueError, models.Conversation.DoesNotExist):
        raise NoTalk(_("There is no such conversation")) from None


def locked(talk_id: str) -> models.Conversation:
    """The conversation, which nobody else changes until this transaction ends. Raises NoTalk."""
    try:
        return models.Conversation.objects.select_for_update().get(id=UUID(talk_id))
    except (ValueError, models.Conversation.DoesNotExist):
        raise NoTalk(_("There is no such conversation")) from None


def dialogue(row: models.Conversation) -> list[Turn]:
    """What was said so far, as the engine reads it."""
    said = row.messages.exclude(role="notice").exclude(outcome=STEP).order_by("n")
    return [Turn("user" if message.role == "user" else "agent", message.text) for message in said]


def text_of(row: models.Conversation) -> str:
    """The whole conversation as plain text, for a message to the person."""
    names = {"user": gettext("You"), "agent": gettext("From the guidance")}
    return "\n\n".join(f"{names.get(one.role, one.by)}: {one.text}" for one in value(row).said if one.text)


def offered_flow(row: models.Conversation) -> tuple[str, str] | None:
    """Name and language of the decision flow that the machine's last words offer, if they do."""
    last = row.messages.order_by("-n").first()
    reply = _said(last).reply if last else None
    return (reply.flow, reply.citations[0].language) if reply and reply.flow else None


def was_said(row: models.Conversation, key: str) -> bool:
    """Whether the form with this key was sent before."""
    return bool(key) and row.messages.filter(key=key).exists()


def ask(row: models.Conversation, text: str, reply: Reply | None, key: str) -> None:
    """Note a question, and the machine's reply unless somebody else has the word by now. Raises NotNow."""
    if row.state == "ended":
        raise NotNow(_("This conversation has ended. Begin a new one."))
    say(row, "user", text, key=key)
    if row.state == "machine" and reply is not None:
        answered = reply.outcome not in (Outcome.NOT_KNOWN, Outcome.OUT_OF_SCOPE)
        row.unanswered = 0 if answered else row.unanswered + 1
        row.offered = row.offered or row.unanswered >= FAILURES
        say(row, "agent", "\n\n".join(cited.text for cited in reply.citations), reply=reply)
    row.save()


def last_quotation(row: models.Conversation) -> tuple[str, models.Message, Reply] | None:
    """What was asked last, and the machine's answer to it if it is a quotation."""
    asked, answered = (row.messages.filter(role=role).order_by("-n").first() for role in ("user", "agent"))
    if asked is None or answered is None or answered.n < asked.n or answered.outcome == STEP:
        return None
    reply = _said(answered).reply
    return (asked.text, answered, reply) if reply and reply.citations and not reply.result else None


def keep_words(answered: models.Message, plainly: Sequence[str]) -> None:
    """Keep the plainer words beside the answer that they belong to."""
    answered.details = {**answered.details, "plainly": list(plainly)}
    answered.save(update_fields=["details"])


def hand_over(row: models.Conversation, office: str) -> None:
    """From now on the machine is silent and the conversation waits for an officer; asking again changes nothing.

    Raises NotNow when it has ended.
    """
    if row.state == "ended":
        raise NotNow(_("This conversation has ended. Begin a new one."))
    if row.state != "machine":
        return
    row.state, row.office, row.waiting_since, row.offered = "waiting", office, clock.now(), True
    row.save()


def become_case(row: models.Conversation) -> None:
    """Nobody is there: the answer comes as a decision of a case, and the machine is silent meanwhile."""
    row.state, row.waiting_since = "case", None
    say(row, "notice", "", outcome="case")
    row.save()


def take_over(person: Person, language: str, said: Sequence[tuple[str, str, str]], sent_by: str) -> models.Conversation:
    """A conversation that came from another office, as a case here: (role, by, text) of each message, in order."""
    row = begin(person, language, "web")
    for role, by, text in said:
        say(row, role, text, by=by)  # type: ignore[arg-type]
    say(row, "notice", "", outcome="came", by=sent_by)
    row.state, row.offered = "case", True
    row.save()
    return row


def answer_case(row: models.Conversation, by: str, text: str) -> None:
    """The answer of the case, and the end; in a conversation that ended already, only the answer."""
    say(row, "officer", text, by=by)
    row.save()
    end(row)


def take(row: models.Conversation, officer: Actor) -> None:
    """An officer begins to talk. Raises NotNow when nobody waits."""
    if row.state != "waiting":
        raise NotNow(_("Nobody waits here any more. Look at the list again."))
    waited = (clock.now() - row.waiting_since).total_seconds() if row.waiting_since else 0.0
    row.state, row.officer, row.officer_name, row.waiting_since = "talking", officer.id, officer.name, None
    say(row, "notice", "", outcome="joined", by=officer.name, details={"waited": round(waited)})
    row.save()


def usual_wait() -> timedelta | None:
    """How long the last people waited, in the middle; None before three of them."""
    joined = models.Message.objects.filter(role="notice", outcome="joined").order_by("-id")[:20]
    waited = [found["waited"] for found in joined.values_list("details", flat=True) if "waited" in found]
    return timedelta(seconds=median(waited)) if len(waited) >= 3 else None


def answer(row: models.Conversation, officer: Actor, text: str, key: str, suggested: Reply | None = None) -> None:
    """The officer who has the conversation says something, perhaps what the machine suggested. Raises NotNow."""
    must_have(row, officer)
    as_it_was = suggested is not None and text == suggestion_text(suggested)
    outcome = ("unedited" if as_it_was else "edited") if suggested else ""
    say(row, "officer", text, by=officer.name, key=key, outcome=outcome, reply=suggested if as_it_was else None)
    row.save()


def suggestion_text(suggested: Reply) -> str:
    """What the machine would have said, as an officer sends it."""
    return "\n\n".join(cited.text for cited in suggested.citations)


def accepted_unedited(since: datetime) -> tuple[int, int]:
    """How many answers of officers were the machine's suggestion unedited, of how many where there was one."""
    rows = models.Message.objects.filter(role="officer", at__gte=since)
    unedited = rows.filter(outcome="unedited").count()
    return unedited, unedited + rows.filter(outcome="edited").count()


def pass_on(row: models.Conversation, officer: Actor, office: str) -> None:
    """The conversation waits for another office. Raises NotNow."""
    must_have(row, officer)
    row.state, row.office, row.officer, row.officer_name, row.waiting_since = "waiting", office, "", "", clock.now()
    say(row, "notice", "", outcome="passed-on", by=officer.name)
    row.save()


def give_back(row: models.Conversation, officer: Actor) -> None:
    """The machine answers again. Raises NotNow."""
    must_have(row, officer)
    row.state, row.officer, row.officer_name, row.unanswered, row.offered = "machine", "", "", 0, False
    say(row, "notice", "", outcome="left", by=officer.name)
    row.save()


def end(row: models.Conversation) -> None:
    """Nothing more is said here. Repeating it changes nothing."""
    if row.state != "ended":
        row.state, row.waiting_since = "ended", None
        say(row, "notice", "", outcome="ended")
        row.save()


def leave_for(row: models.Conversation, office: str) -> None:
    """The conversation was sent to another office, and ends here."""
    say(row, "notice", office, outcome="sent")
    row.save()
    end(row)


def waiting(offices: Sequence[str]) -> QuerySet[models.Conversation]:
    """Who waits for one of these offices, longest first."""
    return models.Conversation.objects.filter(state="waiting", office__in=offices).order_by("waiting_since", "id")


def talking(officer: Actor) -> QuerySet[models.Conversation]:
    """The conversations that an officer has."""
    return models.Conversation.objects.filter(state="talking", officer=officer.id).order_by("last")


def forget(before: datetime) -> list[UUID]:
    """Delete what nobody added to since; returns the people among them."""
    old = models.Conversation.objects.filter(last__lt=before)
    concerned = list(old.exclude(person_id=None).values_list("person_id", flat=True).distinct())
    old.delete()
    return [person for person in concerned if person]


def value(row: models.Conversation, *, whole: bool = True) -> Talk:
    """The frozen value of a conversation."""
    said = tuple(_said(message) for message in row.messages.order_by("n")) if whole else ()
    return Talk(
        str(row.id), row.language, row.channel, row.state, row.office, row.officer_name, row.person_id is None,  # type: ignore[arg-type]
        row.offered, row.began, row.last, row.waiting_since, said=said,
    )  # fmt: skip


def must_have(row: models.Conversation, officer: Actor) -> None:
    """Raises NotNow unless the officer has this conversation."""
    if row.state != "talking" or row.officer != officer.id:
        raise NotNow(_("You do not have this conversation. Take it first."))


def say(
    row: models.Conversation, role: Role, text: str, *, by: str = "", outcome: str = "", reply: Reply | None = None,
    key: str = "", details: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Add a message; the caller saves the conversation."""
    now = clock.now()
    models.Message.objects.create(
        conversation=row, n=row.messages.count() + 1, role=role, by=by, text=text, at=now, key=key,
        outcome=outcome or (reply.outcome if reply else ""), details=_stored(reply) if reply else details or {},
    )  # fmt: skip
    row.last = now


def _stored(reply: Reply) -> dict[str, object]:
    found = asdict(reply)
    found["citations"] = [one | {"since": one["since"].isoformat()} for one in found["citations"]]
    return found


def _said(message: models.Message) -> Said:
    reply = None
    if "citations" in message.details:
        found = dict(message.details)
        found["citations"] = tuple(
            Citation(**{**one, "since": datetime.fromisoformat(one["since"])}) for one in found["citations"]
        )
        found["asked"] = _asked(found["asked"]) if found.get("asked") else None
        found["result"] = _result(found["result"]) if found.get("result") else None
        found["plainly"] = tuple(found.get("plainly", ()))
        reply = Reply(**found)
    return Said(message.n, message.role, message.by, message.text, message.at, message.outcome, reply)  # type: ignore[arg-type]


def _asked(found: dict[str, Any]) -> Asked:
    return Asked(**{**found, "options": tuple(tuple(option) for option in found["options"])})


def _result(found: dict[str, Any]) -> Result:
    return Result(**{**found, "trace": tuple(Chosen(**step) for step in found["trace"])})
