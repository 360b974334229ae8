"""What a passkey's answer must show beyond its signature (Web Authentication Level 3, sections 7.1 and 7.2).

The library under allauth accepts an answer made inside another site's frame, any origin on a development machine, and
a counter that went backwards. Here each is refused, and a challenge serves once, whether the answer was right or not.
"""
from __future__ import annotations

import logging
from typing import Any

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
MALFORMED = (TypeError, ValueError, KeyError, AttributeError, IndexError, RecursionError)


class PasskeyRefused(ValueError):
    """The answer of an authenticator cannot be accepted; the text says why, for the log and the evidence."""


def examine_assertion(request: HttpRequest, sent: Any) -> tuple[dict[str, Any], AuthenticatorData]:
    """Check the answer to a sign-in challenge, all but its signature. Returns its known fields, and what it says.

    Raises PasskeyRefused.
    """
    credential = _known_fields(sent, ("clientDataJSON", "authenticatorData", "signature", "userHandle"))
    try:
        response = AuthenticationResponse.from_dict(credential).response
    except MALFORMED as error:
        raise PasskeyRefused("malformed") from error
    _examine(request, response.client_data, response.authenticator_data)
    return credential, response.authenticator_data


def examine_registration(request: HttpRequest, sent: Any) -> dict[str, Any]:
    """Check a new passkey before it is stored. Returns its known fields. Raises PasskeyRefused."""
    credential = _known_fields(sent, ("clientDataJSON", "attestationObject"))
    try:
        response = RegistrationResponse.from_dict(credential).response
    except MALFORMED as error:
        raise PasskeyRefused("malformed") from error
    _examine(request, response.client_data, response.attestation_object.auth_data)
    return credential | {"clientExtensionResults": {"credProps": {"rk": True}}}


def _known_fields(sent: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The fields we know, all text. The library takes a number for a length, and would reserve that much memory."""
    response = sent.get("response") if isinstance(sent, dict) else None
    if not isinstance(response, dict):
        raise PasskeyRefused("malformed")
    inner = {name: response.get(name) for name in names}
    outer = {name: sent.get(name) for name in ("id", "rawId", "type")}
    if not all(isinstance(value, str) for value in (*inner.values(), *outer.values())):
        raise PasskeyRefused("malformed")
    return outer | {"response": inner}


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
        handle = websafe_decode(str(credential["response"]["userHandle"])).decode()
        return models.Account.objects.filter(pk=url_str_to_user_pk(handle)).first()
    except (*MALFORMED, ValidationError):
        return None


def log_refusal(reason: str) -> None:
    """Tell the security log, without personal data."""
    security_log.warning("passkey refused", extra={"fields": {"reason": reason}})


def passkeys_of(account: models.Account) -> list[Authenticator]:
    """The account's passkeys, oldest first."""
    found = Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.WEBAUTHN)
    return list(found.order_by("pk"))


def has_second_factor(account: models.Account) -> bool:
    """True when a mail code alone no longer opens the account."""
    kinds = [Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP]
    return bool(Authenticator.objects.filter(user_id=account.pk, type__in=kinds).exists())
