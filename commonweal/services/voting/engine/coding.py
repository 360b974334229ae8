"""How a ranked answer becomes one point and back (guide 3.7; specification, section "Ed25519", of_ints and to_ints)."""

from __future__ import annotations

from collections.abc import Sequence

from commonweal.services.voting.engine.group import Point, is_member
from commonweal.services.voting.engine.refusal import Reason, Refused

PADDING_BITS = 14
LARGEST_VALUE = 255
MOST_VALUES = 30


def encode(values: Sequence[int]) -> Point:
    """The point whose encoding is the big-endian base-256 number, shifted by 14 bits, plus the least that lies in the
    group. Raises Refused(CHOICE) for more than 30 values or one outside 0..255.
    """
    if len(values) > MOST_VALUES:
        raise Refused(Reason.CHOICE, "ranked answer", f"at most {MOST_VALUES} values", len(values))
    for value in values:
        if not 0 <= value <= LARGEST_VALUE:
            raise Refused(Reason.CHOICE, "ranked answer", f"values from 0 to {LARGEST_VALUE}", value)
    code = int.from_bytes(bytes(values), "big") << PADDING_BITS
    for candidate in range(code, code + 2**PADDING_BITS):
        point = Point(candidate.to_bytes(32, "little"))
        if is_member(point):
            return point
    raise Refused(Reason.CHOICE, "ranked answer", "a point within 2**14 tries", "none")  # chance below 2**-1500


def decode(point: Point, count: int) -> tuple[int, ...]:
    """The `count` values coded in a point: its lowest bytes above the padding.

    Every point decodes to something, since nobody proves that a cast point was coded: counting methods must treat
    values that are no ranking as such.
    """
    code = int.from_bytes(point, "little") >> PADDING_BITS
    return tuple((code & (256**count - 1)).to_bytes(count, "big"))
