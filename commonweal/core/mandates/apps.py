from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MandatesConfig(AppConfig):
    name = "commonweal.core.mandates"
    label = "mandates"
    verbose_name = _("Acting for others")
