"""The portal: "Your data" for residents, questions about uses, the auditor's and the operator's views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import BadRequest
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.ledger import service as ledger
from commonweal.core.policy.actions import declare, purpose
from commonweal.core.policy.purposes import OPERATION, OVERSIGHT, OWN_ACCESS
from commonweal.core.portal import measurements, models, oversight, uses
from commonweal.core.portal.uses import Narrowing, Use, UsesPage

OFFICE = _("the office that runs this node")
READ = declare("portal.uses.read", _("Looked at who used your data"), changes=False, ask=OFFICE)
DOWNLOAD = declare("portal.uses.download", _("Downloaded the record of who used your data"), changes=False, ask=OFFICE)
ASK = declare("portal.question.ask", _("Asked about a use of your data"), changes=True, ask=OFFICE)
REVIEW = declare("portal.question.review", _("Read your question about a use of your data"), changes=False, ask=OFFICE)
ANSWER = declare(
    "portal.question.answer", _("Answered your question about a use of your data"), changes=True, ask=OFFICE
)
AUDIT = declare("portal.oversight.read", _("Looked at how the node's rules are kept"), changes=False, ask=OFFICE)
STATUS = declare("portal.status.read", _("Looked at how the node is doing"), changes=False, ask=OFFICE)
ANSWERING = purpose("portal.answering", _("To answer your question"), "legal_obligation", "dpv:RightsFulfilment")

LONGEST_QUESTION = 2_000


class NoQuestion(LookupError):
    """There is no such question."""


class Answered(ValueError, BadRequest):
    """Somebody else answered in the meantime."""


@dataclass(frozen=True)
class Question:
    """A person's question about one use, and its answer."""

    id: str
    person: Person
    n: int
    agency: str
    text: str
    asked: datetime
    answer: str
    answered: datetime | None
    answered_by: str


def uses_of(actor: Actor, person: Person, page: int, narrowing: Narrowing) -> UsesPage:
    """Who used a person's data, newest first. One entry a session. Raises Refused."""
    with act(actor, READ, subject=person, purpose=OWN_ACCESS, key=actor.session):
        pass
    return uses.page_of(person, page, narrowing)


def use_of(actor: Actor, person: Person, n: int) -> Use | None:
    """One use of a person's data. One entry a session. Raises Refused."""
    with act(actor, READ, subject=person, purpose=OWN_ACCESS, key=actor.session):
        return uses.one(person, n)


def history_for_device(actor: Actor, person: Person, start: int, stop: int | None) -> ledger.History:
    """What the person's device needs to check their entries against the public log. Raises Refused."""
    with act(actor, READ, subject=person, purpose=OWN_ACCESS, key=actor.session):
        pass
    return ledger.history(person.chain, start, stop)


def download(actor: Actor, person: Person) -> ledger.History:
    """Every entry with its proofs, as a file that `commonweal verify` checks. Raises Refused."""
    with act(actor, DOWNLOAD, subject=person, purpose=OWN_ACCESS, key=actor.session):
        pass
    return ledger.history(person.chain, proofs=True)


def receipt(actor: Actor, person: Person, n: int) -> ledger.History:
    """One entry with its proofs. Raises Refused, ledger.NoSuchEntry."""
    with act(actor, READ, subject=person, purpose=OWN_ACCESS, key=actor.session):
        return ledger.receipt(person.chain, n)


def ask(actor: Actor, person: Person, n: int, text: str, *, key: str = "") -> Question:
    """Ask the agency about use `n`.

    Raises Refused; ValueError when the text is empty or too long, or there is no such use.
    """
    use = uses.one(person, n)
    text = text.strip()
    if use is None:
        raise ValueError(_("There is no such entry"))
    if not text:
        raise ValueError(_("Write your question"))
    if len(text) > LONGEST_QUESTION:
        raise ValueError(_("Write at most 2,000 characters"))
    with act(actor, ASK, subject=person, purpose=OWN_ACCESS, key=_bound(key, f"{person.id}/{n}")) as evidence:
        if evidence.repeated:
            return _question(models.Question.objects.get(id=evidence.answer), person)
        row = models.Question.objects.create(
            person_id=person.id, n=n, agency=use.agency_code, text=text, asked=clock.now()
        )
        evidence.answers(str(row.id))
    return _question(row, person)


