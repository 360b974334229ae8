"""What the node's worker does over and over: follow the boards of the elections that are under way."""

from __future__ import annotations

from commonweal.services.voting import service

SECONDS = 5


def work() -> None:
    """Once around."""
    service.follow_all()
