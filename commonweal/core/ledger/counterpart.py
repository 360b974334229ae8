"""What another node has to do with an act: named once around it, written into whatever evidence the act leaves.

    with counterpart.named(fields, written):
        answer = registry.read(...)          # opens the door itself

`fields` (the other's signature and leaf hash) go into the record; `written(act id, leaf hash, permitted)` is called
inside the transaction that writes the evidence, so that what it stores stands or falls with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Hook = Callable[[bytes, bytes, bool], None]


@dataclass(frozen=True)
class Counterpart:
    """The other side of an act."""

    fields: dict[str, Any]
    written: Hook


_named: ContextVar[Counterpart | None] = ContextVar("counterpart", default=None)


@contextmanager
def named(fields: dict[str, Any], written: Hook) -> Iterator[None]:
    """Let the evidence of every act inside the block name this counterpart."""
    token = _named.set(Counterpart(fields, written))
    try:
        yield
    finally:
        _named.reset(token)


def current() -> Counterpart | None:
    """The counterpart that evidence written now must name."""
    return _named.get()
