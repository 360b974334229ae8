"""Verifiable shuffles: whoever drops, doubles or swaps a ballot has no proof."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import ORDER, add, base, multiply, subtract
from commonweal.services.voting.engine.proofs import Ciphertext, encrypt
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.shuffle import Shuffle, generator, make_shuffle

PRIVATE = SYSTEM.scalar()
KEY = base(PRIVATE)
BEFORE = tuple(encrypt(KEY, number, SYSTEM.scalar()) for number in range(6))


def plain(row: tuple[Ciphertext, ...]) -> list[group.Point]:
    return sorted(subtract(item.beta, multiply(PRIVATE, item.alpha)) for item in row)


def refused(shuffle: Shuffle, before: tuple[Ciphertext, ...] = BEFORE, fingerprint: str = "phi") -> Reason:
    with pytest.raises(Refused) as error:
        shuffle.verify([before], KEY, fingerprint)
    return error.value.reason


@pytest.mark.parametrize("size", [0, 1, 2, 6])
def test_a_shuffle_keeps_the_plaintexts_and_hides_which_is_which(size: int) -> None:
    before = BEFORE[:size]
    shuffle = make_shuffle([before], KEY, "phi")
    shuffle.verify([before], KEY, "phi")
    (after,) = shuffle.ciphertexts
    assert plain(after) == plain(before)
    assert not set(after) & set(before)
    assert Shuffle.read(shuffle.content()) == shuffle


def test_every_permutation_occurs() -> None:
    orders = set()
    for _ in range(60):
        (after,) = make_shuffle([BEFORE[:3]], KEY, "phi").ciphertexts
        orders.add(tuple(subtract(item.beta, multiply(PRIVATE, item.alpha)) for item in after))
    assert len(orders) == 6


def test_a_ballot_doubled_and_another_lost() -> None:
    shuffle = make_shuffle([BEFORE], KEY, "phi")
    (after,) = shuffle.ciphertexts
    secret = SYSTEM.scalar()
    copy = Ciphertext(add(after[1].alpha, base(secret)), add(after[1].beta, multiply(secret, KEY)))
    assert refused(replace(shuffle, ciphertexts=((copy, *after[1:]),))) is Reason.SHUFFLE_PROOF


def test_a_ballot_changed_before_an_honest_shuffle_of_the_changed_list() -> None:
    """The proof is about the list that it was made for, not about the one on the board."""
    changed = (encrypt(KEY, 5, SYSTEM.scalar()), *BEFORE[1:])
    assert refused(make_shuffle([changed], KEY, "phi")) is Reason.SHUFFLE_PROOF


def test_another_election_or_length() -> None:
    shuffle = make_shuffle([BEFORE], KEY, "phi")
    assert refused(shuffle, fingerprint="psi") is Reason.SHUFFLE_PROOF
    assert refused(shuffle, BEFORE[:5]) is Reason.SHUFFLE_PROOF
    assert refused(make_shuffle([BEFORE, BEFORE], KEY, "phi")) is Reason.SHUFFLE_PROOF


def test_every_number_of_the_proof_counts() -> None:
    shuffle = make_shuffle([BEFORE[:2]], KEY, "phi")

    def places(value: object, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
        if isinstance(value, list):
            return [place for index, item in enumerate(value) for place in places(item, (*path, index))]
        return [path]

    for path in places(shuffle.proofs[0].as_json()):
        value = json.loads(shuffle.content())
        inner = value["proofs"][0]
        for step in path[:-1]:
            inner = inner[step]
        old = inner[path[-1]]
        is_response = path[0] == 1
        inner[path[-1]] = str((int(old) + 1) % ORDER) if is_response else group.text(base(SYSTEM.scalar()))
        assert refused(Shuffle.read(canonical(value)), BEFORE[:2]) is Reason.SHUFFLE_PROOF, path


def test_generators_are_members_and_differ() -> None:
    points = {generator(index) for index in range(-1, 30)}
    assert len(points) == 31
    assert group.GENERATOR not in points
    for point in points:
        group.require_member(point)
