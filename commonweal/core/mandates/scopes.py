"""What a power of attorney can be limited to: the rooms of this node in which somebody may act for another at all.

Made from the rules in force: a room is offered when one of its rules looks at `context.on_behalf` to permit something.
"""

from __future__ import annotations

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from commonweal.core.mandates.in_force import NEVER
from commonweal.core.policy import published
from commonweal.core.policy.actions import Words

OURS: dict[str, Words] = {
    "portal": _("Who used your data, and questions about it"),
    "cases": _("Messages and cases"),
    "erasure": _("Taking and erasing data"),
    "identity": _("Account and sign-in"),
    "ledger": _("The record of uses"),
    "policy": _("Consents and objections"),
}


def offered() -> list[tuple[str, Words]]:
    """(room, what it is called), for the form."""
    rules = published.in_force()
    rooms = {
        rule.id.partition(".")[0]
        for rule in rules.rules.values()
        if rule.effect == "permit" and rules.speaks_of(rule.id, "on_behalf")
    }
    return [(room, called(room)) for room in sorted(rooms - NEVER - {"mandates"})]


def called(room: str) -> Words:
    """A room in plain words."""
    if room in OURS:
        return OURS[room]
    try:
        return apps.get_app_config(room).verbose_name
    except LookupError:
        return room
