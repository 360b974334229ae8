"""Encodings and arithmetic of the group: what is not one canonical member of it is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.group import FIELD, GENERATOR, NEUTRAL, ORDER, Point
from commonweal.services.voting.engine.refusal import Reason, Refused

scalars = st.integers(0, ORDER - 1)
ORDER_8 = Point(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))
ORDER_2 = Point((FIELD - 1).to_bytes(32, "little"))
ORDER_4 = Point(bytes(32))


def reason(encoded: object) -> Reason:
    with pytest.raises(Refused) as refused:
        group.point(encoded)
    return refused.value.reason


def test_the_generator_is_the_standard_one() -> None:
    assert group.text(GENERATOR) == "66" * 31 + "58"


@given(scalars, scalars)
def test_arithmetic_is_that_of_the_exponents(a: int, b: int) -> None:
    assert group.add(group.base(a), group.base(b)) == group.base(a + b)
    assert group.subtract(group.base(a), group.base(b)) == group.base(a - b)
    assert group.multiply(a, group.base(b)) == group.base(a * b)
    assert group.total([group.base(a), group.base(b), group.base(-a)]) == group.base(b)


def test_the_neutral_element_and_zero_are_answered() -> None:
    assert group.base(0) == group.base(ORDER) == NEUTRAL
    assert group.multiply(5, NEUTRAL) == group.multiply(0, GENERATOR) == NEUTRAL
    assert group.add(NEUTRAL, GENERATOR) == GENERATOR
    assert group.subtract(GENERATOR, GENERATOR) == NEUTRAL
    assert group.total([]) == NEUTRAL
    assert group.point(group.text(NEUTRAL)) == NEUTRAL


@given(scalars)
def test_text_is_one_to_one(scalar: int) -> None:
    point = group.base(scalar)
    encoded = group.text(point)
    assert (len(encoded), encoded) == (64, encoded.lower())
    assert group.point(encoded) == point


@pytest.mark.parametrize(
    "encoded", ["", "00", "0" * 63, "0" * 65, "G" * 64, "A" * 64, " " * 64, "٣" * 64, 5, None, ["0" * 64]]
)
def test_text_that_is_no_point(encoded: object) -> None:
    assert reason(encoded) is Reason.POINT_ENCODING


@pytest.mark.parametrize("point", [ORDER_2, ORDER_4, ORDER_8, group.add(GENERATOR, ORDER_8)])
def test_points_outside_the_prime_order_group(point: Point) -> None:
    assert reason(group.text(point)) is Reason.POINT_OUTSIDE_GROUP
    for scalar in (0, 1, 8):
        with pytest.raises(Refused) as refused:
            group.multiply(scalar, point)
        assert refused.value.reason is Reason.POINT_OUTSIDE_GROUP


@pytest.mark.parametrize("y", [FIELD, FIELD + 1, 2**255 - 1])
def test_points_with_a_second_spelling(y: int) -> None:
    point = Point(y.to_bytes(32, "little"))
    assert reason(group.text(point)) is Reason.POINT_NOT_CANONICAL
    with pytest.raises(Refused) as refused:
        group.multiply(7, point)
    assert refused.value.reason is Reason.POINT_NOT_CANONICAL


def test_points_off_the_curve() -> None:
    point = Point((2).to_bytes(32, "little"))
    assert reason(group.text(point)) is Reason.POINT_OFF_CURVE
    for work in (lambda: group.add(point, GENERATOR), lambda: group.subtract(GENERATOR, point)):
        with pytest.raises(Refused) as refused:
            work()
        assert refused.value.reason is Reason.POINT_OFF_CURVE


def test_a_key_is_not_neutral() -> None:
    with pytest.raises(Refused) as refused:
        group.key_point(group.text(NEUTRAL))
    assert refused.value.reason is Reason.POINT_NEUTRAL


@pytest.mark.parametrize(
    "encoded", ["", "-1", "+1", "01", "00", "1.0", "1e3", " 1", "٣", "0x1", str(ORDER), str(2**256), "9" * 80, 1, None]
)
def test_scalars_have_one_spelling(encoded: object) -> None:
    with pytest.raises(Refused) as refused:
        group.scalar(encoded)
    assert refused.value.reason is Reason.SCALAR_ENCODING


@given(scalars)
def test_scalars_round_trip(scalar: int) -> None:
    assert group.scalar(str(scalar)) == scalar
    assert group.scalar(str(ORDER - 1)) == ORDER - 1
