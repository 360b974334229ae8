"""The log's own keys: an Ed25519 seed and an ML-DSA-44 seed, each 32 bytes in a file that only the node can read.

They sign checkpoints and key statements, and are backed up apart from the data. C2SP tlog-tiles asks a public log for
an Ed25519 signature, tlog-checkpoint recommends ML-DSA-44: the log signs with both, under its origin as the name.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from commonweal.config import node as nodes
from commonweal.config.node import PREVIOUS
from commonweal.core.ledger import notes
from commonweal.core.ledger.verify import Checkpoint, VerificationError, VerifierKey, open_checkpoint

ED25519_FILE = "log.ed25519"
ML_DSA_FILE = "log.mldsa44"
SEED = 32


class UnsafeKeys(RuntimeError):
    """A key file is missing, malformed or readable by others; the text says what to do."""


@dataclass(frozen=True)
class LogKeys:
    """Both private keys of one log, and its origin as their name."""

    origin: str
    ed25519: Ed25519PrivateKey
    ml_dsa: MLDSA44PrivateKey
    previous: LogKeys | None = None

    @property
    def vkeys(self) -> tuple[VerifierKey, VerifierKey]:
        """What a verifier needs, Ed25519 first."""
        return notes.ed25519_vkey(self.origin, self.ed25519), notes.ml_dsa_vkey(self.origin, self.ml_dsa)

    def sign(self, checkpoint: Checkpoint) -> str:
        """The signed note of a checkpoint, with both signatures, and those of the keys that are about to retire."""
        return notes.note(str(checkpoint), self._signatures(checkpoint))

    def opened(self, note: str) -> Checkpoint:
        """The checkpoint that these keys signed, or those before them. Raises VerificationError."""
        try:
            return open_checkpoint(note, self.vkeys)[0]
        except VerificationError:
            if self.previous is None:
                raise
            return open_checkpoint(note, self.previous.vkeys)[0]

    def _signatures(self, checkpoint: Checkpoint) -> list[str]:
        ed25519 = notes.sign(str(checkpoint), self.origin, self.ed25519)
        ml_dsa = notes.ml_dsa_cosign(checkpoint, self.origin, self.ml_dsa, int(time.time()))
        return [ed25519, ml_dsa, *(self.previous._signatures(checkpoint) if self.previous else [])]


def create(folder: Path, origin: str) -> LogKeys:
    """Make the log's keys in `folder`; keys that are already there stay, so that a second run changes nothing.

    Raises UnsafeKeys as `load` does.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (ED25519_FILE, ML_DSA_FILE):
        if not (folder / name).exists():
            nodes.write_new(folder / name, new_seed())
    return load(folder, origin)


def load(folder: Path, origin: str, generation: str = "") -> LogKeys:
    """Read the log's keys, with those before them while these still sign; or the keys of another generation alone.

    Raises UnsafeKeys when a file is missing, malformed, or readable or writable by group or others.
    """
    if generation:
        return _pair(folder, origin, generation)
    changing = (folder / f"{ML_DSA_FILE}{PREVIOUS}").exists()
    return replace(_pair(folder, origin, ""), previous=_pair(folder, origin, PREVIOUS) if changing else None)


def _pair(folder: Path, origin: str, generation: str) -> LogKeys:
    return LogKeys(
        origin,
        Ed25519PrivateKey.from_private_bytes(_seed(folder / f"{ED25519_FILE}{generation}")),
        MLDSA44PrivateKey.from_seed_bytes(_seed(folder / f"{ML_DSA_FILE}{generation}")),
    )


def new_seed() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(SEED)


def _seed(path: Path) -> bytes:
    if not path.exists():
        raise UnsafeKeys(f"{path} is missing: restore it from the backup of the keys; a new key means a new log")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise UnsafeKeys(f"{path} can be used by others (mode {mode:o}): run chmod 600 {path}")
    seed = path.read_bytes()
    if len(seed) != SEED:
        raise UnsafeKeys(f"{path} has {len(seed)} bytes instead of {SEED}: restore it from the backup of the keys")
    return seed
