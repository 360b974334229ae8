"""Voting passes: RSA blind signatures, RFC 9474, RSABSSA-SHA384-PSS with a 48-byte salt.

The identity role signs one blinded message for each person and cannot recognise the pass that comes out of it. A pass
is a message and its signature: 32 random bytes (variant Deterministic) or, with 32 random bytes before them, 64
(variant Randomized). Verification is the same for both.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from commonweal.services.voting.engine.encoding import JSON, fields, string
from commonweal.services.voting.engine.refusal import Reason, Refused

KEY_BITS = 2048
MESSAGE_BYTES = 32
LENGTHS = (MESSAGE_BYTES, 2 * MESSAGE_BYTES)
SALT_BYTES = HASH_BYTES = 48
_EXPONENT = 65537
_MASKING_BITS = 64
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=SALT_BYTES)


@dataclass(frozen=True)
class Pass:
    """What a voter shows beside the ballot. `message` as it was signed, any random prefix included."""

    message: bytes
    signature: bytes

    @classmethod
    def from_json(cls, value: JSON) -> Pass:
        """The pass {message, signature} in base64url. Raises Refused(MALFORMED)."""
        value = fields(value, ("message", "signature"))
        return cls(from_base64url(value["message"]), from_base64url(value["signature"]))

    def as_json(self) -> JSON:
        """Both parts in base64url without padding."""
        return {"message": base64url(self.message), "signature": base64url(self.signature)}

    @property
    def digest(self) -> bytes:
        """What the ballot server remembers of it: 32 bytes."""
        return hashlib.sha256(self.message).digest()


def verify_pass(key: rsa.RSAPublicKey, shown: Pass) -> None:
    """Raises Refused(PASS) unless the key signed the message."""
    if len(shown.message) in LENGTHS:
        try:
            key.verify(shown.signature, shown.message, _PSS, hashes.SHA384())
        except InvalidSignature:
            pass
        else:
            return
    raise Refused(Reason.PASS, "pass", "a pass that the identity role signed for this election", "another")


def blind_sign(key: rsa.RSAPrivateKey, blinded: bytes) -> bytes:
    """RFC 9474, section 4.3: the blind signature of a blinded message.

    Python's `pow` takes a time that depends on its numbers, so base and exponent are masked with fresh random numbers.
    Raises Refused(PASS) for a message that is not one of this key.
    """
    numbers = key.private_numbers()
    public, p, q = numbers.public_numbers, numbers.p, numbers.q
    modulus, message = public.n, int.from_bytes(blinded, "big")
    if len(blinded) != (key.key_size + 7) // 8 or not 1 < message < modulus - 1:
        raise Refused(Reason.PASS, "blinded message", f"{key.key_size // 8} bytes below the modulus", len(blinded))
    mask = secrets.randbelow(modulus - 2) + 2
    masked = message * pow(mask, public.e, modulus) % modulus
    halves = (
        pow(masked % prime, exponent + secrets.randbits(_MASKING_BITS) * (prime - 1), prime)
        for prime, exponent in ((p, numbers.dmp1), (q, numbers.dmq1))
    )
    at_p, at_q = halves
    signature = (at_q + (at_p - at_q) * numbers.iqmp % p * q) * pow(mask, -1, modulus) % modulus
    if pow(signature, public.e, modulus) != message:
        raise RuntimeError("The blind signature does not verify: a fault in the arithmetic, nothing was given out.")
    return signature.to_bytes(len(blinded), "big")


@dataclass(frozen=True, repr=False)
class Request:
    """A voter's side of one blind signature: what is sent, and what stays to unblind the answer."""

    message: bytes
    blinded: bytes
    inverse: int

    @classmethod
    def new(cls, key: rsa.RSAPublicKey) -> Request:
        """RFC 9474, sections 4.1 and 4.2, for 32 random bytes with a random prefix."""
        message = secrets.token_bytes(2 * MESSAGE_BYTES)
        numbers = key.public_numbers()
        encoded = int.from_bytes(_encoded(message, key.key_size - 1), "big")
        mask = secrets.randbelow(numbers.n - 2) + 2
        blinded = encoded * pow(mask, numbers.e, numbers.n) % numbers.n
        return cls(message, blinded.to_bytes(key.key_size // 8, "big"), pow(mask, -1, numbers.n))

    def finish(self, key: rsa.RSAPublicKey, blind_signature: bytes) -> Pass:
        """RFC 9474, section 4.4. Raises Refused(PASS) unless the answer is the signature of this request."""
        modulus = key.public_numbers().n
        signature = int.from_bytes(blind_signature, "big") * self.inverse % modulus
        result = Pass(self.message, signature.to_bytes(key.key_size // 8, "big"))
        verify_pass(key, result)
        return result


def new_key() -> rsa.RSAPrivateKey:
    """A key for the passes of one election."""
    return rsa.generate_private_key(_EXPONENT, KEY_BITS)


def public_jwk(key: rsa.RSAPublicKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 7517)."""
    numbers = key.public_numbers()
    parts = {name: base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))
             for name, value in (("n", numbers.n), ("e", numbers.e))}  # fmt: skip
    return {"kty": "RSA", "alg": "PS384", "use": "sig", **parts}


def key_of(jwk: dict[str, str]) -> rsa.RSAPublicKey:
    """The public key in a JSON Web Key. Raises Refused(MALFORMED)."""
    n, e = (int.from_bytes(from_base64url(jwk.get(name)), "big") for name in ("n", "e"))
    try:
        return rsa.RSAPublicNumbers(e, n).public_key()
    except ValueError as error:
        raise Refused(Reason.MALFORMED, "pass key", "an RSA key", error) from None


def base64url(content: bytes) -> str:
    """Base64 for addresses, without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(words: JSON) -> bytes:
    """Raises Refused(MALFORMED)."""
    text = string(words)
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        content = b""
    if base64url(content) != text:
        raise Refused(Reason.MALFORMED, "", "base64url without padding", "something else")
    return content


def _encoded(message: bytes, bits: int) -> bytes:
    """EMSA-PSS-ENCODE, RFC 8017, section 9.1.1, with a random salt."""
    length, salt = (bits + 7) // 8, secrets.token_bytes(SALT_BYTES)
    hashed = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    block = bytes(length - SALT_BYTES - HASH_BYTES - 2) + b"\1" + salt
    masked = int.from_bytes(block, "big") ^ int.from_bytes(_mask(hashed, len(block)), "big")
    masked &= (1 << (bits - 8 * (HASH_BYTES + 1))) - 1
    return masked.to_bytes(len(block), "big") + hashed + b"\xbc"


def _mask(seed: bytes, length: int) -> bytes:
    """MGF1 with SHA-384 (RFC 8017, appendix B.2.1)."""
    blocks = -(-length // HASH_BYTES)
    return b"".join(hashlib.sha384(seed + i.to_bytes(4, "big")).digest() for i in range(blocks))[:length]
