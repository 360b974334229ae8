"""The zero-knowledge proofs of the protocol (guide 3.4; specification, sections "Verification keys", "Proofs of
interval membership", "Proofs of possibly-blank votes", "Partial decryptions", "Signatures").

A proof is a challenge c and a response z = w - c * secret mod q. The verifier recomputes each commitment as
z * base + c * image and hashes it; there is nothing to batch, and nothing that is not recomputed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.encoding import JSON, fields
from commonweal.services.voting.engine.group import ORDER, Point, add, base, multiply
from commonweal.services.voting.engine.hashing import challenge
from commonweal.services.voting.engine.randomness import Randomness


@dataclass(frozen=True, slots=True)
class Proof:
    """A challenge and a response, both below the group order."""

    challenge: int
    response: int

    @classmethod
    def from_json(cls, value: JSON) -> Proof:
        """Raises Refused if a number is missing, not canonical or not below the group order."""
        members = fields(value, ("challenge", "response"))
        return cls(group.scalar(members["challenge"]), group.scalar(members["response"]))

    def as_json(self) -> JSON:
        """Both numbers as decimal strings."""
        return {"challenge": str(self.challenge), "response": str(self.response)}


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """An ElGamal encryption: alpha = r * G, beta = r * y + m * G."""

    alpha: Point
    beta: Point

    @classmethod
    def from_json(cls, value: JSON) -> Ciphertext:
        """Both points checked to be members of the group. Raises Refused."""
        members = fields(value, ("alpha", "beta"))
        return cls(group.point(members["alpha"]), group.point(members["beta"]))

    @classmethod
    def unchecked(cls, value: JSON) -> Ciphertext:
        """Membership not yet checked: only for ciphertexts whose proof is verified next, which checks it."""
        members = fields(value, ("alpha", "beta"))
        return cls(group.read_point(members["alpha"]), group.read_point(members["beta"]))

    def as_json(self) -> JSON:
        """Both points as text."""
        return {"alpha": group.text(self.alpha), "beta": group.text(self.beta)}

    def text(self) -> str:
        """How a ciphertext stands inside a hash: alpha, a comma, beta."""
        return f"{group.text(self.alpha)},{group.text(self.beta)}"


def encrypt(public_key: Point, plaintext: int, secret: int) -> Ciphertext:
    """The encryption of a small number under the election key with the given randomness."""
    shared = multiply(secret, public_key)
    return Ciphertext(base(secret), add(shared, group.small_multiple(plaintext)) if plaintext else shared)


def summed(ciphertexts: Sequence[Ciphertext]) -> Ciphertext:
    """The encryption of the sum of the plaintexts; the neutral pair if there are none."""
    return Ciphertext(group.total(c.alpha for c in ciphertexts), group.total(c.beta for c in ciphertexts))


# One secret behind one image


def prove_knowledge(prefix: str, secret: int, randomness: Randomness) -> Proof:
    """Schnorr's proof of the secret behind secret * G, with c = H(prefix + A). Draws w."""
    w = randomness.scalar()
    c = challenge(prefix + group.text(base(w)))
    return Proof(c, (w - secret * c) % ORDER)


def knows(prefix: str, image: Point, proof: Proof) -> bool:
    """Whether the proof shows knowledge of the secret behind the image."""
    commitment = add(base(proof.response), multiply(proof.challenge, image))
    return challenge(prefix + group.text(commitment)) == proof.challenge


def key_prefix(public_key: Point) -> str:
    """What a trustee's proof of knowledge hashes before its commitment."""
    return f"pok|{group.NAME}|{group.text(public_key)}|"


def message_prefix(message: str) -> str:
    """What the signature of a message hashes before its commitment."""
    return f"sigmsg|{message}|"


# The same secret behind two images


def prove_decryption(fingerprint: str, key: int, public_key: Point, alpha: Point, randomness: Randomness) -> Proof:
    """That key * alpha was made with the key behind public_key. Draws w."""
    w = randomness.scalar()
    c = _decryption_challenge(fingerprint, public_key, base(w), multiply(w, alpha))
    return Proof(c, (w - key * c) % ORDER)


def decrypts(fingerprint: str, public_key: Point, alpha: Point, factor: Point, proof: Proof) -> bool:
    """Whether the factor is alpha times the key behind public_key."""
    first = add(base(proof.response), multiply(proof.challenge, public_key))
    second = add(multiply(proof.response, alpha), multiply(proof.challenge, factor))
    return _decryption_challenge(fingerprint, public_key, first, second) == proof.challenge


def _decryption_challenge(fingerprint: str, public_key: Point, first: Point, second: Point) -> int:
    words = f"decrypt|{fingerprint}|{group.text(public_key)}|{group.text(first)},{group.text(second)}"
    return challenge(words)


# One of several statements is true


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative as its prover knows it: randomness, and how far the plaintext is from what it claims."""

    secret: int
    error: int


def prove_one_of(prefix: str, branches: Sequence[Branch], public_key: Point, randomness: Randomness) -> list[Proof]:
    """That one of the branches has error 0, without telling which; challenges sum to H(prefix + A0,B0,...,Ak,Bk).

    The first branch without error is proved, the others simulated. In branch order, draws challenge and response for
    a simulated branch, w for the proved one.
    """
    true = next(index for index, branch in enumerate(branches) if not branch.error)
    proofs: list[Proof] = []
    commitments: list[str] = []
    w = 0
    for index, branch in enumerate(branches):
        if index == true:
            w = randomness.scalar()
            proofs.append(Proof(0, 0))
            first, second = base(w), multiply(w, public_key)
        else:
            simulated = Proof(randomness.scalar(), randomness.scalar())
            proofs.append(simulated)
            nonce = simulated.response + simulated.challenge * branch.secret
            first = base(nonce)
            second = add(multiply(nonce, public_key), base(simulated.challenge * branch.error))
        commitments.append(f"{group.text(first)},{group.text(second)}")
    others = sum(proof.challenge for proof in proofs)
    c = (challenge(prefix + ",".join(commitments)) - others) % ORDER
    proofs[true] = Proof(c, (w - branches[true].secret * c) % ORDER)
    return proofs


@dataclass(frozen=True, slots=True)
class Statement:
    """One alternative as everyone sees it: (alpha, beta - claimed plaintext * G) encrypts 0."""

    alpha: Point
    beta: Point


def claims(ciphertext: Ciphertext, plaintext: int) -> Statement:
    """The statement that the ciphertext encrypts this number."""
    if not plaintext:
        return Statement(ciphertext.alpha, ciphertext.beta)
    return Statement(ciphertext.alpha, group.subtract(ciphertext.beta, group.small_multiple(plaintext)))


def one_of(prefix: str, statements: Sequence[Statement], public_key: Point, proofs: Sequence[Proof]) -> bool:
    """Whether the proofs show that one of the statements is true. Raises Refused for points outside the group."""
    commitments: list[str] = []
    for statement, proof in zip(statements, proofs, strict=True):
        c, z = proof.challenge, proof.response
        first = add(base(z), multiply(c, statement.alpha))
        second = add(multiply(z, public_key), multiply(c, statement.beta))
        commitments.append(f"{group.text(first)},{group.text(second)}")
    return challenge(prefix + ",".join(commitments)) == sum(proof.challenge for proof in proofs) % ORDER


def interval_prefix(context: str, ciphertext: Ciphertext) -> str:
    """What a proof of interval membership hashes before its commitments."""
    return f"prove|{context}|{ciphertext.text()}|"
