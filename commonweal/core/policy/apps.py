from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PolicyConfig(AppConfig):
    name = "commonweal.core.policy"
    label = "policy"

    def ready(self) -> None:
        from commonweal.core.policy.published import publish, rooms

        for room in rooms():
            _declare_actions(apps.get_app_config(room).name)

        post_migrate.connect(lambda **_: publish(), sender=self, weak=False, dispatch_uid="publish-policies")


def _declare_actions(package: str) -> None:
    """Importing a room's service declares its actions and purposes, whichever process this is."""
    if find_spec(f"{package}.service"):
        import_module(f"{package}.service")
