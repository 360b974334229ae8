"""Encrypting anew, under a new secret, what is kept encrypted: external identifiers and authenticators.

Each is one transaction. The node stands still meanwhile (`commonweal rotate`), because both secrets cannot be right.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from commonweal.core.identity import models
from commonweal.core.identity.adapters import MFAAdapter
from commonweal.core.identity.identifier_keys import IdentifierKeys

CHUNK = 1_000


def rekey_identifiers(present: bytes, secret: bytes) -> int:
    """Find and encrypt every external identifier by a new 32-byte secret; how many.

    Raises cryptography.exceptions.InvalidTag when the present secret is not theirs; then nothing is changed.
    """
    old, new = IdentifierKeys(present), IdentifierKeys(secret)
    done = 0
    with transaction.atomic():
        changed: list[models.ExternalIdentifier] = []
        for row in models.ExternalIdentifier.objects.select_related("person").iterator(CHUNK):
            person = row.person.value()
            value = old.decrypt(person, row.scheme, bytes(row.value))
            row.index, row.value = new.index(row.scheme, value), new.encrypt(person, row.scheme, value)
            changed.append(row)
            done += 1
        for at in range(0, len(changed), CHUNK):
            models.ExternalIdentifier.objects.bulk_update(changed[at : at + CHUNK], ["index", "value"])
    return done


def rekey_authenticators(present: bytes, secret: bytes) -> int:
    """Encrypt the secrets of authenticator apps and recovery codes by a new 32-byte secret; of how many.

    Raises cryptography.exceptions.InvalidTag when the present secret is not theirs; then nothing is changed.
    """
    old, new = MFAAdapter(secret=present), MFAAdapter(secret=secret)
    kept = Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES])
    with transaction.atomic():
        found = list(kept)
        for row in found:
            row.data = _sealed_anew(row.data, old, new)
            row.save(update_fields=["data"])
    return len(found)


def _sealed_anew(data: dict[str, Any], old: MFAAdapter, new: MFAAdapter) -> dict[str, Any]:
    """allauth keeps `secret`, `seed` and a list of `migrated_codes` encrypted; other values are plain."""

    def anew(text: str) -> str:
        return new.encrypt(old.decrypt(text))

    fresh = data | {name: anew(data[name]) for name in ("secret", "seed") if name in data}
    if "migrated_codes" in data:
        fresh["migrated_codes"] = [anew(code) for code in data["migrated_codes"]]
    return fresh
