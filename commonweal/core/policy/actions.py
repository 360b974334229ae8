"""The vocabulary of the door: what can be done, and what it can be done for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise, lazy

Basis = Literal["consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest"]
Words = str | Promise


@dataclass(frozen=True)
class Action:
    """Something that can be done with a person's data.

    `says` tells the resident in the past tense what was done ("Looked at your entry in the population register").
    `changes` tells the door whether the work writes: a changing act holds the write lock from start to end.
    `ask` is the agency or office that answers questions about it. `adverse` actions worsen somebody's position: the
    door itself lets only an officer in a post do them, within a case (core.no-machine-harms). Of a `day_only` action
    no entry tells more than the day.
    """

    name: str
    says: Words
    changes: bool
    ask: Words
    adverse: bool = False
    day_only: bool = False


@dataclass(frozen=True)
class Purpose:
    """Why data is used (a W3C DPV term), and on which of the six lawful bases of GDPR Art. 6(1).

    `data` are references to what the purpose may see, never more; `by` the agencies that use it for this (empty:
    whichever the rules permit); `kept` for how long. The public register of processing shows all of it.
    """

    name: str
    says: Words
    basis: Basis
    dpv: str
    data: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    kept: Words = ""


class Undeclared(LookupError):
    """An action or purpose that no room declared: a mistake in the program."""


_actions: dict[str, Action] = {}
_references: dict[str, Words] = {}
_purposes: dict[str, Purpose] = {}


def declare(name: str, says: Words, *, changes: bool, ask: Words, adverse: bool = False, day_only: bool = False) -> str:
    """Declare an action (at import of a room's service.py) and return its name for use with `act`."""
    _actions[name] = Action(name, says, changes, ask, adverse, day_only)
    return name


def purpose(
    name: str,
    says: Words,
    basis: Basis,
    dpv: str,
    *,
    data: tuple[str, ...] = (),
    by: tuple[str, ...] = (),
    kept: Words = "",
) -> Purpose:
    """Declare a purpose (see Purpose) and return it."""
    _purposes[name] = Purpose(name, says, basis, dpv, data, by, kept)
    return _purposes[name]


def reference(name: str, says: Words) -> str:
    """Declare in plain words what a reference in a record's `disclosed` or `changed` list means."""
    _references[name] = says
    return name


def in_words(found: str) -> Words:
    """A reference in plain words: `registry/correction/01a2` is explained by `registry/correction`."""
    while found not in _references and "/" in found:
        found = found.rpartition("/")[0]
    return _references.get(found, found)


def filled(words: Words, **values: object) -> Words:
    """Words with their values filled in, in the language in which they are read, not in which this is called."""
    return lazy(lambda: str(words) % values, str)()


def action_named(name: str) -> Action:
    """The declared action. Raises Undeclared."""
    try:
        return _actions[name]
    except KeyError:
        raise Undeclared(f"no room declares the action {name!r}; declare it in the room's service.py") from None


def purpose_named(name: str) -> Purpose | None:
    """The declared purpose, or None for one that an older record names and nobody declares any more."""
    return _purposes.get(name)


def declared_actions() -> tuple[Action, ...]:
    """Every action of the node, by name."""
    return tuple(_actions[name] for name in sorted(_actions))


def declared_purposes() -> tuple[Purpose, ...]:
    """Every purpose of the node, by name."""
    return tuple(_purposes[name] for name in sorted(_purposes))
