"""The bytes of a leaf: version, kind, 32-byte commitment, and nothing else (docs/architecture.md)."""
from __future__ import annotations

from enum import IntEnum

VERSION = 1
SIZE = 34


class Kind(IntEnum):
    """What a leaf commits to. ACT and SECURITY are keyed; the others are plain SHA-256 of a public document."""

    ACT = 1
    POLICY = 2
    EPOCH = 3
    KEY = 4
    SECURITY = 5
    DIRECTORY = 6
    ALGORITHM = 7
    ELECTION = 8


def leaf_bytes(kind: Kind, commitment: bytes) -> bytes:
    """The 34 public bytes of a leaf.

    Raises ValueError when the commitment is not 32 bytes long.
    """
    if len(commitment) != 32:
        raise ValueError(f"a leaf's commitment has 32 bytes, got {len(commitment)}")
    return bytes((VERSION, kind)) + commitment
