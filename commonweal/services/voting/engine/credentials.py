"""Voting credentials: a private code for each voter, a public key for each on the list (guide 3.1; specification,
section "Credentials").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.encoding import JSON, canonical, decimal, items, parse, require_canonical, string
from commonweal.services.voting.engine.group import ORDER, Point, base
from commonweal.services.voting.engine.randomness import SYSTEM, Randomness
from commonweal.services.voting.engine.refusal import Reason, Refused

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODE_LENGTH = 22  # 58**22 > 2**128
_PARTS = (5, 6, 5, 6)
_CODE = re.compile("-".join(f"[{BASE58}]{{{n}}}" for n in _PARTS), re.ASCII)


def base58(length: int, randomness: Randomness = SYSTEM) -> str:
    """So many uniform Base58 characters, at most 22. Draws one number."""
    if not 0 < length <= CODE_LENGTH:
        raise ValueError(f"One number gives 1 to {CODE_LENGTH} characters, got {length}.")
    left, characters = randomness.scalar(), []
    for _ in range(length):
        left, digit = divmod(left, 58)
        characters.append(BASE58[digit])
    return "".join(characters)


def private_credential(randomness: Randomness = SYSTEM) -> str:
    """A fresh private credential, 22 characters as 5-6-5-6: only its voter may keep it. Draws one number."""
    letters, parts = base58(CODE_LENGTH, randomness), []
    for length in _PARTS:
        parts.append(letters[:length])
        letters = letters[length:]
    return "-".join(parts)


def secret_of(private: str, election_uuid: str) -> int:
    """The signing key behind a private credential in one election. Raises Refused(MALFORMED) for a mistyped one."""
    if not _CODE.fullmatch(private):
        raise Refused(Reason.MALFORMED, "credential", "22 Base58 characters as 5-6-5-6", "something else")
    halves = (
        hashlib.sha256(f"derive_credential|{election_uuid}|{half}|{private}".encode()).hexdigest() for half in (0, 1)
    )
    return int("".join(halves), 16) % ORDER


def public_credential(private: str, election_uuid: str) -> Point:
    """The public key that goes on the list."""
    return base(secret_of(private, election_uuid))


@dataclass(frozen=True)
class CredentialList:
    """Who may vote: public credentials with their weights, sorted by encoding. `weighted` if the record states them."""

    weights: Mapping[Point, int]
    weighted: bool = False

    @classmethod
    def of(cls, credentials: Iterable[Point]) -> CredentialList:
        """The list in which everybody has one vote. Raises Refused for a repeated credential."""
        return cls._checked([(credential, 1) for credential in credentials], weighted=False)

    @classmethod
    def of_weights(cls, weights: Mapping[Point, int]) -> CredentialList:
        """The list with a weight of 0 or more for each credential."""
        return cls._checked(list(weights.items()), weighted=True)

    @classmethod
    def read(cls, content: bytes) -> CredentialList:
        """The list of these canonical bytes. Raises Refused: order and form are part of the record."""
        entries = [string(item) for item in items(parse(content))]
        split = [entry.partition(",") for entry in entries]
        weighted = any(comma for _, comma, _ in split)
        if weighted and not all(comma for _, comma, _ in split):
            raise Refused(Reason.CREDENTIAL_LIST, "credentials", "a weight for all or for none", "some without")
        require_canonical(entries, content)
        return cls._checked(
            [(group.key_point(point), decimal(weight) if comma else 1) for point, comma, weight in split], weighted
        )

    @classmethod
    def _checked(cls, entries: list[tuple[Point, int]], weighted: bool) -> CredentialList:
        weights = dict(entries)
        if len(weights) != len(entries):
            raise Refused(Reason.CREDENTIAL_LIST, "credentials", f"{len(entries)} different ones", len(weights))
        for credential, weight in entries:
            if weight < 0:
                raise Refused(Reason.CREDENTIAL_LIST, group.text(credential), "a weight of 0 or more", weight)
        return cls(weights, weighted)

    def as_json(self) -> JSON:
        """The entries sorted by the 32 little-endian bytes, as belenios-tool writes them."""
        ordered = sorted(self.weights)
        if self.weighted:
            return [f"{group.text(credential)},{self.weights[credential]}" for credential in ordered]
        return [group.text(credential) for credential in ordered]

    def content(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.as_json())
