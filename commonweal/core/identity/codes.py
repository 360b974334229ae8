"""Codes that people type and tokens that machines carry: made at random, kept as hashes only.

Typed codes use Crockford's base 32 (no I, L, O, U): https://www.crockford.com/base32.html
"""
from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10  # 50 bits
TOKEN_PREFIX = "commonweal_"  # noqa: S105 - public
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    """Ten random characters of Crockford's base 32."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def shown(code: str) -> str:
    """A code as it is printed: two groups of five."""
    return f"{code[:5]}-{code[5:]}"


def read(typed: str) -> str | None:
    """A code as somebody typed it, with misread letters put right; None when it cannot be one."""
    code = typed.strip().upper().translate(_READ_AS)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def code_hash(code: str) -> bytes:
    """A keyed hash, because 50 bits could be searched if the database leaked without the node's keys."""
    return hmac.digest(settings.COMMONWEAL.secret("activation"), code.encode(), "sha256")


def new_token() -> str:
    """A bearer token of 256 random bits, with a prefix that leak scanners can find."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """SHA-256: enough for 256 random bits, and cheap on every machine call."""
    return hashlib.sha256(token.encode()).digest()
