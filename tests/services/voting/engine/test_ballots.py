"""Ballots: any change is refused, a seed rebuilds one exactly, and nothing that is not allowed can be encrypted."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.ballots import make_ballot, rebuild_ballot, verify_ballot
from commonweal.services.voting.engine.coding import decode, encode
from commonweal.services.voting.engine.credentials import (
    CredentialList,
    private_credential,
    public_credential,
    secret_of,
)
from commonweal.services.voting.engine.election import Election, Question, RankedQuestion
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import NEUTRAL, ORDER, Point, base
from commonweal.services.voting.engine.hashing import sha256_base64
from commonweal.services.voting.engine.proofs import prove_knowledge
from commonweal.services.voting.engine.randomness import SYSTEM, SeededRandomness
from commonweal.services.voting.engine.refusal import Reason, Refused

KEY = base(SYSTEM.scalar())
ELECTION = Election(
    "Poll",
    "",
    KEY,
    (
        Question("Up to two?", ("A", "B", "C"), 0, 2),
        Question("Yes?", ("Yes", "No"), 1, 1, blank=True),
        RankedQuestion("Rank", ("A", "B", "C")),
    ),
    "ABCDEFGHJKLMNP",
)
SECRET, OTHER = SYSTEM.scalar(), SYSTEM.scalar()
LISTED = CredentialList.of([base(SECRET), base(OTHER)]).weights
CHOICES = [(1, 0, 1), (0, 1, 0), (2, 3, 1)]
BALLOT = make_ballot(ELECTION, SECRET, CHOICES).content()


def refused(content: bytes, election: Election = ELECTION) -> Reason:
    with pytest.raises(Refused) as error:
        verify_ballot(election, LISTED, content)
    return error.value.reason


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every text in a JSON value."""
    if isinstance(value, dict):
        return [each for name, item in value.items() for each in paths(item, (*path, name))]
    if isinstance(value, list):
        return [each for index, item in enumerate(value) for each in paths(item, (*path, index))]
    return [path]


def changed(path: tuple[Any, ...], new: Any) -> bytes:
    value = json.loads(BALLOT)
    place = value
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = new(place[path[-1]]) if callable(new) else new
    return canonical(value)


def test_a_true_ballot_verifies_and_has_a_tracker() -> None:
    ballot = verify_ballot(ELECTION, LISTED, BALLOT)
    assert ballot.content() == BALLOT
    assert len(ballot.tracker()) == 43


@pytest.mark.parametrize("path", paths(json.loads(BALLOT)), ids=lambda path: "/".join(map(str, path)))
def test_every_single_field_is_bound(path: tuple[Any, ...]) -> None:
    """Whatever text is changed to another well-formed one, the ballot is refused."""

    def other(old: str) -> str:
        if (old.isdigit() and len(old) < 64) or path[-1] in ("challenge", "response"):
            return str((int(old) + 1) % ORDER)
        if len(old) == 64:
            return group.text(base(SYSTEM.scalar()))
        return old[:-1] + ("A" if old[-1] != "A" else "B")

    assert refused(changed(path, other)) in set(Reason)


@pytest.mark.parametrize(
    "path",
    [path for path in paths(json.loads(BALLOT)) if path[0] == "answers"],
    ids=lambda path: "/".join(map(str, path)),
)
def test_every_proof_holds_by_itself(path: tuple[Any, ...]) -> None:
    """Even a voter who signs the changed ballot anew is refused: each number and point is bound by a proof."""

    def other(old: str) -> str:
        if path[-1] in ("challenge", "response"):
            return str((int(old) + 1) % ORDER)
        return group.text(group.add(group.point(old), group.GENERATOR))

    value = json.loads(changed(path, other))
    del value["signature"]
    signed_hash = sha256_base64(canonical(value))
    proof = prove_knowledge(f"sig|{signed_hash}|", SECRET, SYSTEM)
    value["signature"] = {"hash": signed_hash, "proof": proof.as_json()}
    assert refused(canonical(value)) is Reason.BALLOT_PROOF


