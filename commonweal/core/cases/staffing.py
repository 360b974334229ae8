"""What an agency's administrator looks at regularly: who still needs which post, and who was trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from commonweal.core.cases.kinds import declare_case_type
from commonweal.core.cases.recurring import Duty, recurring
from commonweal.core.cases.values import EACH_ITS_OWN, CaseType, Queue, Ruling
from commonweal.core.identity import reviews
from commonweal.core.policy.actions import Words

QUARTER, YEAR = timedelta(days=91), timedelta(days=365)
ADMINISTRATOR = "administrator"


def _shows(about: str) -> list[tuple[Words, str]]:
    name, post = reviews.described(_post(about))
    return [(_("Name"), name), (_("Post"), post.role), (_("In this post since"), date_format(post.since))]


def _post(about: str) -> int:
    return int(about.partition("@")[0])


def _keep_or_end(ruling: Ruling) -> Sequence[str]:
    if ruling.outcome == "accepted":
        return []
    reviews.end(_post(ruling.about))
    return [f"identity/post/{_post(ruling.about)}"]


def _posts() -> Iterator[Duty]:
    for post, person in reviews.posts_in_force():
        yield Duty(person, str(post.id), Queue(post.agency, ADMINISTRATOR), post.since + QUARTER)


def _officers() -> Iterator[Duty]:
    """Each officer once at each agency, by the oldest of their posts."""
    seen = set()
    for post, person in reviews.posts_in_force():
        if (post.agency, person.id) not in seen:
            seen.add((post.agency, person.id))
            yield Duty(person, str(post.id), Queue(post.agency, ADMINISTRATOR), post.since)


ACCESS_REVIEW = recurring(
    declare_case_type(
        CaseType(
            "cases.access-review",
            _("Review of access: is this post still needed?"),
            Queue(EACH_ITS_OWN, ADMINISTRATOR),
            days=30,
            shows=_shows,
            takes_effect=_keep_or_end,
            told={"accepted": _("Your post was reviewed and goes on"), "rejected": _("Your post was ended")},
        )
    ),
    every=QUARTER,
    whom=_posts,
)
TRAINING = recurring(
    declare_case_type(
        CaseType(
            "cases.training",
            _("Yearly training: was it done?"),
            Queue(EACH_ITS_OWN, ADMINISTRATOR),
            days=30,
            shows=_shows,
            takes_effect=lambda ruling: [],
            told={"accepted": _("Your training is confirmed"), "rejected": _("Your training is not confirmed")},
        )
    ),
    every=YEAR,
    whom=_officers,
)
