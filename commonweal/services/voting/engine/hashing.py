"""The hashes of the protocol (guide 3.1, 3.4): SHA-256, read as a number modulo the group order, or in text."""

from __future__ import annotations

import base64
import hashlib

from commonweal.services.voting.engine.group import ORDER


def challenge(words: str) -> int:
    """H: SHA-256 of the UTF-8 text, as a big-endian integer modulo the group order (Fiat-Shamir)."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest(), "big") % ORDER


def sha256_hex(content: bytes) -> str:
    """The name of a member of the archive: 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_base64(content: bytes) -> str:
    """Standard Base64 of the raw hash without padding, 43 characters: fingerprints, trackers, signed hashes."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
