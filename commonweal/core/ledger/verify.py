#!/usr/bin/env python3
"""Check a Commonweal log, a receipt or one person's history, from public files alone.

    python verify.py https://node.example/log       every entry, every tile and the signed checkpoint
    python verify.py path/to/log                    the same, from a copied folder
    python verify.py receipt.json                   one use of a person's data, or a whole history of them
    python verify.py history.json --log https://node.example/log --anchor earlier.json

Give `--vkey` for each key that the log must have signed with, learnt from somewhere other than the log itself.
This file needs Python 3.11 and the package `cryptography`, and nothing else of Commonweal.

Sources: RFC 6962 section 2.1 and RFC 9162 sections 2.1.3 and 2.1.4 (tree and proofs); C2SP signed-note,
tlog-checkpoint, tlog-tiles and tlog-cosignature. A leaf of the log is version (1 byte), kind (1 byte) and a 32-byte
commitment. The commitment of kind ACT is the root of a small RFC 6962 tree over HMAC-SHA-256(key, record); that of
POLICY, EPOCH and KEY is the SHA-256 of a document published at `document/<hex>`.
"""
from __future__ import annotations

import argparse
import base64
import binascii
import hmac
import json
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

HASH = 32
WIDTH = 256  # hashes in a full tile, entries in a full bundle
LEAF = 34
ACT, POLICY, EPOCH, KEY, SECURITY = 1, 2, 3, 4, 5
ED25519, ED25519_COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
NOTE_LIMIT = 1_000_000  # characters

Fetch = Callable[[str], bytes]  # a path of the log -> its bytes; raises FileNotFoundError


class VerificationError(Exception):
    """Something is not as it must be: `what`, and what was expected and found there."""

    def __init__(self, what: str, expected: object, got: object) -> None:
        super().__init__(f"{what}: expected {_shown(expected)}, got {_shown(got)}")
        self.what, self.expected, self.got = what, _shown(expected), _shown(got)


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


# ---------------------------------------------------------------------------------------------- tree and proofs


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1: the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def level_above(hashes: bytes) -> bytes:
    """One level up over concatenated 32-byte hashes; an odd last one is carried up as it is."""
    even = len(hashes) & ~63
    pairs = [sha256(b"\x01" + hashes[at : at + 64]).digest() for at in range(0, even, 64)]
    return b"".join(pairs) + hashes[even:]


def tree_hash(hashes: bytes) -> bytes:
    """The Merkle tree hash over concatenated 32-byte hashes (of leaves, or of equally high subtrees)."""
    if not hashes:
        return sha256(b"").digest()
    while len(hashes) > HASH:
        hashes = level_above(hashes)
    return hashes


def root_from_inclusion(hash_: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2).

    Raises VerificationError when the proof cannot belong to this index and size.
    """
    if not 0 <= index < size:
        raise VerificationError("leaf index", f"0 to {size - 1}", index)
    if len(hash_) != HASH or any(len(step) != HASH for step in proof):
        raise VerificationError("length of the hashes in an inclusion proof", HASH, "another length")
    node, last, current = index, size - 1, hash_
    for step in proof:
        if last == 0:
            raise VerificationError("length of the inclusion proof", "shorter", len(proof))
        if node & 1 or node == last:
            current = node_hash(step, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, step)
        node, last = node >> 1, last >> 1
    if last:
        raise VerificationError("length of the inclusion proof", "longer", len(proof))
    return current


def verify_inclusion(hash_: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise VerificationError unless the leaf hash stands at `index` of the tree with this size and root."""
    computed = root_from_inclusion(hash_, index, size, proof)
    if computed != root:
        raise VerificationError(f"root over leaf {index} of {size}", root, computed)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise VerificationError unless the new tree only appended to the old one (RFC 9162 section 2.1.4.2).

    An empty old tree is refused: every tree is consistent with it, so a proof would prove nothing.
    """
    if not 0 < old <= new:
        raise VerificationError("sizes of a consistency proof", "0 < old <= new", f"{old}, {new}")
    if old == new:
        if proof:
            raise VerificationError("length of the consistency proof", 0, len(proof))
        if old_root != new_root:
            raise VerificationError(f"root at size {old}", old_root, new_root)
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not proof or any(len(step) != HASH for step in steps):
        raise VerificationError("consistency proof", "32-byte hashes, at least one", f"{len(proof)} steps")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise VerificationError("length of the consistency proof", "shorter", len(proof))
        if node & 1 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    if last:
        raise VerificationError("length of the consistency proof", "longer", len(proof))
    if before != old_root:
        raise VerificationError(f"root at size {old}", old_root, before)
    if after != new_root:
        raise VerificationError(f"root at size {new}", new_root, after)


# ------------------------------------------------------------------------------------------ notes and checkpoints


@dataclass(frozen=True)
class VerifierKey:
    """A public key of a log or a witness (C2SP signed-note, "verifier keys")."""

    name: str
    kind: int  # signature type byte
    key: bytes

    @property
    def id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, type, key)."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.key).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read `name+id+base64(type, key)`. Raises VerificationError naming the part that is wrong."""
        name, _, rest = text.strip().partition("+")
        id_, _, encoded = rest.partition("+")
        material = _base64(encoded, "verifier key")
        if not _is_key_name(name) or not material:
            raise VerificationError("verifier key", "name+id+key", text)
        key = cls(name, material[0], material[1:])
        lengths = {ED25519: 32, ED25519_COSIGNATURE: 32, ML_DSA_44: 1312}
        if lengths.get(key.kind) != len(key.key):
            raise VerificationError(f"verifier key of {name}", "type 1, 4 or 6 and its length", material[:1])
        if key.id.hex() != id_:
            raise VerificationError(f"id of the verifier key of {name}", key.id, id_)
        return key

    def verify(self, signature: bytes, text: str) -> None:
        """Raise InvalidSignature (or VerificationError for a note that is no checkpoint) unless it is ours."""
        if self.kind == ED25519:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
            return
        time, signed = int.from_bytes(signature[:8], "big"), signature[8:]
        if len(signature) < 8 or time >= 1 << 63:
            raise InvalidSignature
        if self.kind == ED25519_COSIGNATURE:
            message = ed25519_cosigned_message(time, text)
            Ed25519PublicKey.from_public_bytes(self.key).verify(signed, message)
        else:
            message = ml_dsa_cosigned_message(self.name, time, Checkpoint.parse(text))
            MLDSA44PublicKey.from_public_bytes(self.key).verify(signed, message)


