"""Every address of a node, found by walking its URL configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One address: its route as Django writes it, and the view behind it."""

    route: str
    view: Callable[..., Any]


def addresses(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[Address]:
    """All of them, depth first; `patterns` defaults to the node's own."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Address(route, pattern.callback)


def routes() -> list[str]:
    """Each route once, in the order of the URL configuration."""
    return list(dict.fromkeys(address.route for address in addresses()))
