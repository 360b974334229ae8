"""How often somebody may try. Counted in Django's database cache, which all processes share."""
from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core.internal import ratelimit
from django.http import HttpRequest

RATES = {
    "activation": "10/m/ip,5/h/key",
    "recovery": "10/m/ip,3/d/key",
    "presence": "10/m/ip,5/h/key",
    "counter": "30/m/ip,120/h/key",
    "demo": "60/m/ip",
}
EVEN_SECONDS = 0.25


def within_limit(request: HttpRequest, action: str, key: str) -> bool:
    """Count one attempt by this address and this key; False when there were too many."""
    return bool(ratelimit.consume(request, app="identity", action=action, config=RATES, key=key))


@contextmanager
def evenly(seconds: float = EVEN_SECONDS) -> Iterator[None]:
    """Take at least `seconds`, so that the time of an answer does not tell a known address from an unknown one."""
    began = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
