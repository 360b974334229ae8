"""The booth's bundle, read once in each process."""

from __future__ import annotations

from functools import cache

from commonweal.services.voting import booth


@cache
def files() -> dict[str, bytes]:
    """The files by path. Raises booth.BundleIncompleteError."""
    return booth.bundle()


@cache
def digest() -> str:
    """The hash that stands in the frozen setup. Raises booth.BundleIncompleteError."""
    return booth.bundle_hash()
