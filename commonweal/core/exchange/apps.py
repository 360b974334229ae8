from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "commonweal.core.exchange"
    label = "exchange"
    verbose_name = _("Exchange between agencies")

    def ready(self) -> None:
        from commonweal.core.exchange import checks  # noqa: F401 - registers them
        from commonweal.core.exchange.administration import service  # noqa: F401 - declares its actions
