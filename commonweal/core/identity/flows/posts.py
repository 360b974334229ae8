"""Posts: which role at which agency an officer acts in."""
from __future__ import annotations

from typing import Any

from commonweal.core.identity import models

POST_KEY = "post"
AS_MYSELF = "myself"


class NoSuchPost(LookupError):
    """The post is not one that this account holds now."""


def held(account: models.Account) -> list[models.Post]:
    """The posts that an account holds now, oldest first."""
    return list(models.Post.objects.filter(account=account, ended=None).order_by("since", "id"))


def acting_in(account: models.Account, session: Any) -> models.Post | None:
    """The post chosen in this session. An only post is chosen by itself; of several, none until one is chosen."""
    chosen = session.get(POST_KEY)
    if chosen == AS_MYSELF:
        return None
    posts = held(account)
    if chosen is None:
        return posts[0] if len(posts) == 1 else None
    return next((post for post in posts if post.id == chosen), None)


def choose(account: models.Account, session: Any, post_id: int | None) -> None:
    """Act in this post from now on; None: as oneself. Raises NoSuchPost."""
    if post_id is not None and post_id not in {post.id for post in held(account)}:
        raise NoSuchPost(f"no post {post_id} is held by this account")
    session[POST_KEY] = AS_MYSELF if post_id is None else post_id
