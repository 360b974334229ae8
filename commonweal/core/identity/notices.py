"""Mail that tells an account's owner what happened to it. Sent after the change stands, to every verified address."""
from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from commonweal.core.identity import models
from commonweal.core.policy.actions import Words

log = logging.getLogger("commonweal.identity")


def method_added(account: models.Account) -> None:
    """A passkey or an authenticator app was added."""
    _tell(account, "method_added", _("A way to sign in was added to your account"))


def method_removed(account: models.Account) -> None:
    """A passkey or an authenticator app was removed."""
    _tell(account, "method_removed", _("A way to sign in was removed from your account"))


def address_changed(account: models.Account, also: list[str]) -> None:
    """An address was added or removed; `also` names addresses that were the account's until now."""
    subject = _("The e-mail addresses of your account were changed")
    _tell(account, "address_changed", subject)
    with override(account.language or None):
        _send(also, "address_changed", subject, {})


def recovery_asked(account: models.Account, opens: datetime, token: str) -> None:
    """Somebody asked to recover the account; the owner can cancel it until it is used."""
    cancel = settings.COMMONWEAL.address + reverse("identity_cancel_recovery", args=[token])
    _tell(account, "recovery_asked", _("Somebody asked to get back into your account"), opens=opens, cancel=cancel)


def no_recovery(email: str, account: models.Account | None) -> None:
    """Recovery was asked for an address with no account, or with one that needs or allows no delayed recovery."""
    with override(account.language if account and account.language else None):
        _send([email], "no_recovery", _("About getting back into an account"), {"known": account is not None})


def recovered(account: models.Account) -> None:
    """The account was recovered with a new passkey."""
    _tell(account, "recovered", _("Your account has a new passkey"))


def connected(account: models.Account, replaced: models.Account | None) -> None:
    """The account was connected to an entry, and perhaps another account lost it."""
    _tell(account, "connected", _("Your account is connected to your entry"))
    if replaced is not None:
        _tell(replaced, "replaced", _("Your account is no longer connected to your entry"))


def _tell(account: models.Account, mail: str, subject: Words, **context: Any) -> None:
    addresses = EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True)
    with override(account.language or None):
        _send(list(addresses), mail, subject, context)


def _send(addresses: list[str], mail: str, subject: Words, context: dict[str, Any]) -> None:
    """One mail to each, so that no address is shown to another. A mail server that is down must not undo the change."""
    text = render_to_string(f"identity/mail/{mail}.txt", context | {"node": settings.COMMONWEAL})
    for address in addresses:
        try:
            send_mail(str(subject), text, None, [address])
        except OSError:
            log.exception("a notice could not be sent", extra={"fields": {"notice": mail}})
