"""The plain values that every room passes around: Person and Actor."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Kind = Literal["anonymous", "resident", "officer", "service", "node"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom evidence can be about: an id, the chain of their entries, and the label of that chain's head."""

    id: UUID
    chain: bytes = field(repr=False)
    label: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for whom, and how strongly signed in.

    `assurance` is 0 for nobody, 1 for a single factor, 2 for two factors or a passkey with user verification.
    `fresh` tells that the person proved presence within the last five minutes. `mandate` is by which the actor acts for
    `on_behalf_of`; the door asks whether it stands.
    """

    kind: Kind
    id: str
    name: str
    agency: str = ""
    roles: frozenset[str] = frozenset()
    assurance: int = 0
    fresh: bool = False
    person: Person | None = None
    on_behalf_of: Person | None = None
    session: str = ""
    automatic: bool = False
    mandate: str = ""

    @property
    def whose(self) -> Person | None:
        """Whose affairs the actor's own pages show: theirs for whom they act, else their own; in a post nobody's."""
        return self.on_behalf_of or (None if self.kind == "officer" else self.person)


ANONYMOUS = Actor(kind="anonymous", id="", name="")


def the_node(task: str) -> Actor:
    """The node itself, doing `task` without a human."""
    return Actor(kind="node", id=f"node:{task}", name=task, assurance=2, automatic=True)
