"""Who is asking: the Actor behind a request or a bearer token, and how strongly they signed in.

Authentication assurance after NIST SP 800-63B-4: a passkey with user verification, or two factors, is level 2.
"""
from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from commonweal.core.identity import codes, models
from commonweal.core.identity.actors import ANONYMOUS, Actor
from commonweal.core.identity.flows import posts
from commonweal.core.mandates import acting

FRESH_SECONDS = 300
SIGN_IN_KEY = "sign_in"
SECOND_FACTORS = {"totp", "recovery_codes"}


def actor_of(request: HttpRequest) -> Actor:
    """Who sends this request: nobody, a resident, or an officer in a post; and for whom they act in this session."""
    if not request.user.is_authenticated:
        return ANONYMOUS
    post = posts.acting_in(request.user, request.session)
    return acting.represent(actor_for(request.user, request, post=post), request.session)


def actor_for(account: models.Account, request: HttpRequest, *, post: models.Post | None = None) -> Actor:
    """The Actor that an account is in this session, before or after sign-in is complete."""
    records = get_authentication_records(request, account)
    return Actor(
        kind="officer" if post else "resident",
        id=account_reference(account),
        name=account.name or account.email,
        agency=post.agency_id if post else "",
        roles=frozenset([post.role]) if post else frozenset(),
        assurance=strength(records),
        fresh=is_fresh(records),
        person=account.person.value() if account.person else None,
        session=request.session.get(SIGN_IN_KEY, ""),
    )


def actor_of_token(header: str) -> Actor | None:
    """The service account behind an `Authorization` header (RFC 6750), or None when its token is not in force."""
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(codes.TOKEN_PREFIX):
        return None
    service = models.ServiceAccount.objects.filter(token_hash=codes.token_hash(token), revoked=None).first()
    if service is None:
        return None
    return Actor(
        kind="service",
        id=f"service:{service.id.hex}",
        name=service.name,
        agency=service.agency_id,
        roles=frozenset(service.roles),
        assurance=2,
        automatic=True,
    )


def account_reference(account: models.Account) -> str:
    """How evidence names an account."""
    return f"account:{account.id.hex}"


def strength(records: list[dict[str, Any]]) -> int:
    """Assurance that these authentication records of one session add up to: 1 or 2."""
    used = {str(record.get("type") or record.get("method")) for record in records}
    if "webauthn" in used or ("code" in used and used & SECOND_FACTORS):
        return 2
    return 2 if "demo" in used and settings.COMMONWEAL.demo else 1


def is_fresh(records: list[dict[str, Any]]) -> bool:
    """True when presence was proved within five minutes."""
    return any(0 <= time.time() - float(record["at"]) <= FRESH_SECONDS for record in records)
