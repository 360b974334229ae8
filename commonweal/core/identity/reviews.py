"""Posts as a review of access sees them. Opens no `act`; whoever decides does."""

from __future__ import annotations

from collections.abc import Iterator

from commonweal.core import clock
from commonweal.core.identity import models
from commonweal.core.identity.actors import Person
from commonweal.core.identity.values import Post


def posts_in_force() -> Iterator[tuple[Post, Person]]:
    """Every post that somebody holds now whose account is connected to a person, by agency, oldest first."""
    rows = models.Post.objects.filter(ended=None, account__is_active=True)
    for row in rows.select_related("account__person").order_by("agency_id", "since", "id"):
        if person := row.account.person:
            yield Post(row.id, row.account_id, row.agency_id, row.role, row.since), person.value()


def described(post: int) -> tuple[str, Post]:
    """Who holds or held a post, and the post. Raises Post.DoesNotExist."""
    row = models.Post.objects.select_related("account").get(pk=post)
    return row.account.name, Post(row.id, row.account_id, row.agency_id, row.role, row.since)


def end(post: int) -> None:
    """End a post. Repeating it changes nothing."""
    models.Post.objects.filter(pk=post, ended=None).update(ended=clock.now())
