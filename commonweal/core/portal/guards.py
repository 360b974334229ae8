"""Who may call a view at all. Every view carries exactly one guard; a test fails on a view without one.

A guard is the first gate only: what may be done with whose data is decided at the door, in the service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from commonweal.core.identity.actors import Actor
from commonweal.core.identity.service import actor_of, actor_of_token
from commonweal.core.portal.refusals import note_refusal, problem, refused_page
from commonweal.core.portal.requests import METHODS

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Guard:
    """Who passes: everyone, anyone signed in, holders of one of `roles`, or (`machines`) bearers of a token."""

    name: str
    roles: frozenset[str] = frozenset()
    machines: bool = False


class ActingRequest(HttpRequest):
    """A request whose actor is known."""

    actor: Actor


FORM = b'<form method="post" novalidate'  # as portal/forms/form.html writes it


class KeptNowhere:
    """No answer to anybody known is kept by a browser or a proxy, whatever came of the request.

    Only a page with a form to fill in stays with the browser that showed it, until its person signs out, so that
    "Back" after a broken line finds the answers as they were.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        actor: Actor | None = getattr(request, "actor", None)
        if actor is not None and actor.kind != "anonymous":
            kept = request.method == "GET" and FORM in getattr(response, "content", b"")
            response.headers.setdefault("Cache-Control", "private, no-cache" if kept else "no-store")
        return response


def open_to_all(view: View) -> View:
    """Anyone, signed in or not."""
    return _guarded(view, Guard("open"), lambda request: None)


def signed_in(view: View) -> View:
    """Anyone who is signed in; others go to the sign-in page and come back."""
    return _guarded(view, Guard("signed-in"), _ask_to_sign_in)


def officers(*roles: str) -> Callable[[View], View]:
    """Holders of one of these roles."""
    guard = Guard("officers", frozenset(roles))

    def check(request: ActingRequest) -> HttpResponseBase | None:
        return _ask_to_sign_in(request) or (None if guard.roles & request.actor.roles else refused_page(request))

    return lambda view: _guarded(view, guard, check)


def machines(view: View) -> View:
    """Bearers of a service account's token. A browser's session opens nothing here, so no request can be forged."""

    def check(request: ActingRequest) -> HttpResponseBase | None:
        header = request.headers.get("Authorization", "")
        actor = actor_of_token(header)
        if actor is None:
            note_refusal(request, "bad token" if header else "no token")
            detail = "The token is not valid or was revoked." if header else "Send a service account's token."
            return _unauthorized("invalid_token" if header else "", f"{detail} `Authorization: Bearer commonweal_...`")
        request.actor = actor
        return None

    return _guarded(view, Guard("machines", machines=True), check)


def guarded_api(api: NinjaAPI) -> list[URLPattern]:
    """The addresses of an API for machines, each behind the `machines` guard; its OpenAPI description is open."""
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in patterns:
        gate = open_to_all if pattern.name in {"openapi-json", "api-root"} else machines
        pattern.callback = csrf_exempt(gate(pattern.callback))
    return patterns


def guard_of(view: View) -> Guard | None:
    """The guard a view carries, or None."""
    return getattr(view, "guard", None)


def _guarded(view: View, guard: Guard, check: Callable[[ActingRequest], HttpResponseBase | None]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in METHODS:  # TRACE, and whatever else somebody invents
            return HttpResponseNotAllowed(sorted(METHODS))
        acting = cast(ActingRequest, request)
        acting.actor = actor_of(request)
        return check(acting) or view(acting, *args, **kwargs)

    guarded.guard = guard  # type: ignore[attr-defined]
    return guarded


def _ask_to_sign_in(request: ActingRequest) -> HttpResponse | None:
    return redirect_to_login(request.get_full_path()) if request.actor.kind == "anonymous" else None


def _unauthorized(error: str, detail: str) -> JsonResponse:
    response = problem(401, "Sign-in needed", detail)
    response["WWW-Authenticate"] = f'Bearer error="{error}"' if error else "Bearer"
    return response
