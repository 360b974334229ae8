"""Why identity keeps and uses what it does."""
from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import purpose

SECURITY = purpose(
    "identity.security", _("To let you in and keep others out"), "public_task", "dpv:IdentityAuthentication"
)
PROOFING = purpose(
    "identity.proofing", _("To make sure that an account belongs to you"), "public_task", "dpv:IdentityVerification"
)
STAFFING = purpose("identity.staffing", _("To say who works in which office"), "public_task", "dpv:PersonnelManagement")
