"""The task worker's process: runs queued tasks, queues the hourly housekeeping, seals the security log."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from commonweal.commands import start_django

log = logging.getLogger("commonweal.worker")
MINUTE, HOUR = 60, 3_600


def main() -> int:
    """Run until SIGTERM."""
    start_django()
    from django.conf import settings
    from django.core.management import call_command

    from commonweal.core.cases.notices import deliver
    from commonweal.core.housekeeping import tidy
    from commonweal.core.ledger import security

    _repeat(tidy.enqueue, HOUR)
    _repeat(deliver.enqueue, HOUR)
    _repeat(security.seal, MINUTE)
    for room in settings.SERVICES.values():
        if find_spec(f"{room}.regular"):
            regular = import_module(f"{room}.regular")
            _repeat(regular.work, regular.SECONDS)
    call_command("db_worker", interval=2, verbosity=0, startup_delay=False)
    return 0


def _repeat(work: Callable[[], object], seconds: float) -> None:
    """Do it now and every so often, in a thread that ends with the process."""

    def forever() -> None:
        while True:
            try:
                work()
            except Exception:
                log.exception("%s failed; trying again later", work)
            time.sleep(seconds)

    threading.Thread(target=forever, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
