"""The ballot server as granian serves it: the box in the folder that COMMONWEAL_BOX names, and its clock."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from commonweal.config.processes import end_with_parent
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.box.clock import keep_time
from commonweal.services.voting.box.server import Server


def _served() -> Server:
    end_with_parent()
    box = BallotBox(Path(os.environ["COMMONWEAL_BOX"]))
    threading.Thread(target=keep_time, args=[box], daemon=True).start()
    return Server(box)


application = _served()
