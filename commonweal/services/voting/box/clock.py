"""The ballot server's clock: looks once a second for what is due."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from commonweal.services.voting.box import ceremony
from commonweal.services.voting.box.ballot_box import BallotBox

LOOK_SECONDS = 1.0
log = logging.getLogger("commonweal.voting.box")


def strike(box: BallotBox, now: datetime) -> None:
    """Whatever is due: grow the boards, close those whose hour has come, forget in which order ballots came."""
    for uuid in box.elections():
        if not ceremony.close(box, uuid, now):
            box.tick(uuid, now)
    if box.store.owing:
        box.store.forget_order()


def keep_time(box: BallotBox) -> None:
    """Strike until the process ends, whatever fails."""
    while True:
        try:
            strike(box, datetime.now(UTC))
        except Exception:
            log.exception("the clock of the ballot box failed; trying again")
        threading.Event().wait(LOOK_SECONDS)
