"""Rules of the door itself, which no room's policy can lift: their names in the evidence, and in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import Words

EVALUATION_ERROR = "core.evaluation-error"
RESTRICTED = "core.restricted"
NO_MANDATE = "core.no-mandate"
NO_MACHINE_HARMS = "core.no-machine-harms"
NO_EMERGENCY: Words = _("Write why it is an emergency")
NO_SEAL: Words = _("A seal ends between tomorrow and a year from today")
SAYS: dict[str, Words] = {
    EVALUATION_ERROR: _("The rules could not be evaluated, so it was refused."),
    NO_MACHINE_HARMS: _("Only a named officer may do this, after deciding on a case. A machine may not."),
    RESTRICTED: _("The person objected to this use, or had it restricted."),
    NO_MANDATE: _(
        "No mandate to act for this person stands that would allow this: it has ended, or does not cover it."
    ),
}
