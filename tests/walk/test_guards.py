"""Every view says who may call it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from commonweal.core.portal.guards import guard_of, open_to_all
from tests.walk.addresses import addresses

WITHOUT_GUARD: dict[str, str] = {}
"""Route -> why its view needs no guard. There is none."""


def unguarded(patterns: list[object] | None = None) -> list[str]:
    return [found.route for found in addresses(patterns) if guard_of(found.view) is None]


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_every_view_carries_a_guard() -> None:
    assert set(unguarded()) == set(WITHOUT_GUARD)


def test_a_view_without_a_guard_is_caught_however_deep() -> None:
    inner = [path("open/", open_to_all(forgotten)), path("forgotten/", forgotten)]
    assert unguarded([path("a/", include([path("b/", include(inner))]))]) == ["a/b/forgotten/"]


def test_the_walk_finds_the_addresses_of_every_room() -> None:
    found = {address.route for address in addresses()}
    rooms = {"your-data/", "account/sign-in/", "log/<path:name>", "registry/mine/", "api/registry/changes"}
    assert rooms <= found
