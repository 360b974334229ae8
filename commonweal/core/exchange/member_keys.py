"""The signing key of each member: enrolment check, file, name. One Ed25519 seed a file, mode 0600."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.bindings import crypto_core_ed25519_is_valid_point

from commonweal.core.ledger.keys import UnsafeKeys
from commonweal.core.ledger.verify import ED25519, VerifierKey

SEED = 32


class UnfitKey(ValueError):
    """A public key that must not be enrolled: anyone, or two writings of it, could sign for it."""


def check_fit(key: bytes) -> None:
    """Raise UnfitKey unless the 32 bytes are the one canonical writing of a point of the curve's prime-order group.

    Libraries accept keys of low order, for which anybody can make a signature; so this is checked once, at enrolment.
    """
    if len(key) != 32 or not crypto_core_ed25519_is_valid_point(key):
        raise UnfitKey("this Ed25519 key is of low or mixed order, or not written canonically; make a new one")


def public(key: bytes) -> Ed25519PublicKey:
    """The key for verifying. Raises UnfitKey."""
    check_fit(key)
    return Ed25519PublicKey.from_public_bytes(key)


def vkey(name: str, key: Ed25519PrivateKey) -> VerifierKey:
    """The public side, named: a C2SP verifier key of type 0x01."""
    return VerifierKey(name, ED25519, key.public_key().public_bytes_raw())


def key_id(key: VerifierKey) -> str:
    """How a signature names its key: `INSTANCE/CLASS/CODE+ID`."""
    return f"{key.name}+{key.id.hex()}"


def create(path: Path) -> Ed25519PrivateKey:
    """Make a key; one that is already there stays. Raises UnsafeKeys."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SEED))
            file.flush()
            os.fsync(file.fileno())
    return load(path)


def load(path: Path) -> Ed25519PrivateKey:
    """Read a key. Raises UnsafeKeys when it is missing, malformed or readable by others."""
    if not path.exists():
        raise UnsafeKeys(f"{path} is missing: restore it from the backup of the keys, or rotate to a new one")
    if mode := path.stat().st_mode & 0o077:
        raise UnsafeKeys(f"{path} can be used by others (mode {mode:o}): run chmod 600 {path}")
    seed = path.read_bytes()
    if len(seed) != SEED:
        raise UnsafeKeys(f"{path} has {len(seed)} bytes instead of {SEED}: restore it from the backup of the keys")
    return Ed25519PrivateKey.from_private_bytes(seed)
