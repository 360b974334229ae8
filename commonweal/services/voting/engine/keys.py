"""Public keys of trustees and signed messages between them (guide 3.4, 3.6; specification, sections "Verification
keys" and "Public key infrastructure").
"""

from __future__ import annotations

from dataclasses import dataclass

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.encoding import JSON, fields, string, without_absent
from commonweal.services.voting.engine.group import Point, base
from commonweal.services.voting.engine.proofs import Proof, key_prefix, knows, message_prefix, prove_knowledge
from commonweal.services.voting.engine.randomness import SYSTEM, Randomness
from commonweal.services.voting.engine.refusal import Reason, Refused


@dataclass(frozen=True)
class TrusteeKey:
    """A public key, the proof that its owner knows the private one, and in threshold mode the owner's signature.

    `name` is one that some records of Belenios state; nothing vouches for it.
    """

    proof: Proof
    public_key: Point
    signature: Proof | None = None
    name: str | None = None

    @classmethod
    def from_json(cls, value: JSON) -> TrusteeKey:
        """Raises Refused if a field is missing or the key is not a member of the group."""
        value = fields(value, ("pok", "public_key"), ("signature", "name"))
        signature = Proof.from_json(value["signature"]) if "signature" in value else None
        name = string(value["name"]) if "name" in value else None
        return cls(Proof.from_json(value["pok"]), group.key_point(value["public_key"]), signature, name)

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return without_absent(
            {
                "pok": self.proof.as_json(),
                "public_key": group.text(self.public_key),
                "signature": self.signature.as_json() if self.signature else None,
                "name": self.name,
            }
        )

    def verify(self) -> None:
        """Raises Refused(TRUSTEE_PROOF) unless the owner knew the private key."""
        if not knows(key_prefix(self.public_key), self.public_key, self.proof):
            raise Refused(Reason.TRUSTEE_PROOF, "pok", "knowledge of the private key", "a false proof")


def trustee_key(private_key: int, randomness: Randomness = SYSTEM) -> TrusteeKey:
    """The public key with its proof. Draws the proof's w."""
    public_key = base(private_key)
    return TrusteeKey(prove_knowledge(key_prefix(public_key), private_key, randomness), public_key)


@dataclass(frozen=True)
class SignedMessage:
    """A text and its signature."""

    message: str
    signature: Proof

    @classmethod
    def from_json(cls, value: JSON) -> SignedMessage:
        """Raises Refused(MALFORMED)."""
        value = fields(value, ("message", "signature"))
        return cls(string(value["message"]), Proof.from_json(value["signature"]))

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {"message": self.message, "signature": self.signature.as_json()}

    def verify(self, key: Point, where: str) -> None:
        """Raises Refused(TRUSTEE_SIGNATURE) unless signed with the key."""
        verify_signature(self.message, key, self.signature, where)


def sign(message: str, key: int, randomness: Randomness = SYSTEM) -> SignedMessage:
    """The message signed with a private key. Draws w."""
    return SignedMessage(message, prove_knowledge(message_prefix(message), key, randomness))


def verify_signature(message: str, key: Point, signature: Proof | None, where: str) -> None:
    """Raises Refused(TRUSTEE_SIGNATURE) unless there is a signature and it is the key's over the message."""
    if signature is None:
        raise Refused(Reason.TRUSTEE_SIGNATURE, where, "a signature by the trustee", "none")
    if not knows(message_prefix(message), key, signature):
        raise Refused(Reason.TRUSTEE_SIGNATURE, where, f"a signature by {group.text(key)}", "another")
