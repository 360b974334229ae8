"""What the register tells other agencies when something changes: that it did and in which fields, never what it is now.

Written in the transaction of the change; whoever wants the contents asks for them, under the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from commonweal.core.exchange import outbox
from commonweal.core.exchange.event_types import declare_event
from commonweal.services.registry.values import FIELDS

EVENTS = {
    "registered": declare_event(
        "registry.person.registered",
        _("Somebody was entered into the population register"),
        tuple(f"registry/{field}" for field in FIELDS),
    ),
    "born": declare_event(
        "registry.person.born",
        _("A birth was entered into the population register"),
        tuple(f"registry/{field}" for field in FIELDS),
    ),
    "moved": declare_event("registry.person.moved", _("Somebody has a new address"), ("registry/address",)),
    "renamed": declare_event("registry.person.renamed", _("Somebody has a new name"), ("registry/name",)),
    "died": declare_event("registry.person.died", _("Somebody died"), ("registry/died", "registry/address")),
    "corrected": declare_event(
        "registry.person.corrected",
        _("The date or place of somebody’s birth, or whether they died, was corrected"),
        ("registry/born", "registry/died"),
    ),
    "related": declare_event("registry.person.related", _("Somebody’s relations changed"), ("registry/relations",)),
}
"""The kind of a change, as the change feed names it -> the event."""


def announce(kind: str, people: Sequence[UUID]) -> None:
    """Note what happened to these people, inside the act in which it happens."""
    event = EVENTS[kind]
    outbox.put_all(event.name, people, {"fields": list(event.fields)})
