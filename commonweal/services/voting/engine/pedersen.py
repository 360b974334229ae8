"""Threshold keys: any t of m trustees decrypt, fewer learn nothing (guide 3.6; specification, section "Messages
specific to threshold decryption support").

In turn, each trustee: `Trustee.certificate`; given all certificates, `Trustee.share`; given what the others sent,
`Trustee.finish`. The server only carries the messages. Known limit of protocol version 1: a trustee who sends last
can bias the key, though not learn it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commonweal.services.voting.engine import group
from commonweal.services.voting.engine.credentials import BASE58, CODE_LENGTH, base58
from commonweal.services.voting.engine.encoding import JSON, canonical, fields, items, number, parse, read, string
from commonweal.services.voting.engine.group import ORDER, Point, add, base, multiply, subtract
from commonweal.services.voting.engine.keys import SignedMessage, TrusteeKey, sign, trustee_key, verify_signature
from commonweal.services.voting.engine.proofs import Proof
from commonweal.services.voting.engine.randomness import SYSTEM, Randomness
from commonweal.services.voting.engine.refusal import Reason, Refused

ALGORITHM = "AES-GCM"


@dataclass(frozen=True)
class Certificate:
    """The keys that one of `size` trustees uses towards the others; `index` counts from 1."""

    size: int
    threshold: int
    index: int
    verification: Point
    encryption: Point

    @classmethod
    def from_json(cls, value: JSON) -> Certificate:
        """Raises Refused."""
        value = fields(value, ("context", "verification", "encryption"))
        context = fields(value["context"], ("group", "size", "threshold", "index"))
        if context["group"] != group.NAME:
            raise Refused(Reason.UNSUPPORTED, "group", group.NAME, context["group"])
        return cls(
            number(context["size"]),
            number(context["threshold"]),
            number(context["index"]),
            group.key_point(value["verification"]),
            group.key_point(value["encryption"]),
        )

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        context = {"group": group.NAME, "size": self.size, "threshold": self.threshold, "index": self.index}
        keys = {"verification": group.text(self.verification), "encryption": group.text(self.encryption)}
        return {"context": context, **keys}

    @classmethod
    def opened(cls, message: SignedMessage, size: int, threshold: int, index: int) -> Certificate:
        """The certificate in a signed message. Raises Refused unless it signs itself and is of this place."""
        certificate = read(cls.from_json, message.message.encode())
        place = (certificate.size, certificate.threshold, certificate.index)
        if place != (size, threshold, index):
            raise Refused(Reason.TRUSTEE_SHARE, "context", (size, threshold, index), place)
        message.verify(certificate.verification, "certificate")
        return certificate


@dataclass(frozen=True)
class Coefficients:
    """The points A0..At that commit a trustee to a polynomial of degree t."""

    points: tuple[Point, ...]

    @classmethod
    def from_json(cls, value: JSON) -> Coefficients:
        """Raises Refused."""
        return cls(tuple(group.key_point(item) for item in items(fields(value, ("coefexps",))["coefexps"])))

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {"coefexps": [group.text(point) for point in self.points]}

    def at(self, index: int) -> Point:
        """The public image of the polynomial's value there: sum of index**k * Ak (Horner)."""
        result = self.points[-1]
        for point in reversed(self.points[:-1]):
            result = add(multiply(index, result), point)
        return result

    @classmethod
    def opened(cls, message: SignedMessage, certificate: Certificate) -> Coefficients:
        """The commitments in a signed message. Raises Refused unless signed by their trustee and of degree t."""
        message.verify(certificate.verification, "coefexps")
        coefficients = read(cls.from_json, message.message.encode())
        if len(coefficients.points) != certificate.threshold:
            got = len(coefficients.points)
            raise Refused(Reason.TRUSTEE_SHARE, "coefexps", f"{certificate.threshold} coefficients", got)
        return coefficients