def questions_of(actor: Actor, person: Person, n: int) -> list[Question]:
    """What a person asked about use `n`, and the answers. Raises Refused."""
    with act(actor, READ, subject=person, purpose=OWN_ACCESS, key=actor.session):
        rows = models.Question.objects.filter(person_id=person.id, n=n).order_by("asked")
        return [_question(row, person) for row in rows]


def open_questions(agency: str) -> list[tuple[str, datetime]]:
    """The officers' list: id and time of each question that waits; nothing in it tells who asked."""
    waiting = models.Question.objects.filter(agency=agency, answered=None).order_by("asked")
    return [(str(row.id), row.asked) for row in waiting[:200]]


def review_question(actor: Actor, question_id: str) -> tuple[Question, Use | None]:
    """An officer opens one question, with the use that it is about. Raises Refused, NoQuestion."""
    row = _row(question_id)
    person = people.person(row.person_id)
    with act(actor, REVIEW, subject=person, purpose=ANSWERING, case=f"question:{row.id}", object=row.agency):
        return _question(row, person), uses.one(person, row.n)


def answer(actor: Actor, question_id: str, text: str, *, key: str = "") -> Question:
    """An officer of the agency answers, once. Raises Refused, NoQuestion, Answered; ValueError without words."""
    row = _row(question_id)
    person = people.person(row.person_id)
    if not text.strip():
        raise ValueError(_("Write your answer"))
    case, once = f"question:{row.id}", _bound(key, str(row.id))
    with act(actor, ANSWER, subject=person, purpose=ANSWERING, case=case, object=row.agency, key=once) as evidence:
        row = models.Question.objects.select_for_update().get(id=row.id)
        if not evidence.repeated:
            if row.answered:
                raise Answered(_("Somebody has answered this question already"))
            row.answer, row.answered, row.answered_by = text.strip(), clock.now(), actor.name
            row.save()
    return _question(row, person)


def oversee(actor: Actor) -> oversight.Overview:
    """What auditors see: how the door was used, by agency and action, without anybody's data. Raises Refused."""
    with act(actor, AUDIT, purpose=OVERSIGHT, key=actor.session):
        return oversight.overview()


def audit_tables(actor: Actor) -> ledger.AuditReport:
    """Compare every row of evidence with every other and with the public log. Raises Refused."""
    with act(actor, AUDIT, purpose=OVERSIGHT, object="tables"):
        return ledger.check()


def node_status(actor: Actor) -> oversight.Status:
    """What the operator sees. Raises Refused."""
    with act(actor, STATUS, purpose=OPERATION, key=actor.session):
        return oversight.status()


def node_measurements(actor: Actor) -> list[measurements.Measured]:
    """How many requests each route had and how fast they were, since the web processes started. Raises Refused."""
    with act(actor, STATUS, purpose=OPERATION, key=actor.session):
        return measurements.by_route(measurements.registry().collect())


def _bound(key: str, to: str) -> str:
    """The key of a form, good for this entry or question only."""
    return f"{key}|{to}" if key else ""


def _row(question_id: str) -> models.Question:
    try:
        return models.Question.objects.get(id=UUID(question_id))
    except (ValueError, models.Question.DoesNotExist):
        raise NoQuestion(_("There is no such question")) from None


def _question(row: models.Question, person: Person) -> Question:
    return Question(
        str(row.id), person, row.n, row.agency, row.text, row.asked, row.answer, row.answered, row.answered_by
    )
