"""Failures that allauth only tells by signal become evidence here."""
from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.dispatch import receiver

from commonweal.core.identity import models, service
from commonweal.core.identity.flows import recovery


@receiver(account.login_code_rejected)
def wrong_mail_code(user: models.Account, **_: Any) -> None:
    """A wrong code for a known account. The page takes the same time for an unknown one."""
    service.record_failed_sign_in(user, "wrong code by e-mail")


@receiver(mfa.authentication_failed)
def wrong_app_code(user: models.Account, authenticator: Any, **_: Any) -> None:
    """A wrong code of an authenticator app or a wrong recovery code."""
    service.record_failed_sign_in(user, f"wrong code: {authenticator.type}")


@receiver(mfa.authenticator_used)
def device_is_not_lost(user: models.Account, **_: Any) -> None:
    """Whoever still has a device needs no recovery: a waiting request is cancelled."""
    if waiting := recovery.waiting(user):
        service.cancel_recovery(waiting)
