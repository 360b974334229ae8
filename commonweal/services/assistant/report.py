"""What was asked in a week and what the pages did not answer, for those who own the pages.

Words are shown of people who were not signed in only, with personal details masked as far as they are found; the
questions of whoever was signed in are only counted.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery

from commonweal.services.assistant import models
from commonweal.services.assistant.conversations import STEP
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.masking import mask
from commonweal.services.assistant.values import Report

MOST = 100  # questions shown


def since(begins: datetime) -> Report:
    """The report on everything that was asked since a moment."""
    replies = models.Message.objects.filter(role="agent", at__gte=begins).exclude(outcome=STEP)
    outcomes = replies.values_list("outcome").annotate(times=Count("id")).order_by("-times", "outcome")
    return Report(begins, _topics(replies), tuple(outcomes), _unanswered(replies))


def _topics(replies: QuerySet[models.Message]) -> tuple[tuple[str, int], ...]:
    """How often pages of each subject were quoted first, most often first."""
    topics = dict(models.Version.objects.order_by("number").values_list("slug", "topic"))
    cited = replies.values_list("details__citations__0__slug").annotate(times=Count("id"))
    counted: Counter[str] = Counter()
    for slug, times in cited:
        if slug:
            counted[topics.get(slug, "")] += times
    return tuple(counted.most_common())


def _unanswered(replies: QuerySet[models.Message]) -> tuple[str, ...]:
    """The latest questions of people who were not signed in that no page answered, masked."""
    before = models.Message.objects.filter(conversation=OuterRef("conversation"), n__lt=OuterRef("n"), role="user")
    not_known = replies.filter(outcome=Outcome.NOT_KNOWN, conversation__person_id=None)
    asked = not_known.annotate(asked=Subquery(before.order_by("-n").values("text")[:1])).order_by("-at")[:MOST]
    return tuple(mask(text) for text in asked.values_list("asked", flat=True) if text)
