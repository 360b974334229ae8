"""What officers say of the machine's answers: judgements, test questions of their own, and the curve that follows.

A resident's words are read to judge an answer and never kept with it: a test question is written by the officer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from commonweal.core import clock
from commonweal.core.identity.actors import Actor
from commonweal.services.assistant import answering, guidance, models
from commonweal.services.assistant.conversations import STEP
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.masking import details, mask
from commonweal.services.assistant.purposes import EDITOR
from commonweal.services.assistant.values import Given, Point, Tried, Verdict

MOST = 50  # answers on a page
STEPS = tuple(round(step * 0.05, 2) for step in range(1, 20))  # thresholds of the curve
SILENT = (Outcome.NOT_KNOWN, Outcome.OUT_OF_SCOPE)
NORMAL_95 = 1.96  # standard deviations that hold 95 of 100


class NotJudged(ValueError):
    """A judgement or test question that cannot be kept; `field` says of what, the text why and what to do."""

    def __init__(self, text: str, field: str = "verdict") -> None:
        super().__init__(text)
        self.field = field


def given(actor: Actor) -> list[Given]:
    """The latest answers that nobody has judged yet and that this officer may read; their questions are masked.

    Those to people who were not signed in and who asked nobody or this officer's agency (an editor reads all), and
    those in conversations that the officer has now.
    """
    return [_given(row, actor) for row in _open_to(actor).order_by("-at", "-pk")[:MOST]]


def one(actor: Actor, number: int) -> Given:
    """One of them. Raises NotJudged."""
    return _given(row_of(actor, number), actor)


def row_of(actor: Actor, number: int) -> models.Message:
    """The answer itself, with its conversation and what was asked. Raises NotJudged."""
    row = _open_to(actor).filter(pk=number).first()
    if row is None:
        raise NotJudged(_("This answer was judged already, or is not kept any more"))
    return row


def judge(actor: Actor, number: int, verdict: Verdict, slug: str, question: str, *, section: str) -> None:
    """Keep what the officer says of an answer, and their test question if they wrote one. Raises NotJudged."""
    models.Message.objects.select_for_update().filter(pk=number).first()  # whoever comes second finds it judged
    row = row_of(actor, number)
    found = _given(row, actor)
    if verdict == "answers":
        if not found.slug:
            raise NotJudged(_("Nothing was quoted: choose the page that answers, or that no page does"))
        slug = found.slug
    elif verdict == "none":
        slug = ""
    elif slug not in {page.slug for page in guidance.current(found.language)}:
        raise NotJudged(_("Choose the page that answers"), "page")
    anchor = _anchor(slug, found.language, section) if slug else ""
    if question:
        _check_own(question, row.conversation)
        add_question(actor, question, found.language, slug, anchor)
    models.Judgement.objects.create(
        message=row, mode=found.mode, chance=found.chance, quoted=bool(found.slug), verdict=verdict, by=actor.id,
        at=clock.now(),
    )  # fmt: skip


def add_question(actor: Actor, text: str, language: str, slug: str, anchor: str = "") -> None:
    """Keep a test question. Raises NotJudged."""
    if details(text):
        raise NotJudged(_("Leave out names, numbers and addresses of people"), "question")
    try:
        with transaction.atomic():
            models.TestQuestion.objects.create(
                language=language, text=text, slug=slug, anchor=anchor, by=actor.id, at=clock.now()
            )
    except IntegrityError:
        raise NotJudged(_("This test question is there already"), "question") from None


def drop_question(number: int) -> None:
    """Take a test question away; nothing happens when it is not there."""
    models.TestQuestion.objects.filter(pk=number).delete()


def tried() -> list[Tried]:
    """Every test question asked now, of the guidance as it stands."""
    return [_tried(row) for row in models.TestQuestion.objects.order_by("language", "at", "pk")]


def curve(questions: Sequence[Tried], also: Sequence[float] = ()) -> tuple[list[Point], int]:
    """For each threshold, how much would be answered and how often wrongly; and how many judgements stand behind it.

    Of an answer that was not given it is not known which page it would have quoted: it counts only where no page
    answers. A test question counts always, as it is asked anew. What was reckoned with other models does not count.
    """
    mode = answering.mode_in_force()
    rows = models.Judgement.objects.filter(mode=mode).values_list("chance", "quoted", "verdict")
    known = [(chance, verdict == "answers", verdict != "none") for chance, quoted, verdict in rows
             if quoted or verdict == "none"]  # fmt: skip
    known += [(0.0 if asked.held else asked.chance, asked.finds_it, bool(asked.expected))
              for asked in questions if asked.mode == mode]  # fmt: skip
    return [_point(known, threshold) for threshold in sorted({*STEPS, *also})], len(known)


def _point(known: Sequence[tuple[float, bool, bool]], threshold: float) -> Point:
    shown = [(right, answerable) for chance, right, answerable in known if chance >= threshold]
    possible = sum(answerable for _chance, _right, answerable in known)
    covered, wrong = sum(answerable for _right, answerable in shown), sum(not right for right, _answerable in shown)
    return Point(
        threshold, covered / possible if possible else 0.0, wrong / len(shown) if shown else 0.0, len(shown), wrong,
        *_between(wrong, len(shown)),
    )  # fmt: skip


def _between(times: int, of: int) -> tuple[float, float]:
    """Where the true share lies, 95 times of 100 (Wilson 1927; Brown, Cai and DasGupta 2001, for few of them)."""
    if not of:
        return 0.0, 1.0
    share, square = times / of, NORMAL_95**2
    middle, spread = share + square / (2 * of), NORMAL_95 * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + square / of)), min(1.0, (middle + spread) / (1 + square / of))


def _open_to(actor: Actor) -> QuerySet[models.Message]:
    """The answers that nobody has judged, as far as this officer may read them."""
    nobody = Q(conversation__person_id=None)
    if EDITOR not in actor.roles:
        nobody &= Q(conversation__office__in=("", actor.agency))
    held = Q(conversation__state="talking", conversation__officer=actor.id)
    before = models.Message.objects.filter(conversation=OuterRef("conversation"), n__lt=OuterRef("n"), role="user")
    rows = models.Message.objects.filter(nobody | held, role="agent", judgement=None, details__has_key="chance")
    rows = rows.exclude(outcome=STEP).select_related("conversation")
    return rows.annotate(asked=Subquery(before.order_by("-n").values("text")[:1])).exclude(asked=None)


def _given(row: models.Message, actor: Actor) -> Given:
    talk, cited = row.conversation, (row.details.get("citations") or [{}])[0]
    held = row.outcome == Outcome.OUT_OF_SCOPE  # the directory of agencies keeps it from being quoted at any threshold
    return Given(
        row.pk, mask(row.asked), row.text, cited.get("slug", ""), cited.get("title", ""),  # type: ignore[attr-defined]
        cited.get("language") or talk.language, row.outcome,
        0.0 if held else float(row.details["chance"]), row.details.get("mode") or "none", row.at,
        mine=talk.state == "talking" and talk.officer == actor.id,
    )  # fmt: skip


def _anchor(slug: str, language: str, section: str) -> str:
    """The anchor of a section by its heading; "" for the page as a whole. Raises NotJudged."""
    if not section.strip():
        return ""
    headings = [block for block in guidance.blocks(guidance.version(slug, language)) if block.level]
    wanted = section.strip().casefold()
    for block in headings:
        if wanted in (block.text.casefold(), block.anchor):
            return block.anchor
    there = "; ".join(block.text for block in headings)
    raise NotJudged(_("The page has no such section. It has: %(headings)s") % {"headings": there}, "section")


def _check_own(question: str, talk: models.Conversation) -> None:
    """The words must be the officer's. Raises NotJudged."""
    theirs = talk.messages.filter(role="user").values_list("text", flat=True)
    if _words(question) in map(_words, theirs):
        raise NotJudged(_("Write the test question in your own words: people's own words are not kept"), "question")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _tried(row: models.TestQuestion) -> Tried:
    found, decision, mode = answering.likeliest(row.text, row.language)
    silent = decision.outcome in SILENT
    asked = Tried(
        row.pk, row.language, row.text, f"{row.slug}#{row.anchor}" if row.anchor else row.slug, found,
        decision.chance, mode, silent, decision.outcome == Outcome.OUT_OF_SCOPE, right=silent and not row.slug,
    )  # fmt: skip
    return replace(asked, right=asked.right or (not silent and asked.finds_it))
