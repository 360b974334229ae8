"""The gateway as granian serves it (ASGI); everything else is the web application in wsgi.py."""

from __future__ import annotations

import gc
import os
import sys

from commonweal.commands import start_django
from commonweal.config.processes import end_with_parent

end_with_parent()
start_django()

from commonweal.core.exchange.gateway import Gateway  # noqa: E402 - needs Django

if hasattr(os, "SCHED_BATCH"):  # Linux: threads that wake for each packet do not interrupt the loop, thrice a request
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
sys.setswitchinterval(0.002)  # seconds: the desk's thread and the event loop take short turns, but not too many
gc.freeze()  # what was loaded stays: looking for garbage among it, and every 700 objects, took a tenth of a request
gc.set_threshold(20_000, 20, 20)
application = Gateway()
