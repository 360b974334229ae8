"""Which agency of the node a page means by a name."""

from __future__ import annotations

from collections.abc import Iterable

from commonweal.core.identity import accounts


def owner_among(names: Iterable[str]) -> str:
    """The code of the first that is an agency here, by its code or by its name in any language; else ""."""
    wanted = [name.casefold() for name in names if name]
    if not wanted:
        return ""
    known = {name.casefold(): one.code for one in accounts.agencies() for name in (*one.names.values(), one.code)}
    return next((known[name] for name in wanted if name in known), "")
