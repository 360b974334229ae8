"""What the node's worker does over and over: send the weekly report, as soon as a week is over."""

from __future__ import annotations

from commonweal.services.assistant.reporting import service

SECONDS = 3_600


def work() -> None:
    """Once around."""
    service.send_reports()