def agreement(certificates: Sequence[SignedMessage], coefficients: Coefficients) -> str:
    """What each trustee signs: all the certificates that they saw, and their own commitments."""
    value = {"certs": [certificate.as_json() for certificate in certificates], **coefficients.as_json()}
    return "certs_sig|" + canonical(value).decode()


@dataclass(frozen=True)
class Pedersen:
    """The public outcome of a threshold key generation: `threshold` of the trustees suffice."""

    threshold: int
    certificates: tuple[SignedMessage, ...]
    coefficients: tuple[SignedMessage, ...]
    signatures: tuple[Proof, ...]
    verification_keys: tuple[TrusteeKey, ...]

    @classmethod
    def from_json(cls, value: JSON) -> Pedersen:
        """Raises Refused if it is malformed; `verify` does the rest."""
        value = fields(value, ("threshold", "certs", "coefexps", "signatures", "verification_keys"))
        size = len(items(value["certs"]))
        return cls(
            number(value["threshold"]),
            tuple(SignedMessage.from_json(item) for item in items(value["certs"])),
            tuple(SignedMessage.from_json(item) for item in items(value["coefexps"], size)),
            tuple(Proof.from_json(item) for item in items(value["signatures"], size)),
            tuple(TrusteeKey.from_json(item) for item in items(value["verification_keys"], size)),
        )

    def as_json(self) -> JSON:
        """Fields in the order of the record."""
        return {
            "threshold": self.threshold,
            "certs": [item.as_json() for item in self.certificates],
            "coefexps": [item.as_json() for item in self.coefficients],
            "signatures": [item.as_json() for item in self.signatures],
            "verification_keys": [item.as_json() for item in self.verification_keys],
        }

    def verify(self) -> Point:
        """The group's public sub-key. Raises Refused unless every signature, commitment and key holds."""
        certificates = opened_certificates(self.certificates, self.threshold)
        coefficients = opened_coefficients(self.certificates, certificates, self.coefficients, self.signatures)
        for index, (certificate, key) in enumerate(zip(certificates, self.verification_keys, strict=True), 1):
            try:
                _verify_key(index, key, certificate, coefficients)
            except Refused as refused:
                raise refused.within(f"trustee {index} of the threshold group") from None
        return group.total(item.points[0] for item in coefficients)


def _verify_key(index: int, key: TrusteeKey, certificate: Certificate, coefficients: Sequence[Coefficients]) -> None:
    expected = group.total(item.at(index) for item in coefficients)
    if key.public_key != expected:
        raise Refused(Reason.TRUSTEE_SHARE, "public_key", group.text(expected), group.text(key.public_key))
    key.verify()
    verify_signature(group.text(key.public_key), certificate.verification, key.signature, "verification key")


def opened_certificates(messages: Sequence[SignedMessage], threshold: int) -> list[Certificate]:
    """All certificates of a group. Raises Refused if one is false, out of place or shares a key with another."""
    size = len(messages)
    if not 1 <= threshold <= size:
        raise Refused(Reason.TRUSTEE_SHARE, "threshold", f"1 to {size}", threshold)
    certificates = [Certificate.opened(message, size, threshold, index) for index, message in enumerate(messages, 1)]
    if len({certificate.verification for certificate in certificates}) != size:
        raise Refused(Reason.TRUSTEE_SHARE, "certificates", f"{size} different trustees", "the same key twice")
    return certificates


def opened_coefficients(
    messages: Sequence[SignedMessage],
    certificates: Sequence[Certificate],
    signed: Sequence[SignedMessage],
    signatures: Sequence[Proof],
) -> list[Coefficients]:
    """All commitments of a group. Raises Refused unless each trustee signed theirs, and the same certificates."""
    result = []
    for certificate, message, signature in zip(certificates, signed, signatures, strict=True):
        coefficients = Coefficients.opened(message, certificate)
        words = agreement(messages, coefficients)
        verify_signature(words, certificate.verification, signature, f"signature of trustee {certificate.index}")
        result.append(coefficients)
    return result


# The encrypted channel between trustees


