"""Partial decryptions by trustees and the result they add up to (guide 3.5; specification, sections "Partial
decryptions" and "Election result").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commonweal.services.voting.engine import coding, group
from commonweal.services.voting.engine.election import Election, RankedQuestion
from commonweal.services.voting.engine.encoding import JSON, amount, amount_json, canonical, fields, items, number, read
from commonweal.services.voting.engine.group import NEUTRAL, Point, add, base, multiply, subtract
from commonweal.services.voting.engine.proofs import Proof, decrypts, prove_decryption
from commonweal.services.voting.engine.randomness import SYSTEM, Randomness
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.engine.tally import EncryptedTally
from commonweal.services.voting.engine.trustees import Trustees, combined


@dataclass(frozen=True)
class PartialDecryption:
    """One trustee's factor for each ciphertext of the tally, each with its proof, by question."""

    factors: tuple[tuple[Point, ...], ...]
    proofs: tuple[tuple[Proof, ...], ...]

    @classmethod
    def from_json(cls, value: JSON) -> PartialDecryption:
        """Every factor checked to be a member of the group. Raises Refused."""
        value = fields(value, ("decryption_factors", "decryption_proofs"))
        return cls(
            tuple(tuple(group.point(item) for item in items(row)) for row in items(value["decryption_factors"])),
            tuple(tuple(Proof.from_json(item) for item in items(row)) for row in items(value["decryption_proofs"])),
        )

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {
            "decryption_factors": [[group.text(factor) for factor in row] for row in self.factors],
            "decryption_proofs": [[proof.as_json() for proof in row] for row in self.proofs],
        }

    @classmethod
    def read(cls, content: bytes) -> PartialDecryption:
        """The decryption of these canonical bytes. Raises Refused."""
        return read(cls.from_json, content)

    def content(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.as_json())

    def verify(self, tally: EncryptedTally, fingerprint: str, public_key: Point) -> None:
        """Raises Refused unless every factor is proved to be made with the key behind public_key."""
        shape = [len(row) for row in tally.questions]
        for rows in (self.factors, self.proofs):
            if [len(row) for row in rows] != shape:
                raise Refused(Reason.DECRYPTION_SHAPE, "factors and proofs", shape, [len(row) for row in rows])
        for question, row in enumerate(tally.questions):
            for index, ciphertext in enumerate(row):
                factor, proof = self.factors[question][index], self.proofs[question][index]
                if not decrypts(fingerprint, public_key, ciphertext.alpha, factor, proof):
                    where = f"question {question}, ciphertext {index}"
                    raise Refused(Reason.DECRYPTION_PROOF, where, "a proof of the factor", "a false proof")


def decrypt_partially(
    tally: EncryptedTally, fingerprint: str, private_key: int, randomness: Randomness = SYSTEM
) -> PartialDecryption:
    """A trustee's factors and proofs for the (shuffled) tally. Draws w for each ciphertext."""
    public_key = base(private_key)
    factors, proofs = [], []
    for row in tally.questions:
        factors.append(tuple(multiply(private_key, ciphertext.alpha) for ciphertext in row))
        proofs.append(
            tuple(
                prove_decryption(fingerprint, private_key, public_key, ciphertext.alpha, randomness)
                for ciphertext in row
            )
        )
    return PartialDecryption(tuple(factors), tuple(proofs))


@dataclass(frozen=True)
class Result:
    """For each question the count of each choice (blank first), or the vector of each ranked ballot."""

    questions: tuple[tuple[int, ...] | tuple[tuple[int, ...], ...], ...]

    def as_json(self) -> JSON:
        """Counts as amounts, ranked values as numbers."""
        return {
            "result": [
                [list(item) if isinstance(item, tuple) else amount_json(item) for item in row] for row in self.questions
            ]
        }

    @classmethod
    def from_json(cls, value: JSON) -> Result:
        """Raises Refused(MALFORMED)."""
        rows = items(fields(value, ("result",))["result"])
        return cls(tuple(_result_row(items(row)) for row in rows))

    @classmethod
    def read(cls, content: bytes) -> Result:
        """The result of these canonical bytes. Raises Refused."""
        return read(cls.from_json, content)

    def content(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.as_json())


def _result_row(row: list[JSON]) -> tuple[int, ...] | tuple[tuple[int, ...], ...]:
    if row and isinstance(row[0], list):
        return tuple(tuple(number(item) for item in items(vector)) for vector in row)
    return tuple(amount(item) for item in row)


def plaintexts(
    tally: EncryptedTally, trustees: Trustees, decryptions: Mapping[int, PartialDecryption]
) -> tuple[tuple[Point, ...], ...]:
    """What the verified partial decryptions (by owner) leave of each ciphertext: m * G, or a coded point.

    Raises Refused(DECRYPTION_MISSING) if too few trustees took part.
    """
    weights = trustees.coefficients(list(decryptions))
    return tuple(
        tuple(
            subtract(ciphertext.beta, combined(weights, {o: decryptions[o].factors[question][i] for o in weights}))
            for i, ciphertext in enumerate(row)
        )
        for question, row in enumerate(tally.questions)
    )


def compute_result(election: Election, points: Sequence[Sequence[Point]], total_weight: int) -> Result:
    """The result in the `plaintexts` of a tally.

    Takes about 2 * sqrt(total_weight) additions, and as many again for each count. Raises Refused(RESULT) for a count
    beyond the total weight.
    """
    logarithms = Logarithms(total_weight)
    return Result(
        tuple(
            tuple(coding.decode(point, len(question.answers)) for point in row)
            if isinstance(question, RankedQuestion)
            else tuple(logarithms.of(point) for point in row)
            for question, row in zip(election.questions, points, strict=True)
        )
    )


def verify_result(election: Election, result: Result, points: Sequence[Sequence[Point]], total_weight: int) -> None:
    """Raises Refused(RESULT) unless the result is exactly what the `plaintexts` of the tally are."""
    if [len(row) for row in result.questions] != [len(row) for row in points]:
        shape = [len(row) for row in points]
        raise Refused(Reason.RESULT, "result", shape, [len(row) for row in result.questions])
    for index, (question, row, left) in enumerate(zip(election.questions, result.questions, points, strict=True)):
        for choice, (claimed, point) in enumerate(zip(row, left, strict=True)):
            where = f"question {index}, item {choice}"
            if isinstance(question, RankedQuestion):
                decoded = coding.decode(point, len(question.answers))
                if claimed != decoded:
                    raise Refused(Reason.RESULT, where, decoded, claimed)
            elif not isinstance(claimed, int) or not 0 <= claimed <= total_weight or base(claimed) != point:
                raise Refused(Reason.RESULT, where, "the number that the decryptions leave", claimed)


class Logarithms:
    """Finds m in m * G for m from 0 to a bound: baby steps in a table, then giant steps (Shanks)."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._step = math.isqrt(bound) + 1
        self._table: dict[Point, int] = {}
        point = NEUTRAL
        for logarithm in range(min(self._step, bound + 1)):
            self._table[point] = logarithm
            point = add(point, group.GENERATOR)
        self._giant = base(self._step)

    def of(self, point: Point) -> int:
        """The logarithm. Raises Refused(RESULT) if it is beyond the bound."""
        left = point
        for giant in range(self._step + 1):
            if left in self._table:
                found = giant * self._step + self._table[left]
                if found <= self._bound:
                    return found
                break
            left = subtract(left, self._giant)
        raise Refused(Reason.RESULT, "count", f"a number up to {self._bound}", "a larger one")
