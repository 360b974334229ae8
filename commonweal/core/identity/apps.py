from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "commonweal.core.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonweal.core.identity import checks, signals  # noqa: F401 - registers both
