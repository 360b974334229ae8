from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PolicyConfig(AppConfig):
    name = "commonweal.core.policy"
    label = "policy"

    def ready(self) -> None:
        from commonweal.core.policy.published import publish

        post_migrate.connect(lambda **_: publish(), sender=self, weak=False, dispatch_uid="publish-policies")
