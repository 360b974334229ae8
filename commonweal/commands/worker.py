"""The task worker's process: runs queued tasks, and queues the hourly housekeeping."""

from __future__ import annotations

import sys
import threading

from commonweal.commands import start_django

HOUR = 3_600


def main() -> int:
    """Run until SIGTERM."""
    start_django()
    from django.core.management import call_command

    from commonweal.core.housekeeping import tidy

    def every_hour() -> None:
        while True:
            tidy.enqueue()
            threading.Event().wait(HOUR)

    threading.Thread(target=every_hour, daemon=True).start()
    call_command("db_worker", interval=2, verbosity=0, startup_delay=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
