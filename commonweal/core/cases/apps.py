from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "commonweal.core.cases"
    label = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from commonweal.core.cases import staffing  # noqa: F401 - declares what administrators look at regularly
