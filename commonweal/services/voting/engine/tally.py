"""The encrypted tally: sums of ballots, and the single ciphertexts of ranked questions (guide 3.5; specification,
section "Encrypted tally").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.ballots import Ballot, RankedAnswer
from commonweal.services.voting.engine.election import Election, RankedQuestion
from commonweal.services.voting.engine.encoding import (
    JSON,
    amount,
    amount_json,
    canonical,
    fields,
    items,
    number,
    string,
)
from commonweal.services.voting.engine.group import NEUTRAL, add, multiply
from commonweal.services.voting.engine.hashing import sha256_hex
from commonweal.services.voting.engine.proofs import Ciphertext
from commonweal.services.voting.engine.refusal import Reason, Refused


@dataclass(frozen=True)
class EncryptedTally:
    """Ciphertexts by question: for each choice the sum, or for a ranked question one for each counted ballot."""

    questions: tuple[tuple[Ciphertext, ...], ...]

    @classmethod
    def from_json(cls, value: JSON) -> EncryptedTally:
        """Every point checked. Raises Refused."""
        return cls(tuple(tuple(Ciphertext.from_json(item) for item in items(row)) for row in items(value)))

    def as_json(self) -> JSON:
        """The array of arrays of the record."""
        return [[ciphertext.as_json() for ciphertext in row] for row in self.questions]

    def content(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.as_json())

    def of(self, indices: Sequence[int]) -> tuple[tuple[Ciphertext, ...], ...]:
        """The ciphertexts of some questions: those that are shuffled."""
        return tuple(self.questions[index] for index in indices)

    def replaced(self, indices: Sequence[int], shuffled: Sequence[tuple[Ciphertext, ...]]) -> EncryptedTally:
        """The tally with the ciphertexts of these questions exchanged for shuffled ones."""
        rows = list(self.questions)
        for index, row in zip(indices, shuffled, strict=True):
            rows[index] = row
        return EncryptedTally(tuple(rows))


@dataclass(frozen=True)
class SizedTally:
    """How many ballots with how much weight were counted, and the hash of the encrypted tally."""

    counted: int
    total_weight: int
    encrypted_tally: str

    @classmethod
    def from_json(cls, value: JSON) -> SizedTally:
        """Raises Refused(MALFORMED)."""
        value = fields(value, ("num_tallied", "total_weight", "encrypted_tally"))
        return cls(number(value["num_tallied"]), amount(value["total_weight"]), string(value["encrypted_tally"]))

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {
            "num_tallied": self.counted,
            "total_weight": amount_json(self.total_weight),
            "encrypted_tally": self.encrypted_tally,
        }


class Accumulator:
    """Adds up verified ballots: constant memory for homomorphic questions, 64 bytes a ballot for ranked ones.

    Only the last ballot of each credential may be added. Partial accumulators merge, so that many can work at once.
    """

    def __init__(self, election: Election) -> None:
        self._election = election
        self.counted = 0
        self.total_weight = 0
        self._rows: list[list[Ciphertext]] = [
            [] if isinstance(question, RankedQuestion) else [Ciphertext(NEUTRAL, NEUTRAL)] * question.choices
            for question in election.questions
        ]

    def add(self, ballot: Ballot, weight: int = 1) -> None:
        """Counts one ballot. Raises Refused(TALLY_COUNT) for a weight other than 1 on a ranked question."""
        self.counted += 1
        self.total_weight += weight
        for row, answer in zip(self._rows, ballot.answers, strict=True):
            if isinstance(answer, RankedAnswer):
                if weight != 1:
                    raise Refused(Reason.TALLY_COUNT, "ranked question", "ballots of weight 1", weight)
                row.append(answer.choices)
            else:
                row[:] = [_plus(now, _times(weight, new)) for now, new in zip(row, answer.choices, strict=True)]

    def merge(self, other: Accumulator) -> None:
        """Takes in what another accumulator of the same election counted."""
        self.counted += other.counted
        self.total_weight += other.total_weight
        for question, row, new in zip(self._election.questions, self._rows, other._rows, strict=True):
            if isinstance(question, RankedQuestion):
                row.extend(new)
            else:
                row[:] = [_plus(first, second) for first, second in zip(row, new, strict=True)]

    def tally(self) -> EncryptedTally:
        """The encrypted tally; ciphertexts of ranked questions sorted by alpha, then beta, as little-endian bytes."""
        return EncryptedTally(
            tuple(
                tuple(sorted(row, key=_sort_key)) if isinstance(question, RankedQuestion) else tuple(row)
                for question, row in zip(self._election.questions, self._rows, strict=True)
            )
        )

    def sized(self, tally: EncryptedTally) -> SizedTally:
        """The numbers that the record states beside the tally."""
        return SizedTally(self.counted, self.total_weight, sha256_hex(tally.content()))


def _plus(first: Ciphertext, second: Ciphertext) -> Ciphertext:
    return Ciphertext(_sum(first.alpha, second.alpha), _sum(first.beta, second.beta))


def _sum(first: group.Point, second: group.Point) -> group.Point:
    return second if first == NEUTRAL else add(first, second)


def _times(weight: int, ciphertext: Ciphertext) -> Ciphertext:
    if weight == 1:
        return ciphertext
    return Ciphertext(multiply(weight, ciphertext.alpha), multiply(weight, ciphertext.beta))


def _sort_key(ciphertext: Ciphertext) -> bytes:
    return ciphertext.alpha + ciphertext.beta
