"""The middleware that ends sessions in time."""
from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from commonweal.core.identity.flows import sessions


class SessionLimits:
    """Signs out whoever was idle or signed in for too long, or whose session was ended from another device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and not sessions.still_stands(request, request.user):
            logout(request)
        return self.get_response(request)