@dataclass(frozen=True)
class Sealed:
    """A message that only one trustee can open. Travels as text, never in the record."""

    alpha: Point
    beta: Point
    data: str

    @classmethod
    def from_json(cls, value: JSON) -> Sealed:
        """Raises Refused."""
        value = fields(value, ("algorithm", "alpha", "beta", "data"))
        if value["algorithm"] != ALGORITHM:
            raise Refused(Reason.UNSUPPORTED, "algorithm", ALGORITHM, value["algorithm"])
        return cls(group.point(value["alpha"]), group.point(value["beta"]), string(value["data"]))

    def as_json(self) -> JSON:
        """Fields in the order of the protocol."""
        points = {"alpha": group.text(self.alpha), "beta": group.text(self.beta)}
        return {"algorithm": ALGORITHM, **points, "data": self.data}


def send(message: str, sender: int, recipient: Point, randomness: Randomness = SYSTEM) -> str:
    """A message signed by the sender's signing key and sealed to the recipient's encryption key.

    Draws the signature's w, then r and the key's secret.
    """
    inner = canonical({"recipient": group.text(recipient), "message": message}).decode()
    plaintext = canonical(sign(inner, sender, randomness).as_json())
    r, secret = randomness.scalar(), randomness.scalar()
    alpha, shared = base(r), base(secret)
    data = AESGCM(_digest("key", shared)).encrypt(_digest("iv", alpha), plaintext, None)
    return canonical(Sealed(alpha, add(multiply(r, recipient), shared), data.hex()).as_json()).decode()


def receive(sealed: str, sender: Point, decryption_key: int) -> str:
    """The message. Raises Refused(CHANNEL) if it was sealed to another, altered, or not signed by the sender."""
    envelope = read(Sealed.from_json, sealed.encode())
    shared = subtract(envelope.beta, multiply(decryption_key, envelope.alpha))
    try:
        key, nonce = _digest("key", shared), _digest("iv", envelope.alpha)
        plaintext = AESGCM(key).decrypt(nonce, bytes.fromhex(envelope.data), None)
    except (InvalidTag, ValueError):
        raise Refused(Reason.CHANNEL, "data", "a message for this key", "one that does not decrypt") from None
    signed = read(SignedMessage.from_json, plaintext)
    signed.verify(sender, "channel")
    inner = fields(parse(signed.message.encode()), ("recipient", "message"))
    recipient = group.text(base(decryption_key))
    if inner["recipient"] != recipient:
        raise Refused(Reason.CHANNEL, "recipient", recipient, inner["recipient"])
    return string(inner["message"])


def _digest(label: str, point: Point) -> bytes:
    return hashlib.sha256(f"{label}|{group.text(point)}".encode()).digest()


# The three moves of a trustee


@dataclass(frozen=True)
class Shares:
    """What a trustee sends after seeing all certificates: commitments, a sealed value for each trustee, signatures."""

    secrets: tuple[str, ...]
    coefficients: SignedMessage
    signature: Proof


@dataclass(frozen=True)
class Finished:
    """What a trustee ends with: the private key, which stays with them, and the public key for the record."""

    private_key: int
    public_key: TrusteeKey


