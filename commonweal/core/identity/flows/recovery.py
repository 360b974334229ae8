"""Losing every device: never an easier way in than the account's own.

Three ways: a recovery code (kept by the owner), a request that opens after a delay in which every verified address is
told and can cancel it, or a code given after an in-person check. Each ends with a new passkey, not with a mail code.
"""
from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from commonweal.core import clock
from commonweal.core.identity import models
from commonweal.core.identity.flows import activation, passkeys, posts

DELAY = timedelta(hours=24)
KEY = "recovery"


class NotOpenYet(ValueError):
    """The recovery request is still waiting, was cancelled, or never made."""


def account_at(email: str) -> models.Account | None:
    """The active account with this verified address."""
    address = EmailAddress.objects.filter(email=email.strip().lower(), verified=True).select_related("user").first()
    return address.user if address and address.user.is_active else None


def may_ask(account: models.Account) -> bool:
    """A request makes sense where a second factor can be lost. Officers recover in person only."""
    return passkeys.has_second_factor(account) and not posts.held(account)


def waiting(account: models.Account) -> models.RecoveryRequest | None:
    """The request that is waiting or open, if any."""
    return models.RecoveryRequest.objects.filter(account=account, cancelled=None, used=None).first()


def ask(account: models.Account) -> tuple[models.RecoveryRequest, str]:
    """Begin a request; returns it with the token that cancels it. A request before this one is replaced."""
    now = clock.now()
    models.RecoveryRequest.objects.filter(account=account, cancelled=None, used=None).update(cancelled=now)
    token = secrets.token_urlsafe(32)
    request = models.RecoveryRequest.objects.create(
        account=account, cancel_hash=_hash(token), requested=now, opens=now + DELAY
    )
    return request, token


def to_cancel(token: str) -> models.RecoveryRequest | None:
    """The request that this token can still cancel."""
    row = models.RecoveryRequest.objects.select_related("account__person").filter(cancel_hash=_hash(token))
    return row.filter(cancelled=None, used=None).first()


def cancel(request: models.RecoveryRequest) -> None:
    """End a request. Repeating it changes nothing."""
    models.RecoveryRequest.objects.filter(pk=request.pk, cancelled=None, used=None).update(cancelled=clock.now())


def open_by_delay(account: models.Account) -> models.RecoveryRequest:
    """The account's request whose delay is over. Raises NotOpenYet."""
    request = waiting(account)
    if request is None or request.opens > clock.now():
        raise NotOpenYet("no recovery of this account is open")
    return request


def open_by_code(account: models.Account, typed: str) -> models.ActivationCode:
    """The in-person code for this account's person. Raises activation.WrongCode."""
    row = activation.pending(typed)
    if not row.in_person or account.person_id is None or row.person_id != account.person_id:
        raise activation.WrongCode("the code does not recover this account")
    return row


def use_up(opened: str) -> None:
    """Use what opened the recovery (`request:ID` or `code:ID`), once.

    Raises NotOpenYet, activation.WrongCode when it was cancelled or used meanwhile.
    """
    kind, _, identifier = opened.partition(":")
    if kind == "code":
        activation.use_up(models.ActivationCode.objects.get(pk=UUID(identifier)))
        return
    now = clock.now()
    ripe = models.RecoveryRequest.objects.filter(pk=UUID(identifier), cancelled=None, used=None, opens__lte=now)
    if not ripe.update(used=now):
        raise NotOpenYet("this recovery was cancelled or used")


def forget_devices(account: models.Account) -> None:
    """Remove every sign-in method and end every session; the new passkey is added in the same act."""
    Authenticator.objects.filter(user_id=account.pk).delete()
    models.SignIn.objects.filter(account=account).delete()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
