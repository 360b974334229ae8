"""What must hold before the node may run."""
from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.core.checks.messages import CheckMessage
from django.db import OperationalError, ProgrammingError

from commonweal.core.identity import models


@register("identity", "database")
def no_demo_sign_in_elsewhere(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Accounts on the demo page mean that a demo's database came to a real node."""
    if settings.COMMONWEAL.demo or not databases:
        return []
    try:
        offered = models.DemoSignIn.objects.count()
    except (OperationalError, ProgrammingError):
        return []  # not migrated yet
    if not offered:
        return []
    message = f"{offered} accounts are offered for demo sign-in on a node that is no demo"
    hint = "This database came from a demo. Begin with an empty one, or delete the demo's accounts."
    return [Error(message, hint, id="identity.E001")]


@register("identity")
def strict_settings(**_: Any) -> list[CheckMessage]:
    """Settings that sign-in depends on."""
    found: list[CheckMessage] = []
    if getattr(settings, "MFA_WEBAUTHN_USER_VERIFICATION", "") != "required":
        hint = 'Set MFA_WEBAUTHN_USER_VERIFICATION = "required".'
        found.append(Error("passkeys would not have to verify their user", hint, id="identity.E002"))
    if str(settings.CACHES["default"]["BACKEND"]).rpartition(".")[2] in {"LocMemCache", "DummyCache"}:
        hint = "Use Django's database cache."
        found.append(Error("each process would count throttles for itself", hint, id="identity.E003"))
    return found