def ed25519_cosigned_message(time: int, text: str) -> bytes:
    """What a witness signs with Ed25519 (C2SP tlog-cosignature): header, POSIX time, note text."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def ml_dsa_cosigned_message(name: str, time: int, checkpoint: Checkpoint) -> bytes:
    """What a log or a witness signs with ML-DSA-44 (C2SP tlog-cosignature, `cosigned_message`)."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    return b"".join(
        [
            b"subtree/v1\n\x00",
            bytes([len(cosigner)]) + cosigner,
            time.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big") + checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        ]
    )


@dataclass(frozen=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Note:
        """Split a signed note (C2SP signed-note). Raises VerificationError when it is none."""
        text, blank, lines = note.rpartition("\n\n")
        bad = any(ord(letter) < 0x20 and letter != "\n" for letter in note)
        if not blank or not lines.endswith("\n") or bad or len(note) > NOTE_LIMIT:
            raise VerificationError("note", "text, blank line, signature lines", repr(note[-80:]))
        return cls(text + "\n", tuple(_signature(line) for line in lines[:-1].split("\n")))


def _signature(line: str) -> Signature:
    dash, name, encoded, *more = [*line.split(" "), "", "", ""][:4]
    value = _base64(encoded, "signature line")
    if dash != "—" or not _is_key_name(name) or any(more) or len(value) < 5:
        raise VerificationError("signature line", "— name base64", line)
    return Signature(name, value[:4], value[4:])


@dataclass(frozen=True)
class Checkpoint:
    """A tree head (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text as a checkpoint. Raises VerificationError naming the line that is wrong."""
        origin, size, root, *extensions = [*text.split("\n"), "", "", ""]
        if not origin:
            raise VerificationError("origin of the checkpoint", "a name", "nothing")
        if not (size.isascii() and size.isdigit() and str(int(size)) == size and int(size) < 1 << 63):
            raise VerificationError("size in the checkpoint", "a decimal number", size)
        hash_ = _base64(root, "root in the checkpoint")
        if len(hash_) != HASH:
            raise VerificationError("root in the checkpoint", f"{HASH} bytes", f"{len(hash_)} bytes")
        if any(extensions) or not text.endswith("\n") or text.count("\n") != 3:
            raise VerificationError("checkpoint", "three lines", repr(text))
        return cls(origin, int(size), hash_)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def verify_note(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The known keys that signed. Raises VerificationError when a known key's signature is wrong, or none is there."""
    known = {(key.name, key.id): key for key in keys}
    signers = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        try:
            key.verify(signature.value, note.text)
        except InvalidSignature:
            raise VerificationError(f"signature of {key.name} (type {key.kind})", "a valid one", "not valid") from None
        signers.append(key)
    if not signers:
        names = ", ".join(sorted({signature.name for signature in note.signatures}))
        raise VerificationError("signatures of the note", "one of a known key", f"only those of {names}")
    return tuple(signers)


def open_checkpoint(note: str, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, tuple[VerifierKey, ...]]:
    """The checkpoint in a signed note and the known keys that signed it.

    Every given key whose name is the log's origin must have signed. Raises VerificationError otherwise.
    """
    parsed = Note.parse(note)
    checkpoint = Checkpoint.parse(parsed.text)
    signers = verify_note(parsed, keys)
    missing = [key for key in keys if key.name == checkpoint.origin and key not in signers]
    if missing or not any(key.name == checkpoint.origin for key in signers):
        raise VerificationError("signatures of the log", f"all keys of {checkpoint.origin}", "some missing")
    return checkpoint, signers


def _base64(text: str, what: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise VerificationError(what, "base64", text) from None
    if base64.b64encode(value).decode() != text:  # stray bits in the last letter
        raise VerificationError(what, "canonical base64", text)
    return value


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


# -------------------------------------------------------------------------------------------------- files of a log


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Where a tile (or, with level "entries", a bundle) lies (C2SP tlog-tiles)."""
    digits = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        digits = f"x{index % 1000:03}/{digits}"
    return f"tile/{level}/{digits}" + (f".p/{width}" if width < WIDTH else "")


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of `size` leaves: 0 (no tile) to 256."""
    return max(0, min(WIDTH, (size >> 8 * level) - index * WIDTH))


def split_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises VerificationError when a length does not fit."""
    entries, at = [], 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or at > len(bundle):
            raise VerificationError("length of an entry bundle", f"{at} bytes", f"{len(bundle)} bytes")
        entries.append(bundle[start:at])
    return entries


def open_log(location: str) -> Fetch:
    """How to fetch a file of a log: from a folder, or from an http(s) address."""
    if location.startswith(("http://", "https://")):
        return lambda path: _download(f"{location.rstrip('/')}/{path}")
    folder = Path(location)
    if not folder.is_dir():
        raise VerificationError("log", "a folder or an http(s) address", location)
    return lambda path: (folder / path).read_bytes()


def _download(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - the caller chose http(s)
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        raise FileNotFoundError(f"{address}: HTTP status {error.code}") from error


def fetch_tile(fetch: Fetch, level: int | str, index: int, width: int) -> bytes:
    """A tile or bundle; where the log has deleted a partial one, the beginning of the full one."""
    try:
        return fetch(tile_path(level, index, width))
    except FileNotFoundError:
        if width == WIDTH:
            raise VerificationError(tile_path(level, index, width), "a file", "none") from None
    full = fetch_tile(fetch, level, index, WIDTH)
    if level != "entries":
        return full[: width * HASH]
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in split_bundle(full)[:width])


@dataclass(frozen=True)
class LogReport:
    """What was checked of a whole log."""

    checkpoint: Checkpoint
    signers: tuple[VerifierKey, ...]
    leaves: Mapping[int, int]  # kind -> how many
    documents: int


def verify_log(fetch: Fetch, keys: Sequence[VerifierKey]) -> LogReport:
    """Check every entry, tile and document of a log against its signed checkpoint.

    Raises VerificationError at the first thing that is wrong.
    """
    checkpoint, signers = open_checkpoint(fetch("checkpoint").decode(), keys)
    kinds: Counter[int] = Counter()
    documents = 0
    level, above, rest = 0, [], []
    for index, width in _tiles(0, checkpoint.size):
        entries = split_bundle(fetch_tile(fetch, "entries", index, width))
        hashes = b"".join([sha256(b"\x00" + entry).digest() for entry in entries])
        _verify_tile(fetch, 0, index, width, hashes)
        (above if width == WIDTH else rest).append(tree_hash(hashes) if width == WIDTH else hashes)
        for at, entry in enumerate(entries):
            if len(entry) != LEAF or entry[0] != 1 or not ACT <= entry[1] <= SECURITY:
                raise VerificationError(f"leaf {index * WIDTH + at}", f"{LEAF} bytes: version 1, kind 1 to 5", entry[:LEAF])
            kinds[entry[1]] += 1
            if POLICY <= entry[1] <= KEY:
                fetch_document(fetch, entry[2:])
                documents += 1
    tails = [b"".join(rest)]
    while above:
        level += 1
        hashes, above = b"".join(above), []
        for index, width in _tiles(level, checkpoint.size):
            tile = hashes[index * WIDTH * HASH : (index * WIDTH + width) * HASH]
            _verify_tile(fetch, level, index, width, tile)
            if width == WIDTH:
                above.append(tree_hash(tile))
        tails.append(hashes[len(above) * WIDTH * HASH :])
    root = root_of_tails(tails)
    if root != checkpoint.root:
        raise VerificationError(f"root at size {checkpoint.size}", checkpoint.root, root)
    return LogReport(checkpoint, signers, dict(kinds), documents)


def _tiles(level: int, size: int) -> Iterator[tuple[int, int]]:
    hashes = size >> 8 * level
    for index in range((hashes + WIDTH - 1) // WIDTH):
        yield index, tile_width(level, index, size)


def _verify_tile(fetch: Fetch, level: int, index: int, width: int, hashes: bytes) -> None:
    tile = fetch_tile(fetch, level, index, width)
    if tile == hashes:
        return
    for at in range(0, max(len(tile), len(hashes)), HASH):
        if tile[at : at + HASH] != hashes[at : at + HASH]:
            what = f"{tile_path(level, index, width)}, hash {at // HASH}"
            raise VerificationError(what, hashes[at : at + HASH], tile[at : at + HASH])


def root_of_tails(tails: Sequence[bytes]) -> bytes:
    """The root of a tree from the partial tiles at its right edge, level 0 first."""
    root = b""
    for tail in tails:
        root = tree_hash(tail + root) if tail else root
    return root or tree_hash(b"")


def fetch_document(fetch: Fetch, hash_: bytes) -> bytes:
    """A published document. Raises VerificationError when it is absent or another one."""
    try:
        document = fetch(f"document/{hash_.hex()}")
    except FileNotFoundError:
        raise VerificationError(f"document {hash_.hex()}", "a file", "none") from None
    if sha256(document).digest() != hash_:
        raise VerificationError("SHA-256 of a document", hash_, sha256(document).digest())
    return document


class VerifiedTiles:
    """Tiles of a log that are believed only once they lead to the checkpoint's root."""

    def __init__(self, fetch: Fetch, checkpoint: Checkpoint) -> None:
        """Fetch the tiles at the right edge. Raises VerificationError unless they give the root."""
        self._fetch, self.size = fetch, checkpoint.size
        self._tiles: dict[tuple[int, int], bytes] = {}
        tails = []
        for level in range((self.size.bit_length() + 7) // 8):
            index = self.size >> 8 * (level + 1)
            width = tile_width(level, index, self.size)
            tails.append(fetch_tile(fetch, level, index, width) if width else b"")
            if len(tails[-1]) != width * HASH:
                raise VerificationError(tile_path(level, index, width), f"{width} hashes", f"{len(tails[-1])} bytes")
            self._tiles[level, index] = tails[-1]
        root = root_of_tails(tails)
        if root != checkpoint.root:
            raise VerificationError(f"root at size {self.size}", checkpoint.root, root)

    def tile(self, level: int, index: int) -> bytes:
        """The hashes of a tile. Raises VerificationError unless its own hash stands in the verified tile above."""
        if (level, index) not in self._tiles:
            tile = fetch_tile(self._fetch, level, index, WIDTH)
            above = self.tile(level + 1, index // WIDTH)
            expected = above[index % WIDTH * HASH :][:HASH]
            if len(tile) != WIDTH * HASH or tree_hash(tile) != expected:
                raise VerificationError(f"hash of {tile_path(level, index)}", expected, tree_hash(tile))
            self._tiles[level, index] = tile
        return self._tiles[level, index]

    def leaf(self, index: int) -> bytes:
        """The leaf hash at an index."""
        if not 0 <= index < self.size:
            raise VerificationError("leaf index", f"less than {self.size}", index)
        return self.tile(0, index // WIDTH)[index % WIDTH * HASH :][:HASH]

    def root_at(self, size: int) -> bytes:
        """The root that this tree had at an earlier size."""
        if not 0 <= size <= self.size:
            raise VerificationError("earlier size", f"at most {self.size}", size)
        tails = []
        for level in range((size.bit_length() + 7) // 8):
            index = size >> 8 * (level + 1)
            width = tile_width(level, index, size)
            tails.append(self.tile(level, index)[: width * HASH] if width else b"")
        return root_of_tails(tails)

    def entries(self, start: int) -> Iterator[tuple[int, bytes]]:
        """Index and bytes of every entry from `start` on, each hashed against its verified leaf hash."""
        for bundle in range(start // WIDTH, (self.size + WIDTH - 1) // WIDTH):
            entries = split_bundle(fetch_tile(self._fetch, "entries", bundle, tile_width(0, bundle, self.size)))
            if b"".join(map(leaf_hash, entries)) != self.tile(0, bundle):
                raise VerificationError(tile_path("entries", bundle), "entries that hash to the tile", "others")
            for at, entry in enumerate(entries, bundle * WIDTH):
                if at >= start:
                    yield at, entry
