"""Test questions, in officers' own words: what each is answered as the guidance stands now."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from commonweal.core import clock
from commonweal.core.identity.actors import Actor
from commonweal.services.assistant import answering, guidance, models
from commonweal.services.assistant.engine.deciding import Decision, Outcome
from commonweal.services.assistant.engine.masking import details
from commonweal.services.assistant.engine.models import Mode
from commonweal.services.assistant.judging.judgements import NotJudged
from commonweal.services.assistant.values import Tried

SILENT = (Outcome.NOT_KNOWN, Outcome.OUT_OF_SCOPE)


def add(actor: Actor, text: str, talk: models.Conversation, language: str, slug: str, *, section: str) -> None:
    """Keep a test question that a conversation suggested, with the page (and its section) that answers, or "".

    Raises NotJudged.
    """
    if not _words(text):
        raise NotJudged(_("Write your question"), "question")
    _check_own(text, talk)
    if details(text):
        raise NotJudged(_("Leave out names, numbers and addresses of people"), "question")
    anchor = _anchor(slug, language, section) if slug else ""
    try:
        with transaction.atomic():
            models.TestQuestion.objects.create(
                language=language, text=text, slug=slug, anchor=anchor, by=actor.id, at=clock.now()
            )
    except IntegrityError:
        raise NotJudged(_("This test question is there already"), "question") from None


def drop(number: int) -> None:
    """Take a test question away; nothing happens when it is not there."""
    models.TestQuestion.objects.filter(pk=number).delete()


def tried() -> list[Tried]:
    """Every test question asked now, of the guidance as it stands."""
    rows = list(models.TestQuestion.objects.order_by("language", "at", "pk"))
    standing = {language: answering.standing(language) for language in {row.language for row in rows}}
    return [_tried(row, standing[row.language]) for row in rows]


def _tried(row: models.TestQuestion, standing: Hashable) -> Tried:
    found, decision, mode = _asked(row.text, row.language, standing)
    silent = decision.outcome in SILENT
    asked = Tried(
        row.pk, row.language, row.text, f"{row.slug}#{row.anchor}" if row.anchor else row.slug, found,
        decision.chance, mode, silent, decision.outcome == Outcome.OUT_OF_SCOPE, right=silent and not row.slug,
    )  # fmt: skip
    return replace(asked, right=asked.right or (not silent and asked.finds_it))


@lru_cache(maxsize=2_000)
def _asked(question: str, language: str, _standing: Hashable) -> tuple[str, Decision, Mode]:
    """Asked once, until what it depends on changes: an officer opens the page after each answer that they judge."""
    return answering.likeliest(question, language)


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
