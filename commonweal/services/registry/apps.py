from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "commonweal.services.registry"
    label = "registry"
    verbose_name = _("Population register")
    lead = _("What the register holds about you, and how to have it corrected.")
