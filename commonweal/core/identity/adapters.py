"""Where allauth asks us: how people are let in, what is kept encrypted, what every mail may say."""

from __future__ import annotations

import base64
import secrets
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from commonweal.core.identity import authentication, models, service
from commonweal.core.identity.flows import sessions

OUR_MAILS = {
    f"identity/mail/{mail}"
    for mail in ("account_exists", "email_confirmation", "email_confirmation_signup", "login_code", "unknown_account")
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Lets nobody in without evidence."""

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """The one moment of signing in: session and evidence together."""
        account = cast(models.Account, user)
        if not get_authentication_records(request, account):
            record_authentication(request, account, method="code")  # signed up with the code sent by mail
        service.sign_in(request, account, lambda: super(AccountAdapter, self).login(request, account))

    def logout(self, request: HttpRequest) -> None:
        """Signing out ends the session here too, so that its owner no longer sees it listed."""
        sessions.end(cast(models.Account, request.user), request.session.get(authentication.SIGN_IN_KEY, ""))
        super().logout(request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A proof of presence in the last five minutes is enough, also the one at sign-in."""
        request = context.request
        return not authentication.is_fresh(get_authentication_records(request, request.user))

    def render_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> EmailMessage:
        """Our own words for every mail that we know of."""
        ours = f"identity/mail/{template_prefix.rpartition('/')[2]}"
        chosen = ours if ours in OUR_MAILS else template_prefix
        return cast(EmailMessage, super().render_mail(chosen, *args, **kwargs))

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Passkey first; a code by mail only where the account has nothing stronger."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not methods and user.is_authenticated:
            by_mail = {"id": "mail", "description": gettext("Use a code by e-mail")}
            return [by_mail | {"url": reverse("identity_confirm_by_mail")}]
        return sorted(methods, key=lambda method: method["id"] != "mfa_reauthenticate:webauthn")

    def send_account_already_exists_mail(self, email: str) -> None:
        """Allauth's own mail would point to resetting a password; there are none."""
        self.send_mail("account/email/account_exists", email, {"login_url": _address("account_login")})


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of authenticator apps and recovery codes encrypted, and names passkeys in plain words."""

    def __init__(self, request: HttpRequest | None = None, secret: bytes | None = None) -> None:
        super().__init__(request)
        self._cipher = AESGCM(secret or settings.COMMONWEAL.secret("authenticators"))

    def encrypt(self, text: str) -> str:
        nonce = secrets.token_bytes(12)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), b"authenticator")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        stored = base64.b64decode(encrypted_text)
        return self._cipher.decrypt(stored[:12], stored[12:], b"authenticator").decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("My passkey") if number == 1 else gettext("My passkey %(number)s") % {"number": number}

    def get_totp_issuer(self) -> str:
        return settings.COMMONWEAL.name

    def _get_site_name(self) -> str:
        return settings.COMMONWEAL.name


def _address(name: str) -> str:
    return settings.COMMONWEAL.address + reverse(name)
