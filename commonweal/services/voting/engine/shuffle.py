"""Verifiable shuffles: ciphertexts re-encrypted and permuted, with a proof that nothing was lost or changed (guide 3.7;
specification, section "Shuffle algorithms", which is CHVote 1.3.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.encoding import JSON, canonical, fields, items, read
from commonweal.services.voting.engine.group import ORDER, Point, add, base, multiply, subtract
from commonweal.services.voting.engine.hashing import challenge
from commonweal.services.voting.engine.proofs import Ciphertext
from commonweal.services.voting.engine.randomness import SYSTEM, Randomness
from commonweal.services.voting.engine.refusal import Reason, Refused


@dataclass(frozen=True)
class ShuffleProof:
    """Commitments t1, t2, t3, t41, t42 and t^, responses s1 to s4, s^ and s', the permutation's commitments c and the
    chained ones c^, named as in CHVote.
    """

    t: tuple[Point, Point, Point, Point, Point]
    t_hat: tuple[Point, ...]
    s: tuple[int, int, int, int]
    s_hat: tuple[int, ...]
    s_prime: tuple[int, ...]
    c: tuple[Point, ...]
    c_hat: tuple[Point, ...]

    @classmethod
    def from_json(cls, value: JSON) -> ShuffleProof:
        """Every point checked. Raises Refused."""
        commitments, responses, c, c_hat = items(value, 4)
        t1, t2, t3, t4, t_hat = items(commitments, 5)
        t41, t42 = items(t4, 2)
        s1, s2, s3, s4, s_hat, s_prime = items(responses, 6)
        return cls(
            t=(group.point(t1), group.point(t2), group.point(t3), group.point(t41), group.point(t42)),
            t_hat=tuple(group.point(item) for item in items(t_hat)),
            s=(group.scalar(s1), group.scalar(s2), group.scalar(s3), group.scalar(s4)),
            s_hat=tuple(group.scalar(item) for item in items(s_hat)),
            s_prime=tuple(group.scalar(item) for item in items(s_prime)),
            c=tuple(group.point(item) for item in items(c)),
            c_hat=tuple(group.point(item) for item in items(c_hat)),
        )

    def as_json(self) -> JSON:
        """The nested lists of the record."""
        t1, t2, t3, t41, t42 = _texts(self.t)
        commitments = [t1, t2, t3, [t41, t42], _texts(self.t_hat)]
        responses = [*_decimals(self.s), _decimals(self.s_hat), _decimals(self.s_prime)]
        return [commitments, responses, _texts(self.c), _texts(self.c_hat)]


@dataclass(frozen=True)
class Shuffle:
    """One trustee's shuffle: new ciphertexts and a proof for each ranked question."""

    ciphertexts: tuple[tuple[Ciphertext, ...], ...]
    proofs: tuple[ShuffleProof, ...]

    @classmethod
    def from_json(cls, value: JSON) -> Shuffle:
        """Every point checked. Raises Refused."""
        value = fields(value, ("ciphertexts", "proofs"))
        rows = items(value["ciphertexts"])
        return cls(
            tuple(tuple(Ciphertext.from_json(item) for item in items(row)) for row in rows),
            tuple(ShuffleProof.from_json(item) for item in items(value["proofs"], len(rows))),
        )

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {
            "ciphertexts": [[ciphertext.as_json() for ciphertext in row] for row in self.ciphertexts],
            "proofs": [proof.as_json() for proof in self.proofs],
        }

    @classmethod
    def read(cls, content: bytes) -> Shuffle:
        """The shuffle of these canonical bytes. Raises Refused."""
        return read(cls.from_json, content)

    def content(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.as_json())

    def verify(self, before: Sequence[tuple[Ciphertext, ...]], public_key: Point, fingerprint: str) -> None:
        """Raises Refused(SHUFFLE_PROOF) unless this permutes and re-encrypts exactly the ciphertexts before it."""
        if len(self.ciphertexts) != len(before):
            raise Refused(Reason.SHUFFLE_PROOF, "questions", len(before), len(self.ciphertexts))
        for index, (old, new, proof) in enumerate(zip(before, self.ciphertexts, self.proofs, strict=True)):
            lengths = {len(row) for row in (new, proof.t_hat, proof.s_hat, proof.s_prime, proof.c, proof.c_hat)}
            where = f"ranked question {index}"
            if lengths != {len(old)}:
                raise Refused(Reason.SHUFFLE_PROOF, where, f"{len(old)} of each", sorted(lengths))
            if not _proves(proof, _Statement(old, new, public_key, fingerprint)):
                raise Refused(Reason.SHUFFLE_PROOF, where, "a true proof", "a false one")


