"""What officers say of the machine's answers: judgements, test questions of their own, and the curve that follows.

A resident's words are read to judge an answer and never kept with it: a test question is written by the officer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commonweal.core import clock
from commonweal.core.identity.actors import Actor
from commonweal.services.assistant import answering, guidance, models
from commonweal.services.assistant.conversations import STEP
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.masking import details, mask
from commonweal.services.assistant.values import Given, Point, Tried, Verdict

MOST = 50  # answers on a page
STEPS = tuple(round(step * 0.05, 2) for step in range(20))  # thresholds of the curve
SILENT = (Outcome.NOT_KNOWN, Outcome.OUT_OF_SCOPE)


class NotJudged(ValueError):
    """A judgement or test question that cannot be kept; the text says why and what to do."""


def given() -> list[Given]:
    """The latest answers to people who were not signed in that nobody has judged yet; their questions are masked."""
    rows = _unjudged().select_related("conversation").order_by("-at", "-pk")[:MOST]
    return [found for found in map(_given, rows) if found]


def one(number: int) -> Given:
    """One of them. Raises NotJudged."""
    row = _unjudged().select_related("conversation").filter(pk=number).first()
    found = _given(row) if row else None
    if found is None:
        raise NotJudged(_("This answer was judged already, or is not kept any more"))
    return found


def judge(actor: Actor, answer: int, verdict: Verdict, slug: str = "", question: str = "") -> None:
    """Keep what the officer says of an answer, and their test question if they wrote one. Raises NotJudged."""
    found = one(answer)
    row = models.Message.objects.select_for_update().get(pk=answer)
    if verdict == "answers":
        if not found.slug:
            raise NotJudged(_("Nothing was quoted: choose the page that answers, or that no page does"))
        slug = found.slug
    elif verdict == "none":
        slug = ""
    elif slug not in {page.slug for page in guidance.current(found.language)}:
        raise NotJudged(_("Choose the page that answers"))
    if question:
        _check_own(question, _asked(row))
        add_question(actor, question, found.language, slug)
    models.Judgement.objects.create(
        message=row, language=found.language, topic=found.topic, chance=found.chance, quoted=bool(found.slug),
        verdict=verdict, by=actor.id, at=clock.now(),
    )  # fmt: skip


def add_question(actor: Actor, text: str, language: str, slug: str) -> None:
    """Keep a test question. Raises NotJudged."""
    if details(text):
        raise NotJudged(_("Leave out names, numbers and addresses of people"))
    try:
        with transaction.atomic():
            models.TestQuestion.objects.create(language=language, text=text, slug=slug, by=actor.id, at=clock.now())
    except IntegrityError:
        raise NotJudged(_("This test question is there already")) from None


def drop_question(number: int) -> None:
    """Take a test question away; nothing happens when it is not there."""
    models.TestQuestion.objects.filter(pk=number).delete()


def tried(language: str = "") -> list[Tried]:
    """Every test question asked now, of the guidance as it stands."""
    rows = models.TestQuestion.objects.filter(**({"language": language} if language else {})).order_by("language", "at")
    return [_tried(row) for row in rows]


def curve(questions: Sequence[Tried]) -> tuple[list[Point], int]:
    """For each threshold, how much would be answered and how often wrongly; and how many judgements stand behind it.

    Of an answer that was not given it is not known which page it would have quoted: it counts only where no page
    answers. A test question counts always, as it is asked anew.
    """
    rows = models.Judgement.objects.values_list("chance", "quoted", "verdict")
    known = [(chance, verdict == "answers", verdict != "none") for chance, quoted, verdict in rows
             if quoted or verdict == "none"]  # fmt: skip
    known += [(asked.chance, bool(asked.expected) and asked.found == asked.expected, bool(asked.expected))
              for asked in questions]  # fmt: skip
    return [_point(known, threshold) for threshold in STEPS], len(known)


def _point(known: Sequence[tuple[float, bool, bool]], threshold: float) -> Point:
    shown = [(right, answerable) for chance, right, answerable in known if chance >= threshold]
    possible = sum(answerable for _chance, _right, answerable in known)
    covered, wrong = sum(answerable for _right, answerable in shown), sum(not right for right, _answerable in shown)
    return Point(
        threshold, covered / possible if possible else 0.0, wrong / len(shown) if shown else 0.0, len(shown), wrong
    )


def _unjudged() -> QuerySet[models.Message]:
    return models.Message.objects.filter(
        role="agent", conversation__person_id=None, judgement=None, details__has_key="chance"
    ).exclude(outcome=STEP)


def _given(row: models.Message) -> Given | None:
    """None for what no question of a person stands before."""
    asked = _asked(row)
    if not asked:
        return None
    cited = (row.details.get("citations") or [{}])[0]
    slug, language = cited.get("slug", ""), cited.get("language") or row.conversation.language
    topic = guidance.version(slug, language, cited["hash"]).topic if slug else "none"
    return Given(
        row.pk, mask(asked), row.text, slug, cited.get("title", ""), language, topic, row.outcome,
        float(row.details["chance"]), row.at,
    )  # fmt: skip


def _asked(row: models.Message) -> str:
    before = row.conversation.messages.filter(role="user", n__lt=row.n).order_by("-n").first()
    return before.text if before else ""


def _check_own(question: str, asked: str) -> None:
    """The words must be the officer's. Raises NotJudged."""
    own, theirs = (re.findall(r"\w+", text.casefold()) for text in (question, asked))
    if own == theirs:
        raise NotJudged(_("Write the test question in your own words: people's own words are not kept"))


def _tried(row: models.TestQuestion) -> Tried:
    found, chance, outcome = answering.likeliest(row.text, row.language)
    silent = outcome in SILENT
    right = silent if not row.slug else not silent and found == row.slug
    return Tried(row.pk, row.language, row.text, row.slug, found, chance, silent, right)
