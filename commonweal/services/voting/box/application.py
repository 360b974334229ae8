"""The ballot server as granian serves it: the box in the folder that COMMONWEAL_BOX names, and its clock."""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from commonweal.config.processes import end_with_parent
from commonweal.services.voting.box import ceremony
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.box.server import Server

LOOK_SECONDS = 1.0
log = logging.getLogger("commonweal.voting.box")


def strike(box: BallotBox, now: datetime) -> None:
    """Whatever is due: grow the boards, close those whose hour has come."""
    for uuid in box.elections():
        if not ceremony.close(box, uuid, now):
            box.tick(uuid, now)


def _keep_time(box: BallotBox) -> None:
    while True:
        try:
            strike(box, datetime.now(UTC))
        except Exception:
            log.exception("the clock of the ballot box failed; trying again")
        threading.Event().wait(LOOK_SECONDS)


def _served() -> Server:
    end_with_parent()
    box = BallotBox(Path(os.environ["COMMONWEAL_BOX"]))
    threading.Thread(target=_keep_time, args=[box], daemon=True).start()
    return Server(box)


application = _served()
