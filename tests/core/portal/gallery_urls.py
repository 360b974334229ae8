"""The addresses of the page tests: the gallery, every error page, and allauth's own pages in our frame."""

from __future__ import annotations

from types import SimpleNamespace

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from commonweal.core.portal.gallery import gallery

REFUSAL = SimpleNamespace(
    says="Read the health record of another person",
    reason="Only the people who treat a patient may read the record.",
    ask="Town clinic, reception",
)


def refused(request: HttpRequest) -> HttpResponse:
    return render(request, "403.html", {"refusal": REFUSAL}, status=403)


def bad(request: HttpRequest) -> HttpResponse:
    raise BadRequest


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault for the test")


portal = ([path("", gallery, name="start"), path("public-log/", gallery, name="log")], "portal")

urlpatterns = [
    path("", include(portal)),
    path("refused/", refused),
    path("bad/", bad),
    path("too-many/", too_many),
    path("broken/", broken),
    path("account/", include("allauth.urls")),
]
