"""The words for where a case stands and what happened in it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import Words

SHOWN: dict[str, Words] = {
    "open": _("All open cases"),
    "free": _("Cases that nobody has"),
    "mine": _("My cases"),
    "overdue": _("Late cases"),
    "second": _("Cases that need a second officer"),
    "appeals": _("Appeals"),
    "closed": _("Decided cases"),
}
STAGES: dict[tuple[str, bool], Words] = {
    ("open", False): _("To decide"),
    ("proposed", False): _("Second officer"),
    ("closed", False): _("Decided"),
    ("open", True): _("Appeal"),
    ("proposed", True): _("Appeal, second officer"),
    ("closed", True): _("Appeal decided"),
}
STEPS: dict[str, Words] = {
    "opened": _("Asked for"),
    "claimed": _("Taken by an officer"),
    "released": _("Given back to the office"),
    "handed-over": _("Handed over"),
    "asked": _("Question to the person"),
    "replied": _("Reply"),
    "proposed": _("Decision proposed; a second officer checks it"),
    "sent-back": _("The second officer did not agree"),
    "decided": _("Decided"),
    "appealed": _("Appeal"),
}
OUTCOMES: dict[str, Words] = {"accepted": _("Accepted"), "rejected": _("Rejected")}
