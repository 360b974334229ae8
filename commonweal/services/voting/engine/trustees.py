"""Who can decrypt: single trustees, all of whom are needed, and threshold groups (specification, section "Trustees").

Trustees are numbered from 1 straight through the list: a single key is one number, a group as many as it has members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.encoding import JSON, canonical, items, read
from commonweal.services.voting.engine.group import ORDER, Point, multiply
from commonweal.services.voting.engine.keys import TrusteeKey
from commonweal.services.voting.engine.pedersen import Pedersen
from commonweal.services.voting.engine.refusal import Reason, Refused


@dataclass(frozen=True)
class Single:
    """A trustee without whom nothing is decrypted."""

    key: TrusteeKey


Item: TypeAlias = Single | Pedersen


@dataclass(frozen=True)
class Trustees:
    """The list of the record."""

    items: tuple[Item, ...]

    @classmethod
    def from_json(cls, value: JSON) -> Trustees:
        """Raises Refused if it is malformed; `verify` does the rest."""
        return cls(tuple(_item(index, pair) for index, pair in enumerate(items(value))))

    def as_json(self) -> JSON:
        """Pairs of kind and value."""
        return [
            ["Single", item.key.as_json()] if isinstance(item, Single) else ["Pedersen", item.as_json()]
            for item in self.items
        ]

    @classmethod
    def read(cls, content: bytes) -> Trustees:
        """The trustees of these canonical bytes. Raises Refused."""
        return read(cls.from_json, content)

    def content(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.as_json())

    def verify(self) -> Point:
        """The election's public key: the sum of all sub-keys. Raises Refused, naming the trustee whose key is false."""
        sub_keys = []
        for index, item in enumerate(self.items):
            try:
                sub_keys.append(_sub_key(item))
            except Refused as refused:
                raise refused.within(f"trustees[{index}]") from None
        if not sub_keys:
            raise Refused(Reason.ELECTION_KEY, "trustees", "at least one trustee", 0)
        return group.total(sub_keys)

    @cached_property
    def public_keys(self) -> tuple[Point, ...]:
        """The decryption key of each trustee; owner n is at n - 1."""
        keys: list[Point] = []
        for item in self.items:
            members = [item.key] if isinstance(item, Single) else item.verification_keys
            keys.extend(key.public_key for key in members)
        return tuple(keys)

    def public_key_of(self, owner: int) -> Point:
        """The key of trustee `owner`, from 1. Raises Refused(OWNER) if there is none."""
        if not 1 <= owner <= len(self.public_keys):
            raise Refused(Reason.OWNER, "owner", f"1 to {len(self.public_keys)}", owner)
        return self.public_keys[owner - 1]

    def coefficients(self, present: Sequence[int]) -> dict[int, int]:
        """For each trustee whose factor is needed, its weight in the sum of factors.

        `present` are the owners who decrypted. Single trustees weigh 1; of each group the first `threshold` present
        members weigh by Lagrange. Raises Refused(DECRYPTION_MISSING) if too few are present.
        """
        weights: dict[int, int] = {}
        first = 1
        for item in self.items:
            size = 1 if isinstance(item, Single) else len(item.verification_keys)
            needed = 1 if isinstance(item, Single) else item.threshold
            here = sorted(owner - first + 1 for owner in set(present) if first <= owner < first + size)[:needed]
            if len(here) < needed:
                wanted = f"{needed} of trustees {first} to {first + size - 1}" if size > 1 else f"trustee {first}"
                raise Refused(Reason.DECRYPTION_MISSING, "partial decryptions", wanted, f"{len(here)} of them")
            for index in here:
                weights[first + index - 1] = 1 if isinstance(item, Single) else lagrange(index, here)
            first += size
        return weights


def lagrange(index: int, present: Sequence[int]) -> int:
    """The product of k / (k - index) modulo the group order over the other present indices k."""
    result = 1
    for other in present:
        if other != index:
            result = result * other * pow(other - index, -1, ORDER) % ORDER
    return result


def combined(weights: dict[int, int], factors: dict[int, Point]) -> Point:
    """The whole decryption factor from those of the trustees, given by owner."""
    return group.total(
        factors[owner] if weight == 1 else multiply(weight, factors[owner]) for owner, weight in weights.items()
    )


def _item(index: int, pair: JSON) -> Item:
    kind, value = items(pair, 2)
    try:
        if kind == "Single":
            return Single(TrusteeKey.from_json(value))
        if kind == "Pedersen":
            return Pedersen.from_json(value)
    except Refused as refused:
        raise refused.within(f"trustees[{index}]") from None
    raise Refused(Reason.UNSUPPORTED, f"trustees[{index}]", "Single or Pedersen", kind)


def _sub_key(item: Item) -> Point:
    if isinstance(item, Pedersen):
        return item.verify()
    item.key.verify()
    return item.key.public_key
