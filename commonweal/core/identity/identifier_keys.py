"""The keys of external identifiers: one that finds a value without storing it, one that encrypts it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commonweal.core.identity.actors import Person


@dataclass(frozen=True)
class IdentifierKeys:
    """Both keys, derived from one 32-byte secret."""

    secret: bytes

    def index(self, scheme: str, value: str) -> bytes:
        """HMAC-SHA-256 of scheme and value, 32 bytes."""
        return hmac.digest(self._key(b"index"), f"{scheme}|{value.strip()}".encode(), "sha256")

    def encrypt(self, person: Person, scheme: str, value: str) -> bytes:
        """AES-256-GCM with a random nonce in front, bound to the person and the scheme."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._key(b"value")).encrypt(nonce, value.strip().encode(), _bound_to(person, scheme))

    def decrypt(self, person: Person, scheme: str, stored: bytes) -> str:
        """The value. Raises cryptography.exceptions.InvalidTag for another person, scheme or secret."""
        return AESGCM(self._key(b"value")).decrypt(stored[:12], stored[12:], _bound_to(person, scheme)).decode()

    def _key(self, use: bytes) -> bytes:
        return hmac.digest(self.secret, use, "sha256")


def _bound_to(person: Person, scheme: str) -> bytes:
    return f"{scheme}|{person.id.hex}".encode()