@pytest.mark.parametrize(
    ("path", "new", "reason"),
    [
        (("election_uuid",), "ABCDEFGHJKLMNQ", Reason.BALLOT_ELECTION),
        (("election_hash",), "A" * 43, Reason.BALLOT_FINGERPRINT),
        (("credential",), group.text(base(5)), Reason.CREDENTIAL_UNKNOWN),
        (("credential",), group.text(base(OTHER)), Reason.BALLOT_SIGNATURE),
        (("answers", 0, "choices", 0, "alpha"), "A" * 64, Reason.POINT_ENCODING),
        (("answers", 0, "choices"), [], Reason.BALLOT_SHAPE),
        (("answers", 0, "overall_proof"), [], Reason.BALLOT_SHAPE),
        (("answers",), [], Reason.BALLOT_SHAPE),
        (("signature", "proof", "response"), str(ORDER), Reason.SCALAR_ENCODING),
        (("signature", "more"), "x", Reason.MALFORMED),
        (("answers", 0, "blank_proof"), [], Reason.MALFORMED),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else "",  # keys are drawn anew each time
)
def test_named_reasons(path: tuple[Any, ...], new: Any, reason: Reason) -> None:
    assert refused(changed(path, new)) is reason


@pytest.mark.parametrize(
    "content",
    [BALLOT + b"\n", BALLOT.replace(b":", b": ", 1), b"{}", b"", b"\xff", b"[" * 100_000, b"null", b'{"a":NaN}'],
)
def test_other_spellings(content: bytes) -> None:
    assert refused(content) in {Reason.NOT_CANONICAL, Reason.MALFORMED}


def test_a_repeated_field_is_not_canonical() -> None:
    assert (
        refused(BALLOT.replace(b'{"election_uuid"', b'{"election_uuid":"x","election_uuid"', 1)) is Reason.NOT_CANONICAL
    )


def test_swapped_ciphertexts() -> None:
    value = json.loads(BALLOT)
    choices = value["answers"][0]["choices"]
    choices[0], choices[1] = choices[1], choices[0]
    assert refused(canonical(value)) is Reason.BALLOT_SIGNATURE


def test_a_ballot_of_another_election() -> None:
    other = Election(ELECTION.name, "changed after the freeze", KEY, ELECTION.questions, ELECTION.uuid)
    assert refused(BALLOT, other) is Reason.BALLOT_FINGERPRINT


class Fixed:
    """A source that begins with given numbers."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = list(numbers)

    def scalar(self) -> int:
        return self._numbers.pop(0) if self._numbers else SYSTEM.scalar()


def test_randomness_zero_would_show_the_mark() -> None:
    assert refused(make_ballot(ELECTION, SECRET, CHOICES, Fixed(0)).content()) is Reason.POINT_NEUTRAL


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=5)
def test_a_second_device_rebuilds_the_ballot_from_seed_choices_and_signature(seed: bytes) -> None:
    cast = make_ballot(ELECTION, SECRET, CHOICES, SeededRandomness(seed))
    verify_ballot(ELECTION, LISTED, cast.content())

    def rebuilt(choices: list[tuple[int, ...]], seed: bytes) -> str:
        return rebuild_ballot(ELECTION, base(SECRET), choices, SeededRandomness(seed), cast.signature).tracker()

    assert rebuilt(CHOICES, seed) == cast.tracker()
    assert rebuilt([(1, 1, 0), *CHOICES[1:]], seed) != cast.tracker()
    assert rebuilt(CHOICES, bytes(31) + b"?") != cast.tracker()


def test_the_seed_does_not_give_away_the_credential() -> None:
    """If w came from the seed, whoever is shown seed and signature had the secret: s = (w - z) / c."""
    seed = bytes(range(32))
    first, second = (make_ballot(ELECTION, SECRET, CHOICES, SeededRandomness(seed)) for _ in range(2))
    assert first.answers == second.answers
    assert first.signature != second.signature
    source = SeededRandomness(seed)
    c, z = first.signature.challenge, first.signature.response
    assert all(base((source.scalar() - z) * pow(c, -1, ORDER)) != base(SECRET) for _ in range(200))


def test_a_seed_has_32_bytes_and_a_fixed_derivation() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SeededRandomness(b"short")
    source = SeededRandomness(bytes(32))
    assert [source.scalar(), source.scalar()] == [
        int.from_bytes(hmac.digest(bytes(32), b"commonweal/ballot/v1" + bytes(7) + bytes([i]), "sha512")) % ORDER
        for i in (0, 1)
    ]


@pytest.mark.parametrize(
    "choices",
    [
        [(1, 1, 1), (0, 1, 0), (1, 2, 3)],
        [(2, 0, 0), (0, 1, 0), (1, 2, 3)],
        [(1, 0), (0, 1, 0), (1, 2, 3)],
        [(1, 0, 0), (1, 1, 0), (1, 2, 3)],
        [(1, 0, 0), (0, 0, 0), (1, 2, 3)],
        [(1, 0, 0), (0, 1, 0), (1, 2)],
        [(1, 0, 0), (0, 1, 0), (1, 2, 256)],
        [(1, 0, 0), (0, 1, 0), (1, 2, -1)],
        [(1, 0, 0)],
    ],
)
def test_what_is_not_allowed_is_not_encrypted(choices: list[tuple[int, ...]]) -> None:
    with pytest.raises(Refused) as error:
        make_ballot(ELECTION, SECRET, choices)
    assert error.value.reason is Reason.CHOICE


@given(st.lists(st.integers(0, 255), min_size=1, max_size=30))
@settings(max_examples=50)
def test_coding_round_trips_in_the_group(values: list[int]) -> None:
    point = encode(values)
    group.require_member(point)
    assert decode(point, len(values)) == tuple(values)


def test_coding_of_zeros_and_of_too_much() -> None:
    assert encode([0, 0]) == NEUTRAL
    assert decode(NEUTRAL, 2) == (0, 0)
    with pytest.raises(Refused):
        encode([0] * 31)


@pytest.mark.parametrize(
    "question",
    [
        RankedQuestion("31 options", tuple(map(str, range(31)))),
        RankedQuestion("none", ()),
        Question("none", (), 0, 0),
        Question("too many", ("A",), 0, 2),
        Question("backwards", ("A", "B"), 2, 1),
    ],
)
def test_questions_that_must_not_be_frozen(question: Question | RankedQuestion) -> None:
    with pytest.raises(Refused) as error:
        Election("Poll", "", KEY, (question,), ELECTION.uuid).check()
    assert error.value.reason is Reason.ELECTION_RULES


def test_credentials() -> None:
    codes = {private_credential() for _ in range(20)}
    assert len(codes) == 20
    for code in codes:
        assert [len(part) for part in code.split("-")] == [5, 6, 5, 6]
        assert public_credential(code, ELECTION.uuid) == base(secret_of(code, ELECTION.uuid))
        assert public_credential(code, ELECTION.uuid) != public_credential(code, "another1another1")
    for wrong in ("", "l" * 22, next(iter(codes)).replace("-", "")):
        with pytest.raises(Refused):
            secret_of(wrong, ELECTION.uuid)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (canonical([group.text(base(1)), group.text(base(1))]), Reason.CREDENTIAL_LIST),
        (canonical([f"{group.text(base(1))},2", group.text(base(2))]), Reason.CREDENTIAL_LIST),
        (canonical([f"{group.text(base(1))},-1"]), Reason.MALFORMED),
        (canonical([f"{group.text(base(1))},02"]), Reason.MALFORMED),
        (canonical([group.text(NEUTRAL)]), Reason.POINT_NEUTRAL),
        (canonical([group.text(Point(bytes(32)))]), Reason.POINT_OUTSIDE_GROUP),
    ],
)
def test_credential_lists(content: bytes, reason: Reason) -> None:
    with pytest.raises(Refused) as error:
        CredentialList.read(content)
    assert error.value.reason is reason
