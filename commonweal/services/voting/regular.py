"""What the node's worker does over and over: follow the boards of the elections that are under way.

In a demo town it also lets residents vote and trustees count, while you look.
"""

from __future__ import annotations

from django.conf import settings

from commonweal.services.voting import demo_voters, service

SECONDS = 5


def work() -> None:
    """Once around."""
    service.follow_all()
    if settings.COMMONWEAL.demo:
        demo_voters.live_on(SECONDS)
