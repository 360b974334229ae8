"""A witness of other logs (C2SP tlog-witness): cosigns a checkpoint only if it continues what it cosigned before.

What was cosigned last lies in one file for each log, made durable before the cosignature leaves; a lock on the log's
folder makes looking and writing one step, however many processes serve.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commonweal.config.node import Node
from commonweal.core.exchange import member_keys
from commonweal.core.ledger import notes
from commonweal.core.ledger.verify import (
    HASH,
    Checkpoint,
    Note,
    VerificationError,
    VerifierKey,
    tree_hash,
    verify_consistency,
    verify_note,
)

LARGEST = 100_000  # bytes of a request
LONGEST_PROOF = 63
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
Logs = Mapping[str, Sequence[str]]  # origin -> verifier keys


@dataclass(frozen=True)
class Response:
    """What the witness answers over HTTP."""

    status: int
    body: bytes
    kind: str = TEXT


class _Refusal(Exception):
    def __init__(self, status: int, text: str, kind: str = TEXT) -> None:
        super().__init__(text)
        self.response = Response(status, f"{text}\n".encode(), kind)


@dataclass(frozen=True)
class Witness:
    """One witness: its name, its key, and the folder in which it remembers."""

    name: str
    key: Ed25519PrivateKey
    folder: Path

    @property
    def vkey(self) -> VerifierKey:
        """What logs put into their policy."""
        return notes.ed25519_cosigner_vkey(self.name, self.key)

    def answer(self, method: str, path: str, body: bytes, logs: Logs) -> Response:
        """Answer one HTTP request; `logs` are those that are known now."""
        if (method, path) == ("POST", "/add-checkpoint"):
            return self.add_checkpoint(body, logs)
        if method == "GET" and path.endswith("/checkpoint"):
            return self._latest(path.removeprefix("/").removesuffix("/checkpoint"), logs)
        return Response(404, b"not found\n")

    def add_checkpoint(self, body: bytes, logs: Logs) -> Response:
        """Cosign, or say why not, with the status codes of tlog-witness."""
        try:
            old, proof, note = _parsed(body)
            text = note.rpartition("\n\n")[0] + "\n"
            checkpoint = Checkpoint.parse(text)
        except (VerificationError, ValueError) as error:
            return Response(400, f"bad request: {error}\n".encode())
        try:
            signed = _signed_by_log(note, checkpoint, logs)
            if old > checkpoint.size:
                raise _Refusal(400, "the old size is above the checkpoint's")
            with self._locked(checkpoint.origin) as place:
                _check_continues(_remembered(place), checkpoint, old, proof)
                line = notes.cosign(text, self.name, self.key, int(time.time()))
                _write(place, notes.note(text, [*signed, line]))
        except _Refusal as refusal:
            return refusal.response
        return Response(200, line.encode())

    def _latest(self, hashed: str, logs: Logs) -> Response:
        known = {origin_hash(origin) for origin in logs}
        file = self.folder / hashed / "checkpoint"
        if hashed not in known or not file.exists():
            return Response(404, b"no checkpoint of this log was cosigned\n")
        return Response(200, file.read_bytes())

    @contextmanager
    def _locked(self, origin: str) -> Iterator[Path]:
        place = self.folder / origin_hash(origin)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (place / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield place


def of_node(node: Node) -> Witness:
    """The node as a witness. Makes its key."""
    key = member_keys.create(node.keys / "witness.ed25519")
    return Witness(witness_name(node), key, node.home / "witness")


def witness_name(node: Node) -> str:
    """What a node is called as a witness."""
    return f"{node.origin}/witness"


def origin_hash(origin: str) -> str:
    """How a log is named in addresses: SHA-256 of its origin, hex."""
    return sha256(origin.encode()).hexdigest()


def _parsed(body: bytes) -> tuple[int, list[bytes], str]:
    """Old size, proof and signed checkpoint of a request. Raises ValueError."""
    head, blank, note = body.decode("utf-8").partition("\n\n")
    first, *lines = head.split("\n")
    word, _, number = first.partition(" ")
    if not blank or word != "old" or not number.isascii() or not number.isdigit() or str(int(number)) != number:
        raise ValueError("a request is `old SIZE`, proof lines, a blank line and a checkpoint")
    if len(lines) > LONGEST_PROOF or len(number) > 19:
        raise ValueError(f"a proof has at most {LONGEST_PROOF} lines")
    return int(number), [_hash(line) for line in lines], note


def _hash(line: str) -> bytes:
    try:
        value = base64.b64decode(line, validate=True)
    except binascii.Error:
        raise ValueError("a proof line is base64") from None
    if len(value) != HASH:
        raise ValueError(f"a proof line holds {HASH} bytes")
    return value


def _signed_by_log(text: str, checkpoint: Checkpoint, logs: Logs) -> list[str]:
    """The signature lines of the log's known keys. Raises _Refusal."""
    if checkpoint.origin not in logs:
        raise _Refusal(404, "unknown log")
    keys = [VerifierKey.parse(text) for text in logs[checkpoint.origin]]
    try:
        note = Note.parse(text)
        signers = verify_note(note, keys)
    except VerificationError as error:
        raise _Refusal(403, f"invalid signature: {error}") from None
    known = {(key.name, key.id): key for key in signers}
    return [
        notes.signature_line(known[signature.name, signature.key_id], signature.value)
        for signature in note.signatures
        if (signature.name, signature.key_id) in known
    ]


def _check_continues(last: Checkpoint | None, new: Checkpoint, old: int, proof: list[bytes]) -> None:
    """Raise _Refusal unless the new checkpoint continues the last one by this proof."""
    size = last.size if last else 0
    if old != size:
        raise _Refusal(409, str(size), SIZE)
    if new.size == 0 and new.root != tree_hash(b""):
        raise _Refusal(422, "the root of an empty tree is the hash of nothing")
    if last is None or old == 0:
        if proof:
            raise _Refusal(422, "a consistency proof from size 0 is empty")
        if last is not None and new.size == 0 and new.root != last.root:
            raise _Refusal(422, "another root at the same size")
        return
    try:
        verify_consistency(old, new.size, last.root, new.root, proof)
    except VerificationError as error:
        raise _Refusal(422, f"the consistency proof does not hold: {error}") from None


def _remembered(place: Path) -> Checkpoint | None:
    file = place / "checkpoint"
    return Checkpoint.parse(Note.parse(file.read_text("utf-8")).text) if file.exists() else None


def _write(place: Path, note: str) -> None:
    passing = place / ".checkpoint.new"
    with passing.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    passing.rename(place / "checkpoint")
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
