from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvestigationsConfig(AppConfig):
    name = "commonweal.core.investigations"
    label = "investigations"
    verbose_name = _("Investigations")
