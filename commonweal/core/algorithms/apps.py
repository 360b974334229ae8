from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AlgorithmsConfig(AppConfig):
    name = "commonweal.core.algorithms"
    label = "algorithms"

    def ready(self) -> None:
        from commonweal.core.algorithms.published import publish

        post_migrate.connect(lambda **_: publish(), sender=self, weak=False, dispatch_uid="publish-algorithms")
