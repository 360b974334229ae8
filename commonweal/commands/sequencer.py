"""The sequencer's process: places pending leaves, signs and publishes checkpoints, closes epochs."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from commonweal.commands import start_django

log = logging.getLogger("commonweal.sequencer")


def main() -> int:
    """Run until SIGTERM. Returns 1 when the node must not sign; the log line says what to do."""
    start_django()
    from django.conf import settings

    from commonweal.core.ledger import keys, sequencer

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    node = settings.COMMONWEAL
    try:
        sequencer.Sequencer(node.origin, keys.load(node.keys, node.origin), node.log).run(stop)
    except (sequencer.RolledBack, keys.UnsafeKeys) as error:
        log.critical("the log stands still: %s", error)
        stop.wait(60)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
