"""What events there are: declared by the rooms that emit them, told of in AsyncAPI and to those who subscribe."""

from __future__ import annotations

from dataclasses import dataclass

from commonweal.core.policy.actions import Words


@dataclass(frozen=True)
class EventType:
    """A kind of event. `fields` are references that its data may name; a purpose that may see none is not told."""

    name: str
    says: Words
    fields: tuple[str, ...] = ()


class UnknownType(LookupError):
    """No room declares events of this type."""


_types: dict[str, EventType] = {}


def declare_event(name: str, says: Words, fields: tuple[str, ...] = ()) -> EventType:
    """Declare a type of event, at import of a room's service.py."""
    _types[name] = EventType(name, says, fields)
    return _types[name]


def declared_events() -> tuple[EventType, ...]:
    """Every type, by name."""
    return tuple(_types[name] for name in sorted(_types))


def event_type(name: str) -> EventType:
    """Raises UnknownType."""
    try:
        return _types[name]
    except KeyError:
        raise UnknownType(f"no room declares events of the type {name[:120]!r}") from None
