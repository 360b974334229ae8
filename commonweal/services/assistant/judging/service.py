"""Judge answers, keep test questions, choose the thresholds: each is an act, and none keeps anybody's words."""

from __future__ import annotations

from commonweal.core.act import act
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor
from commonweal.services.assistant import purposes, tuning
from commonweal.services.assistant.answering import thresholds_in_force
from commonweal.services.assistant.judging import judgements, questions
from commonweal.services.assistant.judging.curve import curve
from commonweal.services.assistant.judging.judgements import NotJudged, given, given_answer
from commonweal.services.assistant.judging.questions import tried
from commonweal.services.assistant.tuning import since as chosen_since
from commonweal.services.assistant.values import Verdict

__all__ = [
    "NotJudged", "chosen_since", "curve", "drop_question", "given", "given_answer", "judge", "thresholds_in_force",
    "tried", "tune",
]  # fmt: skip


def judge(
    actor: Actor, answer: int, verdict: Verdict, slug: str = "", question: str = "", *, section: str = ""
) -> None:
    """Say whether an answer was right; maybe with a test question in one's own words. Raises Refused, NotJudged."""
    asked_by = judgements.row_of(actor, answer).conversation.person_id
    person = people.person(asked_by) if asked_by else None
    with act(actor, purposes.JUDGE, subject=person, purpose=purposes.ANSWERING) as evidence:
        row, language, page = judgements.judge(actor, answer, verdict, slug)
        if question:
            questions.add(actor, question, row.conversation, language, page, section=section)
        evidence.changed([f"assistant/answer/{answer}"])


def drop_question(actor: Actor, number: int) -> None:
    """Take a test question away. Raises Refused."""
    with act(actor, purposes.JUDGE, purpose=purposes.ANSWERING) as evidence:
        questions.drop(number)
        evidence.changed([f"assistant/test-question/{number}"])


def tune(actor: Actor, answered: float, partly: float) -> None:
    """Choose from which chances the machine answers, and partly answers: evidence names what held and what holds.

    Raises Refused, ValueError.
    """
    with act(actor, purposes.TUNE, purpose=purposes.ANSWERING) as evidence:
        before = thresholds_in_force()
        tuning.choose(actor, answered, partly)
        evidence.changed([f"assistant/threshold/{before.answered:.2f}-{before.partly:.2f}/{answered:.2f}-{partly:.2f}"])
