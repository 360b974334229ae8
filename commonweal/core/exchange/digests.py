"""Content-Digest (RFC 9530): SHA-256 of the body as it travels."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256

EMPTY = sha256(b"").digest()
_SHA_256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)")


class BadDigest(ValueError):
    """A Content-Digest header without a readable SHA-256."""


def content_digest(digest: bytes) -> str:
    """The header's value for a SHA-256 digest (32 bytes)."""
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


def digest_in(header: str) -> bytes:
    """The SHA-256 (32 bytes) that a Content-Digest header states; other algorithms beside it are ignored.

    Raises BadDigest.
    """
    found = _SHA_256.findall(header)
    if len(found) != 1:
        raise BadDigest("Content-Digest must state one sha-256")
    try:
        return base64.b64decode(found[0], validate=True)
    except binascii.Error:
        raise BadDigest("Content-Digest is not base64") from None
