"""Why the voting room uses data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import purpose

HOLDING = purpose(
    "voting.holding",
    _("To hold an election"),
    "public_task",
    "dpv:ServiceProvision",
    data=("voting/roll", "voting/code", "voting/pass", "voting/help"),
    kept=_("until the election is archived"),
)
