"""Every "no" in one voice: what was refused, why, whom to ask. RFC 9457 problem details on APIs, pages elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure

from commonweal.config.logs import route_of
from commonweal.core.refused import Refused

security_log = logging.getLogger("commonweal.security")


class RefusalPages:
    """Turns a refusal at the door into a clear answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return refused_page(request, exception) if isinstance(exception, Refused) else None


def problem(status: int, title: str, detail: str, **more: Any) -> JsonResponse:
    """An RFC 9457 problem. `more` are extension members, such as `field` and `remedy`."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    return JsonResponse(body, status=status, content_type="application/problem+json")


def refused_page(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    """The answer to somebody who may not: 403. The door wrote down its own refusals; the guards' are noted here."""
    if refusal is None:
        note_refusal(request, "not allowed")
    if _wants_data(request):
        reason = str(refusal.reason) if refusal else ""
        detail = reason or _("The rules of this node do not allow this.")
        more = {"action": refusal.action.name, "rules": list(refusal.rules), "ask": str(refusal.ask)} if refusal else {}
        return problem(403, _("Refused"), detail, **more)
    return render(request, "403.html", {"refusal": refusal}, status=403)


def note_refusal(request: HttpRequest, kind: str) -> None:
    """Tell the security log of a request that was turned away: where and why, not who or what."""
    security_log.warning("turned away", extra={"fields": {"kind": kind, "route": route_of(request)}})


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    note_refusal(request, "forged form")
    return csrf_failure(request, reason)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, SuspiciousOperation):
        note_refusal(request, "foreign host" if isinstance(exception, DisallowedHost) else "suspicious request")
    return _page(request, 400, _("Bad request"), _("The request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refused_page(request)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, _("Not found"), _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, _("Something went wrong"), _("The fault is ours and was noted. Nothing was changed."))


def _page(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    if _wants_data(request):
        return problem(status, title, detail)
    return render(request, f"{status}.html", status=status)


def _wants_data(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
