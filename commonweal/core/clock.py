"""The node's clock: UTC, and injectable under a demo origin only, so that months of use can be generated there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


class NotADemo(RuntimeError):
    """Somebody tried to move the clock of a real node."""


def now() -> datetime:
    """The current instant, in UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def pretend(instant: datetime) -> Iterator[None]:
    """Let `now()` answer `instant` inside the block.

    Raises NotADemo unless the node's log origin is a demo origin.
    """
    if not settings.COMMONWEAL.demo:
        raise NotADemo("the clock moves only on a node whose origin begins with 'demo.'")
    token = _pretended.set(instant)
    try:
        yield
    finally:
        _pretended.reset(token)


def stamp(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: 2026-11-25T09:30:00.000Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