def make_shuffle(
    before: Sequence[tuple[Ciphertext, ...]], public_key: Point, fingerprint: str, randomness: Randomness = SYSTEM
) -> Shuffle:
    """A fresh shuffle of the ciphertexts of each ranked question. The permutation is forgotten on return."""
    rows, proofs = [], []
    for old in before:
        permutation = _permutation(len(old), randomness)
        secrets = [randomness.scalar() for _ in old]
        encrypted = [_again(item, public_key, secret) for item, secret in zip(old, secrets, strict=True)]
        new = tuple(encrypted[j] for j in permutation)
        rows.append(new)
        proofs.append(_prove(_Statement(old, new, public_key, fingerprint), secrets, permutation, randomness))
    return Shuffle(tuple(rows), tuple(proofs))


def _permutation(size: int, randomness: Randomness) -> list[int]:
    """Uniform to within 2**-230 (Fisher and Yates)."""
    left = list(range(size))
    for i in range(size):
        k = i + randomness.scalar() % (size - i)
        left[i], left[k] = left[k], left[i]
    return left


def _again(ciphertext: Ciphertext, public_key: Point, secret: int) -> Ciphertext:
    return Ciphertext(add(ciphertext.alpha, base(secret)), add(ciphertext.beta, multiply(secret, public_key)))


@dataclass(frozen=True)
class _Statement:
    """That `new` is a permutation of re-encryptions of `old`."""

    old: Sequence[Ciphertext]
    new: Sequence[Ciphertext]
    public_key: Point
    fingerprint: str

    def words(self, c: Iterable[Point]) -> str:
        """The statement and the commitments to the permutation, as they are hashed."""
        return "".join(f"{item.text()}," for item in (*self.old, *self.new)) + _joined(c)

    def exponents(self, words: str) -> list[int]:
        """GetNIZPKChallenges: the u_i."""
        start = _hex(f"shuffle-challenges|{self.fingerprint}|{words}")
        return [challenge(start + _hex(str(index))) for index in range(len(self.old))]

    def challenge(self, words: str, t: Iterable[Point], t_hat: Iterable[Point], c_hat: Iterable[Point]) -> int:
        """GetNIZKPChallenge: k."""
        whole = _joined(t) + _joined(t_hat) + words + _joined(c_hat) + group.text(self.public_key)
        return challenge(f"shuffle-challenge|{self.fingerprint}|{whole}")


def _prove(
    statement: _Statement, secrets: Sequence[int], permutation: Sequence[int], randomness: Randomness
) -> ShuffleProof:
    """GenShuffleProof: with j = permutation[i], `new[i]` is `old[j]` re-encrypted with `secrets[j]`."""
    size = len(permutation)
    alphas, betas = [item.alpha for item in statement.new], [item.beta for item in statement.new]
    generators = _generators(size)
    r, c = [0] * size, [group.NEUTRAL] * size
    for i, j in enumerate(permutation):
        r[j] = randomness.scalar()
        c[j] = add(base(r[j]), generators[i])
    words = statement.words(c)
    u = statement.exponents(words)
    u_prime = [u[j] for j in permutation]
    r_hat, chain = [], [generator(-1)]
    for exponent in u_prime:
        r_hat.append(randomness.scalar())
        chain.append(add(base(r_hat[-1]), multiply(exponent, chain[-1])))
    w = [randomness.scalar() for _ in range(4)]
    w_hat = [randomness.scalar() for _ in range(size)]
    w_prime = [randomness.scalar() for _ in range(size)]
    t = (
        base(w[0]),
        base(w[1]),
        add(base(w[2]), _product(w_prime, generators)),
        subtract(_product(w_prime, betas), multiply(w[3], statement.public_key)),
        subtract(_product(w_prime, alphas), base(w[3])),
    )
    t_hat = tuple(add(base(w_hat[i]), multiply(w_prime[i], chain[i])) for i in range(size))
    k = statement.challenge(words, t, t_hat, chain[1:])
    r_chained, tail = 0, 1
    for i in reversed(range(size)):
        r_chained += r_hat[i] * tail
        tail = tail * u_prime[i] % ORDER
    known = (sum(r), r_chained, _inner(r, u), _inner(secrets, u))
    s1, s2, s3, s4 = ((nonce + k * secret) % ORDER for nonce, secret in zip(w, known, strict=True))
    return ShuffleProof(
        t=t,
        t_hat=t_hat,
        s=(s1, s2, s3, s4),
        s_hat=tuple((w_hat[i] + k * r_hat[i]) % ORDER for i in range(size)),
        s_prime=tuple((w_prime[i] + k * u_prime[i]) % ORDER for i in range(size)),
        c=tuple(c),
        c_hat=tuple(chain[1:]),
    )


