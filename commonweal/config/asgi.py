"""The gateway as granian serves it (ASGI); everything else is the web application in wsgi.py."""

from __future__ import annotations

import sys

from commonweal.commands import start_django
from commonweal.config.processes import end_with_parent

end_with_parent()
start_django()

from commonweal.core.exchange.gateway import Gateway  # noqa: E402 - needs Django

sys.setswitchinterval(0.0005)  # the desk's thread and the event loop take short turns
application = Gateway()
