"""Signing checkpoints and other notes (C2SP signed-note, tlog-cosignature). Reading them is `verify.py`'s work."""
from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from commonweal.core.ledger.verify import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44,
    Checkpoint,
    VerifierKey,
    ed25519_cosigned_message,
    ml_dsa_cosigned_message,
)


def ed25519_vkey(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """The public side of a key that signs notes as they are (type 0x01)."""
    return VerifierKey(name, ED25519, key.public_key().public_bytes_raw())


def ed25519_cosigner_vkey(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """The public side of a witness's key (type 0x04)."""
    return VerifierKey(name, ED25519_COSIGNATURE, key.public_key().public_bytes_raw())


def ml_dsa_vkey(name: str, key: MLDSA44PrivateKey) -> VerifierKey:
    """The public side of a log's or a witness's ML-DSA-44 key (type 0x06)."""
    return VerifierKey(name, ML_DSA_44, key.public_key().public_bytes_raw())


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """A signature line over the text (type 0x01)."""
    return signature_line(ed25519_vkey(name, key), key.sign(text.encode()))


def cosign(text: str, name: str, key: Ed25519PrivateKey, time: int) -> str:
    """A witness's signature line over a checkpoint (type 0x04). `time` is POSIX seconds."""
    signature = key.sign(ed25519_cosigned_message(time, text))
    return signature_line(ed25519_cosigner_vkey(name, key), time.to_bytes(8, "big") + signature)


def ml_dsa_cosign(checkpoint: Checkpoint, name: str, key: MLDSA44PrivateKey, time: int) -> str:
    """A log's or a witness's ML-DSA-44 signature line over a checkpoint (type 0x06). `time` is POSIX seconds."""
    signature = key.sign(ml_dsa_cosigned_message(name, time, checkpoint))
    return signature_line(ml_dsa_vkey(name, key), time.to_bytes(8, "big") + signature)


def signature_line(key: VerifierKey, signature: bytes) -> str:
    """One line under a note: em dash, name, base64 of key id and signature."""
    return f"— {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def note(text: str, lines: list[str]) -> str:
    """The signed note: text, blank line, signature lines."""
    return f"{text}\n{''.join(lines)}"
