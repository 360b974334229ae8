"""A conversation that became a case: somebody who is signed in asked for a person while no office was open.

An officer decides on it in the list of cases; the reason that they write is the answer, and stands in the conversation.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.cases import service as cases
from commonweal.core.cases.values import ReadyText
from commonweal.core.identity import accounts
from commonweal.core.policy.actions import Words
from commonweal.services.assistant import conversations

ROLE = "enquiry-officer"


def desk(office: str = "") -> cases.Queue:
    """Where questions to an office are decided: there, or at the first agency that has enquiry officers."""
    having = [agency.code for agency in accounts.agencies() if ROLE in agency.roles]
    return cases.Queue(office if office in having else (having or [ENQUIRY.queue.agency])[0], ROLE)


def _shows(about: str) -> list[tuple[Words, str]]:
    """Everything that was said, in order."""
    names: dict[str, Words] = {"user": _("The person"), "agent": _("From the guidance")}
    said = conversations.value(conversations.row_of(about)).said
    return [(names.get(one.role, one.by), one.text) for one in said if one.text]


def _takes_effect(ruling: cases.Ruling) -> list[str]:
    row = conversations.locked(ruling.about)
    conversations.answer_case(row, ruling.by, ruling.reason)
    return [f"assistant/talk/{ruling.about}"]


ENQUIRY = cases.declare_case_type(
    cases.CaseType(
        "assistant.enquiry",
        _("A question to the enquiry office"),
        cases.Queue("register", ROLE),
        days=3,
        shows=_shows,
        takes_effect=_takes_effect,
        texts=(
            ReadyText(
                "answer",
                _("You asked us a question. {answer} You find it on the page: {page}"),
                {"answer": _("the answer"), "page": _("the page of guidance")},
                "accepted",
            ),
            ReadyText(
                "cannot-answer",
                _("We cannot answer your question. {office} can. We are sorry that it took time to tell you."),
                {"office": _("the office that can")},
                "rejected",
            ),
        ),
        told={"accepted": _("Your question was answered"), "rejected": _("We could not answer your question")},
    )
)