def _proves(proof: ShuffleProof, statement: _Statement) -> bool:
    """CheckShuffleProof; all lengths must agree."""
    words = statement.words(proof.c)
    u = statement.exponents(words)
    k = statement.challenge(words, proof.t, proof.t_hat, proof.c_hat)
    return all(claimed == computed for claimed, computed in _commitments(proof, statement, u, k))


def _commitments(proof: ShuffleProof, statement: _Statement, u: list[int], k: int) -> Iterator[tuple[Point, Point]]:
    """Each commitment of the proof beside the value that it must have, dearest last."""
    old, new, key = statement.old, statement.new, statement.public_key
    h, generators = generator(-1), _generators(len(u))
    chain = (h, *proof.c_hat)
    s1, s2, s3, s4 = proof.s
    t1, t2, t3, t41, t42 = proof.t
    product = 1
    for exponent in u:
        product = product * exponent % ORDER
    yield t1, subtract(base(s1), multiply(k, subtract(group.total(proof.c), group.total(generators))))
    yield t2, subtract(base(s2), multiply(k, subtract(chain[-1], multiply(product, h))))
    yield t3, subtract(add(base(s3), _product(proof.s_prime, generators)), multiply(k, _product(u, proof.c)))
    after, before = _product(proof.s_prime, [item.beta for item in new]), _product(u, [item.beta for item in old])
    yield t41, subtract(subtract(after, multiply(s4, key)), multiply(k, before))
    after, before = _product(proof.s_prime, [item.alpha for item in new]), _product(u, [item.alpha for item in old])
    yield t42, subtract(subtract(after, base(s4)), multiply(k, before))
    for i, claimed in enumerate(proof.t_hat):
        link = add(base(proof.s_hat[i]), multiply(proof.s_prime[i], chain[i]))
        yield claimed, subtract(link, multiply(k, chain[i + 1]))


def _product(scalars: Iterable[int], points: Sequence[Point]) -> Point:
    return group.total(multiply(scalar, point) for scalar, point in zip(scalars, points, strict=True))


def _inner(first: Sequence[int], second: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(first, second, strict=True)) % ORDER


def _texts(points: Iterable[Point]) -> list[str]:
    return [group.text(point) for point in points]


def _decimals(numbers: Iterable[int]) -> list[str]:
    return [str(number) for number in numbers]


def _joined(points: Iterable[Point]) -> str:
    """[[points]]: a comma after each, the last too."""
    return "".join(f"{group.text(point)}," for point in points)


def _hex(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _generators(size: int) -> list[Point]:
    return [generator(index) for index in range(size)]


@lru_cache(maxsize=1 << 17)
def generator(index: int) -> Point:
    """An independent generator that nobody knows the logarithm of (GetGenerator for Ed25519)."""
    x = int.from_bytes(hashlib.sha256(f"ggen|{index}".encode()).digest(), "big") >> 2
    point = Point(x.to_bytes(32, "little"))
    while not group.is_on_curve(point):
        x += 1
        point = Point(x.to_bytes(32, "little"))
    for _ in range(3):
        point = add(point, point)
    return point
