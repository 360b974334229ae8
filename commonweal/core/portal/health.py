"""For machines that watch the node: alive, ready, measurements."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from commonweal.core.portal import measurements
from commonweal.core.portal.guards import open_to_all
from commonweal.core.portal.refusals import refused_page


@open_to_all
def live(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@open_to_all
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and the public log has a checkpoint, else 503 with the reason."""
    reasons = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        reasons["database"] = "does not answer"
    if not (settings.COMMONWEAL.log / "checkpoint").exists():
        reasons["log"] = "has no checkpoint yet"
    return JsonResponse({"ready": not reasons} | reasons, status=503 if reasons else 200)


@open_to_all
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus measurements, for callers on this machine only."""
    if request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"} or "HTTP_X_FORWARDED_FOR" in request.META:
        return refused_page(request)
    return HttpResponse(generate_latest(measurements.registry()), content_type=CONTENT_TYPE_LATEST)
