"""The prime-order group of Ed25519 (specification, section "Ed25519"; guide 3.1).

A point is its usual 32-byte little-endian encoding; all arithmetic is libsodium's. libsodium refuses the neutral
element and zero scalars although the protocol meets both rightly (an election without ballots has a neutral tally), so
they are answered here. Every multiplication also checks that its point is canonical and in the prime-order group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NewType

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_core_ed25519_sub,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)
from nacl.exceptions import RuntimeError as SodiumError

from commonweal.services.voting.engine.refusal import Reason, Refused

Point = NewType("Point", bytes)

NAME = "Ed25519"
ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD = 2**255 - 19
NEUTRAL = Point((1).to_bytes(32, "little"))

_POINT_TEXT = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SCALAR_TEXT = re.compile(r"0|[1-9][0-9]{0,75}", re.ASCII)


def base(scalar: int) -> Point:
    """scalar * G; the scalar may be any integer and is taken modulo the group order."""
    scalar %= ORDER
    if not scalar:
        return NEUTRAL
    return Point(crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little")))


GENERATOR = base(1)


def multiply(scalar: int, point: Point) -> Point:
    """scalar * point. Raises Refused, naming why, if the point is not a canonical member of the prime-order group."""
    scalar %= ORDER
    if point == NEUTRAL:
        return NEUTRAL
    if not scalar:
        require_member(point)
        return NEUTRAL
    try:
        return Point(crypto_scalarmult_ed25519_noclamp(scalar.to_bytes(32, "little"), point))
    except SodiumError:
        require_member(point)
        raise


def add(first: Point, second: Point) -> Point:
    """first + second. Both must be known members: the sum alone checks only that they lie on the curve."""
    try:
        return Point(crypto_core_ed25519_add(first, second))
    except SodiumError:
        _require_members(first, second)
        raise


def subtract(first: Point, second: Point) -> Point:
    """first - second; the same duty as `add`."""
    try:
        return Point(crypto_core_ed25519_sub(first, second))
    except SodiumError:
        _require_members(first, second)
        raise


def _require_members(*points: Point) -> None:
    for point in points:
        require_member(point)


def total(points: Iterable[Point]) -> Point:
    """The sum of the points, the neutral element if there are none."""
    result = NEUTRAL
    for point in points:
        result = point if result is NEUTRAL else add(result, point)
    return result


@lru_cache(maxsize=1024)
def small_multiple(number: int) -> Point:
    """number * G for the few plaintexts that proofs name again and again."""
    return base(number)


def is_member(point: Point) -> bool:
    """Whether the bytes are the canonical encoding of a member of the prime-order group, the neutral one included."""
    return point == NEUTRAL or crypto_core_ed25519_is_valid_point(point)


def require_member(point: Point) -> None:
    """Raises Refused, naming whether encoding, curve or subgroup is wrong."""
    if is_member(point):
        return
    y = int.from_bytes(point, "little") & (2**255 - 1)
    if y >= FIELD:
        raise Refused(Reason.POINT_NOT_CANONICAL, "", f"a coordinate below {FIELD}", y)
    if not is_on_curve(point):
        raise Refused(Reason.POINT_OFF_CURVE, "", "a point of Ed25519", text(point))
    raise Refused(Reason.POINT_OUTSIDE_GROUP, "", "a member of the prime-order group", text(point))


def is_on_curve(point: Point) -> bool:
    """Whether libsodium can decompress the bytes; says nothing about the subgroup."""
    try:
        crypto_core_ed25519_add(point, NEUTRAL)
    except SodiumError:
        return False
    return True


def text(point: Point) -> str:
    """The encoding in records and hashes: 64 lower-case hexadecimal digits, most significant byte first."""
    return point[::-1].hex()


def read_point(encoded: object) -> Point:
    """The bytes of a point's text, membership not yet checked: for points that are multiplied right away."""
    if not isinstance(encoded, str) or not _POINT_TEXT.fullmatch(encoded):
        raise Refused(Reason.POINT_ENCODING, "", "64 lower-case hexadecimal digits", encoded)
    return Point(bytes.fromhex(encoded)[::-1])


def point(encoded: object) -> Point:
    """The member of the group with this text. Raises Refused with the reason."""
    result = read_point(encoded)
    require_member(result)
    return result


def key_point(encoded: object) -> Point:
    """A member that serves as a key or commitment and so must not be the neutral element."""
    result = point(encoded)
    if result == NEUTRAL:
        raise Refused(Reason.POINT_NEUTRAL, "", "a point other than the neutral element", encoded)
    return result


def scalar(encoded: object) -> int:
    """The number below the group order with this decimal text, no leading zero. Raises Refused."""
    if not isinstance(encoded, str) or not _SCALAR_TEXT.fullmatch(encoded):
        raise Refused(Reason.SCALAR_ENCODING, "", "a decimal string without leading zero", encoded)
    value = int(encoded)
    if value >= ORDER:
        raise Refused(Reason.SCALAR_ENCODING, "", f"a number below {ORDER}", encoded)
    return value