@dataclass(frozen=True, repr=False)
class Trustee:
    """One trustee of a threshold group, known by a seed of 22 Base58 characters that only they hold."""

    seed: str

    @classmethod
    def new(cls, randomness: Randomness = SYSTEM) -> Trustee:
        """A trustee with a fresh seed. Draws one number."""
        return cls(base58(CODE_LENGTH, randomness))

    def __post_init__(self) -> None:
        if len(self.seed) != CODE_LENGTH or any(letter not in BASE58 for letter in self.seed):
            raise Refused(Reason.MALFORMED, "seed", f"{CODE_LENGTH} Base58 characters", "something else")

    @property
    def signing_key(self) -> int:
        """sk = SHA-256 of sk|seed."""
        return self._derived("sk")

    @property
    def decryption_key(self) -> int:
        """dk = SHA-256 of dk|seed: opens messages from other trustees, not votes."""
        return self._derived("dk")

    def _derived(self, label: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{label}|{self.seed}".encode()).digest(), "big") % ORDER

    def certificate(self, size: int, threshold: int, index: int, randomness: Randomness = SYSTEM) -> SignedMessage:
        """First move: the trustee's keys for this group, signed by themselves."""
        keys = base(self.signing_key), base(self.decryption_key)
        words = canonical(Certificate(size, threshold, index, *keys).as_json()).decode()
        return sign(words, self.signing_key, randomness)

    def share(self, certificates: Sequence[SignedMessage], threshold: int, randomness: Randomness = SYSTEM) -> Shares:
        """Second move: a fresh polynomial, committed to in public, its value at j sealed to trustee j.

        Raises Refused if the certificates are false or this trustee's own is not among them.
        """
        opened = opened_certificates(certificates, threshold)
        self._place(opened)
        polynomial = [randomness.scalar() for _ in range(threshold)]
        coefficients = Coefficients(tuple(base(coefficient) for coefficient in polynomial))
        secrets = tuple(
            send(_secret_message(_value(polynomial, item.index)), self.signing_key, item.encryption, randomness)
            for item in opened
        )
        signed = sign(canonical(coefficients.as_json()).decode(), self.signing_key, randomness)
        signature = sign(agreement(certificates, coefficients), self.signing_key, randomness).signature
        return Shares(secrets, signed, signature)

    def finish(
        self,
        certificates: Sequence[SignedMessage],
        threshold: int,
        shares: Sequence[Shares],
        randomness: Randomness = SYSTEM,
    ) -> Finished:
        """Third move: checks what every trustee sent against their commitments and adds it up to the private key.

        Raises Refused, naming the trustee who lied.
        """
        opened = opened_certificates(certificates, threshold)
        mine = self._place(opened)
        signed, signatures = [item.coefficients for item in shares], [item.signature for item in shares]
        coefficients = opened_coefficients(certificates, opened, signed, signatures)
        private_key = 0
        for sender, committed, sent in zip(opened, coefficients, shares, strict=True):
            try:
                private_key += self._received(sent.secrets[mine - 1], sender, committed, mine)
            except Refused as refused:
                raise refused.within(f"trustee {sender.index}") from None
        private_key %= ORDER
        key = trustee_key(private_key, randomness)
        signature = sign(group.text(key.public_key), self.signing_key, randomness).signature
        return Finished(private_key, TrusteeKey(key.proof, key.public_key, signature))

    def _received(self, sealed: str, sender: Certificate, committed: Coefficients, mine: int) -> int:
        message = receive(sealed, sender.verification, self.decryption_key)
        value = group.scalar(fields(parse(message.encode()), ("secret",))["secret"])
        if base(value) != committed.at(mine):
            raise Refused(Reason.TRUSTEE_SHARE, "secret", "the value of the committed polynomial", "another")
        return value

    def _place(self, certificates: Sequence[Certificate]) -> int:
        keys = base(self.signing_key), base(self.decryption_key)
        for certificate in certificates:
            if (certificate.verification, certificate.encryption) == keys:
                return certificate.index
        raise Refused(Reason.TRUSTEE_SHARE, "certificates", "one with this trustee's keys", "none")


def _value(polynomial: Sequence[int], x: int) -> int:
    return sum(coefficient * pow(x, power, ORDER) for power, coefficient in enumerate(polynomial)) % ORDER


def _secret_message(value: int) -> str:
    return canonical({"secret": str(value)}).decode()


def assemble(
    certificates: Sequence[SignedMessage], threshold: int, shares: Sequence[Shares], keys: Sequence[TrusteeKey]
) -> Pedersen:
    """The public outcome from what all trustees sent. Raises Refused, naming the trustee whose part does not fit."""
    pedersen = Pedersen(
        threshold,
        tuple(certificates),
        tuple(item.coefficients for item in shares),
        tuple(item.signature for item in shares),
        tuple(keys),
    )
    pedersen.verify()
    return pedersen
