"""What was asked in a week and what the pages did not answer, for those who own the pages.

Words are shown of people who were not signed in only, with personal details masked as far as they are found; the
questions of whoever was signed in are only counted. A question that no page answered counts for the subject of the page
that was quoted last in its conversation, if there was one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery

from commonweal.core import clock
from commonweal.services.assistant import guidance, models
from commonweal.services.assistant.conversations import STEP
from commonweal.services.assistant.engine.deciding import Outcome
from commonweal.services.assistant.engine.masking import mask
from commonweal.services.assistant.values import OwnerReport, PageVersion, Report, Subject

MOST = 100  # questions shown
WEEK = timedelta(days=7)
AHEAD = timedelta(days=30)  # a review is told of so long before its day
COUNTED = {
    Outcome.ANSWERED: "answered", Outcome.NEEDS_QUESTION: "answered", Outcome.PARTLY: "partly",
    Outcome.NOT_KNOWN: "unanswered",
}  # fmt: skip


def report(owners: Sequence[str], begins: datetime, ends: datetime) -> Report:
    """What these agencies are told of that time; and what no page answered, which may be anybody's."""
    replies = models.Message.objects.filter(role="agent", at__gte=begins, at__lt=ends).exclude(outcome=STEP)
    outcomes = replies.values_list("outcome").annotate(times=Count("id")).order_by("-times", "outcome")
    counted = _counted(replies)
    return Report(
        begins,
        ends,
        tuple(OwnerReport(owner, _subjects(counted, owner), _due(owner)) for owner in owners),
        tuple(outcomes),
        _unanswered(replies),
    )


def owners() -> list[str]:
    """Whoever answers for a page now."""
    rows = models.Version.objects.filter(until=None)
    return list(rows.values_list("owner", flat=True).distinct().order_by("owner"))


def week_before(now: datetime) -> str:
    """The last week that is over, as ISO 8601 writes it: 2026-W47."""
    year, week, _day = (now.astimezone(UTC) - WEEK).isocalendar()
    return f"{year}-W{week:02}"


def beginning(week: str) -> datetime:
    """When a week begins, in UTC. Raises ValueError for what is none."""
    if not re.fullmatch(r"20\d\d-W\d\d", week):
        raise ValueError(f"{week!r} is not a week like 2026-W47")
    return datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC)


def _counted(replies: QuerySet[models.Message]) -> Counter[tuple[str, str, str]]:
    """How often there was (owner, topic, what came of it)."""
    cited = replies.order_by("conversation", "n").values_list(
        "conversation", "outcome", "details__citations__0__slug", "details__citations__0__language"
    )
    counted: Counter[tuple[str, str, str]] = Counter()
    pages: dict[tuple[str, str], tuple[str, str] | None] = {}
    last: tuple[object, tuple[str, str] | None] = (None, None)
    for conversation, outcome, slug, language in cited.iterator():
        if slug and (slug, language) not in pages:
            pages[slug, language] = _owner_and_topic(slug, language)
        of = pages.get((slug, language)) or (last[1] if last[0] == conversation else None)
        last = conversation, of
        if of and outcome in COUNTED:
            counted[*of, COUNTED[Outcome(outcome)]] += 1
    return counted


def _owner_and_topic(slug: str, language: str) -> tuple[str, str] | None:
    """Of a page as it is now, or as it was last."""
    rows = models.Version.objects.filter(slug=slug, language=language).order_by("-number")
    return rows.values_list("owner", "topic").first()


def _subjects(counted: Counter[tuple[str, str, str]], owner: str) -> tuple[Subject, ...]:
    """The subjects of an owner's pages, most often asked first."""
    topics = {topic for whose, topic, _came in counted if whose == owner}
    found = [
        Subject(topic, *(counted[owner, topic, came] for came in ("answered", "partly", "unanswered")))
        for topic in topics
    ]
    return tuple(sorted(found, key=lambda one: (-one.asked, one.topic)))


def _due(owner: str) -> tuple[PageVersion, ...]:
    """The pages that are to be looked at again soon, or should have been; first the one that waits longest."""
    rows = models.Version.objects.filter(owner=owner, until=None, review__lte=(clock.now() + AHEAD).date())
    return tuple(guidance.value(row) for row in rows.order_by("review", "language", "slug"))


def _unanswered(replies: QuerySet[models.Message]) -> tuple[str, ...]:
    """The latest questions of people who were not signed in that no page answered, masked."""
    before = models.Message.objects.filter(conversation=OuterRef("conversation"), n__lt=OuterRef("n"), role="user")
    not_known = replies.filter(outcome=Outcome.NOT_KNOWN, conversation__person_id=None)
    asked = not_known.annotate(asked=Subquery(before.order_by("-n").values("text")[:1])).order_by("-at")[:MOST]
    return tuple(mask(text) for text in asked.values_list("asked", flat=True) if text)
