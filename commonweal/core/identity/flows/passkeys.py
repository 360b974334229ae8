"""What a passkey's answer must show beyond its signature (Web Authentication Level 3, sections 7.1 and 7.2).

The library under allauth accepts an answer made inside another site's frame, any origin on a development machine, and
a counter that went backwards. Here each is refused, and a challenge serves once, whether the answer was right or not.
"""
from __future__ import annotations

import logging
from typing import Any, cast

from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from fido2.utils import websafe_decode
from fido2.webauthn import AuthenticationResponse, AuthenticatorData, CollectedClientData, RegistrationResponse

from commonweal.core.identity import models

security_log = logging.getLogger("commonweal.security")
MALFORMED = (TypeError, ValueError, KeyError, AttributeError, IndexError)


class PasskeyRefused(ValueError):
    """The answer of an authenticator cannot be accepted; the text says why, for the log and the evidence."""


def examine_assertion(request: HttpRequest, credential: Any) -> AuthenticatorData:
    """Check the answer to a sign-in challenge, all but its signature. Raises PasskeyRefused."""
    try:
        response = AuthenticationResponse.from_dict(credential).response
    except MALFORMED as error:
        raise PasskeyRefused("malformed") from error
    _examine(request, response.client_data, response.authenticator_data)
    return response.authenticator_data


def examine_registration(request: HttpRequest, credential: Any) -> None:
    """Check a new passkey before it is stored. Raises PasskeyRefused."""
    try:
        response = RegistrationResponse.from_dict(credential).response
    except MALFORMED as error:
        raise PasskeyRefused("malformed") from error
    _examine(request, response.client_data, response.attestation_object.auth_data)


def _examine(request: HttpRequest, client: CollectedClientData, data: AuthenticatorData) -> None:
    state = auth.get_state()
    if not state or websafe_decode(state["challenge"]) != client.challenge:
        raise PasskeyRefused("unknown or used challenge")
    if client.origin != f"{request.scheme}://{request.get_host()}":
        raise PasskeyRefused("other origin")
    if client.cross_origin is not False:
        raise PasskeyRefused("cross-origin frame")
    if not data.is_user_verified():
        raise PasskeyRefused("no user verification")


def advance_counter(authenticator: Authenticator, counter: int) -> None:
    """Store the signature counter. Raises PasskeyRefused when it did not grow: the passkey may have been copied."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        stored = row.data.get("counter", row.wrap().authenticator_data.counter)
        if (counter or stored) and counter <= stored:
            raise PasskeyRefused("counter did not grow")
        row.data["counter"] = counter
        row.save(update_fields=["data"])
    authenticator.data["counter"] = counter


def claimed_account(credential: Any) -> models.Account | None:
    """The account that an answer claims to be from. Not proven: for the record of failures only."""
    try:
        handle = websafe_decode(credential["response"]["userHandle"]).decode()
        return models.Account.objects.filter(pk=url_str_to_user_pk(handle)).first()
    except (*MALFORMED, ValidationError):
        return None


def log_refusal(reason: str) -> None:
    """Tell the security log, without personal data."""
    security_log.warning("passkey refused", extra={"fields": {"reason": reason}})


def passkeys_of(account: models.Account) -> list[Authenticator]:
    """The account's passkeys, oldest first."""
    found = Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.WEBAUTHN)
    return cast(list[Authenticator], list(found.order_by("pk")))


def has_second_factor(account: models.Account) -> bool:
    """True when a mail code alone no longer opens the account."""
    kinds = [Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP]
    return bool(Authenticator.objects.filter(user_id=account.pk, type__in=kinds).exists())
