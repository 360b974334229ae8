"""One log line and one measurement for each request: the route, never the address, so that no id is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Histogram

from commonweal.config.logs import route_of

log = logging.getLogger("commonweal.requests")
SECONDS = Histogram("commonweal_request_seconds", "Time to answer a request", ["route", "method", "status"])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = ("static", "health", "metrics")


class RequestLog:
    """Method, route, status and milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"  # anybody can invent methods without end
        SECONDS.labels(route, method, response.status_code).observe(seconds)
        if not route.startswith(QUIET):
            fields = {"method": method, "route": route, "status": response.status_code}
            log.info("request", extra={"fields": fields | {"ms": round(seconds * 1000, 1)}})
        return response
