"""Content-Digest (RFC 9530): SHA-256 of the body as it travels."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

EMPTY = sha256(b"").digest()
_SHA_256 = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


class BadDigest(ValueError):
    """A Content-Digest header without a readable SHA-256."""


def content_digest(digest: bytes) -> str:
    """The header's value for a SHA-256 digest (32 bytes)."""
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


def digest_in(header: str) -> bytes:
    """The SHA-256 (32 bytes) that a Content-Digest header states; other algorithms beside it are ignored.

    Raises BadDigest.
    """
    stated = [part.strip() for part in header.split(",") if part.strip().startswith("sha-256=")]
    found = _SHA_256.fullmatch(stated[0]) if len(stated) == 1 else None
    if found is None:
        raise BadDigest("Content-Digest must state one sha-256")
    return base64.b64decode(found[1])
