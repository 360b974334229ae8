"""Purposes that every room shares."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.policy.actions import purpose

OWN_ACCESS = purpose("own-access", _("To show you your own data"), "legal_obligation", "dpv:RightsFulfilment")
OVERSIGHT = purpose("oversight", _("To check that the rules are kept"), "legal_obligation", "dpv:LegalCompliance")
OPERATION = purpose("operation", _("To keep the service running"), "public_task", "dpv:ServiceProvision")
