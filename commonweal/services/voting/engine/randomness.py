"""Where secrets come from: the operating system, or, in the booth, one 32-byte seed.

A ballot made from a seed can be rebuilt by a second device that knows the seed and the choices, so that the voter can
see that the first device encrypted what they chose (cast-as-intended). A seed is as secret as the vote.
"""

from __future__ import annotations

import hmac
import os
from typing import Protocol

from commonweal.services.voting.engine.group import ORDER

SEED_BYTES = 32


class Randomness(Protocol):
    """A source of secret numbers. Functions draw in an order that their docstrings fix."""

    def scalar(self) -> int:
        """A number, uniform (to within 2**-259) in [0, group order)."""


class SystemRandomness:
    """The operating system's generator."""

    def scalar(self) -> int:
        """A number in [0, group order): 512 random bits modulo the order, uniform to within 2**-259."""
        return int.from_bytes(os.urandom(64), "big") % ORDER


class SeededRandomness:
    """Numbers from a seed: the i-th, from 0, is HMAC-SHA-512(seed, label || i as 8 bytes) mod q, all big-endian."""

    LABEL = b"commonweal/ballot/v1"

    def __init__(self, seed: bytes) -> None:
        """Raises ValueError unless the seed has 32 bytes."""
        if len(seed) != SEED_BYTES:
            raise ValueError(f"A seed has {SEED_BYTES} bytes, got {len(seed)}.")
        self._seed = seed
        self._drawn = 0

    def scalar(self) -> int:
        """The next number of the sequence."""
        block = hmac.digest(self._seed, self.LABEL + self._drawn.to_bytes(8, "big"), "sha512")
        self._drawn += 1
        return int.from_bytes(block, "big") % ORDER


SYSTEM = SystemRandomness()
