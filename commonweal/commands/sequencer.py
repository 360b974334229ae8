"""The sequencer's process: places pending leaves, signs and publishes checkpoints, closes epochs."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from typing import TYPE_CHECKING

from commonweal.commands import start_django

if TYPE_CHECKING:
    from commonweal.core.ledger.sequencer import Sequencer

PATIENCE_SECONDS = 60  # before the supervisor tries again
STANDBY_SECONDS = 1.0
log = logging.getLogger("commonweal.sequencer")


def main() -> int:
    """Run until SIGTERM. Returns 1 when the node must not sign; the log line says what to do."""
    start_django()
    from django.conf import settings

    from commonweal.core.exchange import cosigning
    from commonweal.core.exchange.witness_policy import BadWitnessPolicy
    from commonweal.core.ledger import keys, sequencer
    from commonweal.core.ledger.rows import Damaged

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    node = settings.COMMONWEAL
    reason = node.logs / "standstill.txt"
    try:
        running = sequencer.Sequencer(node.origin, keys.load(node.keys, node.origin), node.log, cosigning.of_node(node))
        if not _becomes_the_one(running, stop):
            return 0
        reason.unlink(missing_ok=True)
        running.run(stop)
    except (sequencer.RolledBack, Damaged, keys.UnsafeKeys, BadWitnessPolicy) as error:
        log.critical("the log stands still: %s", error)
        reason.write_text(f"{error}\n", "utf-8")
        stop.wait(PATIENCE_SECONDS)
        return 1
    return 0


def _becomes_the_one(running: Sequencer, stop: threading.Event) -> bool:
    """Stand by while another process sequences the log, and take over when it ends; False when told to stop first."""
    from commonweal.core.ledger.sequencer import AnotherSequencer

    waiting = False
    while not stop.is_set():
        try:
            running.start()
        except AnotherSequencer as busy:
            if not waiting:
                log.warning("standing by: %s", busy)
            waiting = True
            stop.wait(STANDBY_SECONDS)
        else:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
