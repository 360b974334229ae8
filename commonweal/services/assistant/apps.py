from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssistantConfig(AppConfig):
    name = "commonweal.services.assistant"
    label = "assistant"
    verbose_name = _("Ask a question")
    lead = _("Answers from official guidance, at any hour, and a person when it cannot.")

    def ready(self) -> None:
        from commonweal.services.assistant import checks  # noqa: F401
