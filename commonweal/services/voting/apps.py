from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VotingConfig(AppConfig):
    name = "commonweal.services.voting"
    label = "voting"
    verbose_name = _("Voting")
    lead = _("Elections and polls of the town, with results that anyone can check.")
