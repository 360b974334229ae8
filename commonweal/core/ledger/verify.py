#!/usr/bin/env python3
"""Check a Commonweal log, a receipt or one person's history, from public files alone.

    python verify.py https://node.example/log       every entry, every tile and the signed checkpoint
    python verify.py path/to/log                    the same, from a copied folder
    python verify.py receipt.json                   one use of a person's data, or a whole history of them
    python verify.py history.json --log https://node.example/log --anchor earlier.json

To read it in ten minutes: `verify_log` checks a whole log (with `_leaf_hashes` and `_verify_level`), `_History.check`
one person's history, `open_checkpoint` a signature, `root_from_inclusion` a proof. The rest reads formats and words
what was found.

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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:
    sys.exit("verify.py needs Python 3.11 and the package cryptography, 47 or newer: pip install -U cryptography")

HASH = 32
WIDTH = 256  # hashes in a full tile, entries in a full bundle
LEAF = 34
ACT, POLICY, EPOCH, KEY, SECURITY, DIRECTORY, ALGORITHM, ELECTION = 1, 2, 3, 4, 5, 6, 7, 8
ERASURE, ENTRY = "erasure.entries.erase", "ledger/entry/"  # the action that erases, and how it names what it erased
KEYS_CHANGE = b"commonweal/keys/v1\n"  # the first line of a statement by which new keys follow old ones
DOCUMENTED = (POLICY, EPOCH, KEY, DIRECTORY, ALGORITHM, ELECTION)
ED25519, ED25519_COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
GRACE = timedelta(days=1)  # a sealed entry opens on its day
NOTE_LIMIT = 1_000_000  # characters
FIELD = 2**255 - 19
ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
LOW_ORDER = (0, 1, FIELD - 1, ORDER_8, FIELD - ORDER_8)  # y of the curve's small points: anyone could sign for them

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


def verify_consistency(  # noqa: PLR0912 - the branches are the standard's own steps
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
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
        if key.kind != ML_DSA_44 and int.from_bytes(key.key, "little") % 2**255 % FIELD in LOW_ORDER:
            raise VerificationError(f"verifier key of {name}", "a point of full order", key.key)
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
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text as a checkpoint. Raises VerificationError naming the line that is wrong."""
        origin, size, root, *extensions = [*text.removesuffix("\n").split("\n"), "", ""]
        extensions = extensions[:-2] if len(extensions) > 1 else []
        if not text.endswith("\n") or not origin or not all(extensions):
            raise VerificationError("checkpoint", "origin, size and root, a line each", repr(text))
        if not (size.isascii() and size.isdigit() and str(int(size)) == size and int(size) < 1 << 63):
            raise VerificationError("size in the checkpoint", "a decimal number", size)
        hash_ = _base64(root, "root in the checkpoint")
        if len(hash_) != HASH:
            raise VerificationError("root in the checkpoint", f"{HASH} bytes", f"{len(hash_)} bytes")
        return cls(origin, int(size), hash_, tuple(extensions))

    def __str__(self) -> str:
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(line + "\n" for line in lines)


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
    sealed: int = 0  # entries under seal, says the newest epoch
    sealed_until: str = ""  # the latest day on which one of them opens
    key_changes: tuple[bytes, ...] = ()  # the statements by which its keys have changed, in order


def verify_log(fetch: Fetch, keys: Sequence[VerifierKey]) -> LogReport:
    """Check every entry, tile and document of a log against its signed checkpoint.

    Raises VerificationError at the first thing that is wrong.
    """
    checkpoint, signers = open_checkpoint(fetch("checkpoint").decode(), keys)
    kinds: Counter[int] = Counter()
    newest: dict[int, bytes] = {}
    statements: list[bytes] = []
    tails: list[bytes] = []
    tiles: Iterable[bytes] = _leaf_hashes(fetch, checkpoint.size, kinds, newest, statements)
    while True:
        above, tail = _verify_level(fetch, len(tails), tiles)
        tails.append(tail)
        if not above:
            break
        tiles = [b"".join(above[at : at + WIDTH]) for at in range(0, len(above), WIDTH)]
    root = root_of_tails(tails)
    if root != checkpoint.root:
        raise VerificationError(f"root at size {checkpoint.size}", checkpoint.root, root)
    waiting, latest = _under_seal(fetch, newest[EPOCH]) if EPOCH in newest else (0, "")
    return LogReport(
        checkpoint, signers, dict(kinds), sum(kinds[kind] for kind in DOCUMENTED), waiting, latest, tuple(statements)
    )


def follow_keys(known: Sequence[VerifierKey], statements: Iterable[bytes]) -> tuple[list[VerifierKey], int]:
    """The keys that follow the known ones by the log's own statements, and how many changes that took.

    A change counts when the old Ed25519 key and the new one have both signed it. Raises VerificationError for a
    statement about the known keys that is not.
    """
    keys, changes = list(known), 0
    for document in statements:
        note = Note.parse(document.decode())
        lines = note.text.splitlines()
        old, new = ([VerifierKey.parse(key) for key in line.split(" ")] for line in lines[3:5])
        if keys and set(keys) <= set(old):
            if verify_note(note, [old[0], new[0]]) != (old[0], new[0]):
                raise VerificationError("a change of the log's keys", "signed by the old key and the new one", "not")
            keys, changes = new, changes + 1
    return keys, changes


def _under_seal(fetch: Fetch, epoch: bytes) -> tuple[int, str]:
    """How many entries are under seal and until when. Raises VerificationError when all should be open by now."""
    document = json.loads(fetch_document(fetch, epoch))
    sealed = document.get("sealed") or {"waiting": 0, "latest": None}
    waiting, latest = sealed["waiting"], sealed["latest"] or ""
    now = max(document["closed"], datetime.now(UTC).isoformat())
    if waiting and now >= f"{date.fromisoformat(latest) + GRACE}T":
        raise VerificationError("entries under seal", f"all open since {latest}", f"{waiting} sealed still")
    return waiting, latest


def _leaf_hashes(
    fetch: Fetch, size: int, kinds: Counter[int], newest: dict[int, bytes], statements: list[bytes]
) -> Iterator[bytes]:
    """The leaf hashes of each bundle, after a look at what each leaf says: kinds, the newest epoch, changes of keys."""
    for index in range((size + WIDTH - 1) // WIDTH):
        entries = split_bundle(fetch_tile(fetch, "entries", index, tile_width(0, index, size)))
        for at, entry in enumerate(entries, index * WIDTH):
            if len(entry) != LEAF or entry[0] != 1 or not ACT <= entry[1] <= ELECTION:
                raise VerificationError(f"leaf {at}", f"{LEAF} bytes, version 1, kind 1 to 8", entry[:LEAF])
            if entry[1] in DOCUMENTED:
                document = fetch_document(fetch, entry[2:])
                if entry[1] == KEY and document.startswith(KEYS_CHANGE):
                    statements.append(document)
        kinds.update([entry[1] for entry in entries])
        newest.update({entry[1]: entry[2:] for entry in entries if entry[1] == EPOCH})
        yield b"".join([sha256(b"\x00" + entry).digest() for entry in entries])


def _verify_level(fetch: Fetch, level: int, tiles: Iterable[bytes]) -> tuple[list[bytes], bytes]:
    """Compare each computed tile with the published one; the hashes of the full ones, and the partial one."""
    above, tail = [], b""
    for index, computed in enumerate(tiles):
        width = len(computed) // HASH
        published = fetch_tile(fetch, level, index, width)
        if published != computed:
            pairs = [(computed[at : at + HASH], published[at : at + HASH]) for at in range(0, width * HASH, HASH)]
            at = next((at for at, (expected, got) in enumerate(pairs) if expected != got), width)
            expected, got = pairs[at] if at < width else (f"{width} hashes", f"{len(published)} bytes")
            raise VerificationError(f"{tile_path(level, index, width)}, hash {at}", expected, got)
        if width == WIDTH:
            above.append(tree_hash(computed))
        else:
            tail = computed
    return above, tail


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


# ------------------------------------------------------------------------------------ receipts and histories


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in a history: a code, the entry's number where there is one, expected and got.

    Codes: signature, tree (the log's files), counter, link, label, leaf, unlogged (an entry waits although what came
    later is in the log), erased (an entry is gone and no erasure names it), sealed (an entry opened one under seal, and
    that is missing, changed, or was not in the log before), tail (the newest entries are missing), head
    (an entry is not what the epoch says), epoch, epoch_old, anchor_log (the log changed since the anchor), anchor_entry
    (the history did).
    """

    code: str
    n: int | None
    expected: str
    got: str


@dataclass(frozen=True)
class Anchor:
    """What somebody remembers of an earlier check."""

    origin: str
    size: int
    root: str  # hex
    n: int
    commitment: str  # hex

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Anchor:
        """Read an anchor's JSON object. Raises VerificationError."""
        try:
            return cls(**{name: values[name] for name in ("origin", "size", "root", "n", "commitment")})
        except (KeyError, TypeError) as error:
            raise VerificationError("anchor", "origin, size, root, n, commitment", repr(error)) from None


@dataclass(frozen=True)
class HistoryReport:
    """What was checked of one person's history."""

    entries: int
    pending: int  # not in the log yet
    erased: int
    complete: bool  # from the first entry to the newest that the node or the epoch names
    checkpoint: Checkpoint
    epoch: int | None  # size of the log that the epoch covers
    epoch_since: bool  # another one has closed since the file was made
    findings: tuple[Finding, ...]
    anchor: Anchor | None  # remember this for the next check

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify_history(
    history: Mapping[str, Any], keys: Sequence[VerifierKey], fetch: Fetch | None = None, anchor: Anchor | None = None
) -> HistoryReport:
    """Check a receipt or a history file (format: see `receipts.py`, or docs/protocols.md).

    With `fetch`, public tiles stand in for inclusion proofs that the file does not carry, and show whether the
    file's epoch is the newest. Raises VerificationError only when the file cannot be read as a history.
    """
    try:
        return _History(history, keys, fetch).check(anchor)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerificationError("history", "a file of version 1", repr(error)) from None


def erased_by(body: Mapping[str, Any]) -> set[int]:
    """The entries of the same person that this record says were erased."""
    if (body.get("action"), body.get("decision")) != (ERASURE, "permitted"):
        return set()
    return {int(name[len(ENTRY) :]) for name in body.get("changed", ()) if name.startswith(ENTRY)}


class _History:
    def __init__(self, history: Mapping[str, Any], keys: Sequence[VerifierKey], fetch: Fetch | None) -> None:
        if history["version"] != 1:
            raise VerificationError("version of the history", 1, history["version"])
        self.history, self.keys = history, keys
        self.findings: list[Finding] = []
        self.commitments: dict[int, bytes] = {}
        self.indexes: dict[int, int | None] = {}
        self.epoch_since = False  # one has closed since the file was made
        self.subject: str | None = None  # whom the entries are about: one person only
        self.erased: set[int] = set()
        self.explained: set[int] = set()  # entries that an erasure names
        self.checkpoint = Checkpoint.parse(Note.parse(history["checkpoint"]).text)
        self.tiles: VerifiedTiles | None = None
        self.fetch = fetch

    def expect(self, code: str, n: int | None, expected: object, got: object) -> None:
        if expected != got:
            self.findings.append(Finding(code, n, _shown(expected), _shown(got)))

    def guard(self, code: str, n: int | None, check: Callable[[], object]) -> None:
        try:
            check()
        except VerificationError as error:
            self.findings.append(Finding(code, n, error.expected, f"{error.got} ({error.what})"))

    def check(self, anchor: Anchor | None) -> HistoryReport:
        history = self.history
        self.guard("signature", None, lambda: open_checkpoint(history["checkpoint"], self.keys))
        self.guard("tree", None, self.open_tiles)
        for place, entry in enumerate(history["entries"]):
            self.expect("counter", history["start"] + place, history["start"] + place, entry["n"])
            self.check_entry(entry)
        self.check_erasures()
        self.check_order()
        self.check_epoch()
        if anchor:
            self.check_anchor(anchor)
        newest = max(self.commitments, default=0)
        return HistoryReport(
            entries=len(history["entries"]),
            pending=sum(index is None for index in self.indexes.values()),
            erased=len(self.erased),
            epoch_since=self.epoch_since,
            complete=history["start"] == 1 and newest == history["last"],
            checkpoint=self.checkpoint,
            epoch=json.loads(history["epoch"]["document"])["size"] if history["epoch"] else None,
            findings=tuple(self.findings),
            anchor=None if self.findings else self.new_anchor(newest, anchor),
        )

    def open_tiles(self) -> None:
        if self.history["origin"] != self.checkpoint.origin:
            raise VerificationError("origin", self.checkpoint.origin, self.history["origin"])
        if self.fetch:
            self.tiles = VerifiedTiles(self.fetch, self.checkpoint)

    def check_entry(self, entry: Mapping[str, Any]) -> None:
        n = entry["n"]
        if "body" in entry:
            commitment = hmac.digest(bytes.fromhex(entry["key"]), entry["body"].encode(), "sha256")
            body = json.loads(entry["body"])
            self.expect("counter", n, n, body["n"])
            self.explained |= erased_by(body)
            self.subject = self.subject or body["subject"]
            self.expect("label", n, self.subject, body["subject"])
            if n == 1:
                self.expect("link", n, None, body["previous"])
                self.expect("label", n, self.history["label"], body["label"])
            elif n - 1 in self.commitments:
                self.expect("link", n, self.commitments[n - 1].hex(), body["previous"])
            self.check_sealed(entry, body)
        else:  # erased: only its commitment is left
            self.erased.add(n)
            commitment = bytes.fromhex(entry["commitment"])
        self.commitments[n], self.indexes[n] = commitment, entry["index"]
        if entry["index"] is not None:
            self.guard("leaf", n, lambda: self.check_act_leaf(entry, commitment))

    def check_sealed(self, entry: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """An entry that opens one under seal carries it: committed to long before, about the same person, not early."""
        n, opened, sealed = entry["n"], body.get("opened"), entry.get("sealed")
        if opened is None or sealed is None:
            self.expect("sealed", n, opened is not None, sealed is not None)
            return
        commitment = hmac.digest(bytes.fromhex(sealed["key"]), sealed["body"].encode(), "sha256")
        original = json.loads(sealed["body"])
        self.expect("sealed", n, opened["commitment"], commitment.hex())
        self.expect("sealed", n, body["subject"], original["subject"])
        if body["time"] < original["sealed"]["until"]:
            self.expect("sealed", n, f"opened from {original['sealed']['until']} on", body["time"])
        if sealed["index"] is None or (entry["index"] is not None and sealed["index"] >= entry["index"]):
            self.expect("sealed", n, "in the log before it was opened", sealed["index"])
        else:
            self.guard("sealed", n, lambda: self.check_act_leaf(sealed, commitment))

    def check_act_leaf(self, entry: Mapping[str, Any], commitment: bytes) -> None:
        path = [bytes.fromhex(step) for step in entry["path"]]
        root = root_from_inclusion(leaf_hash(commitment), entry["position"], entry["count"], path)
        self.check_leaf(entry, bytes([1, ACT]) + root)

    def check_leaf(self, place: Mapping[str, Any], leaf: bytes) -> None:
        """The leaf stands at the place's index: by the proof beside it, or by the public tiles."""
        if "proof" in place:
            proof = [bytes.fromhex(step) for step in place["proof"]]
            verify_inclusion(leaf_hash(leaf), place["index"], self.checkpoint.size, proof, self.checkpoint.root)
        elif self.tiles:
            published = self.tiles.leaf(place["index"])
            if published != leaf_hash(leaf):
                raise VerificationError(f"leaf hash {place['index']}", leaf_hash(leaf), published)
        elif not self.fetch:  # where tiles were fetched and are wrong, the finding `tree` says so
            raise VerificationError("proof", "in the file, or the log's tiles", "neither")

    def check_erasures(self) -> None:
        """An entry that is gone is named by a record of its erasure; only a history up to its end can tell."""
        if self.history["stop"] == self.history["last"] + 1:
            for n in sorted(self.erased - self.explained):
                self.expect("erased", n, "an erasure that names it", "none")

    def check_order(self) -> None:
        """Leaves are placed in the order of their acts: nothing waits that a later entry or the epoch has overtaken."""
        epoch = self.history["epoch"]
        overtaken = [n - 1 for n, index in self.indexes.items() if index is not None]
        overtaken.append(epoch["head"]["n"] if epoch and epoch["head"] else 0)
        for n, index in self.indexes.items():
            if index is None and n <= max(overtaken):
                self.expect("unlogged", n, "in the log, as what came later is", "pending")
        self.expect("tail", None, self.history["stop"] - 1, self.history["start"] - 1 + len(self.history["entries"]))

    def check_epoch(self) -> None:
        epoch = self.history["epoch"]
        if epoch:
            self.guard("epoch", None, lambda: self.check_epoch_leaf(epoch))
            covered, head = json.loads(epoch["document"])["size"], epoch["head"]
            newest = head["n"] if head else 0
            for n, index in self.indexes.items():
                if index is not None and index < covered and n > newest:
                    self.expect("head", n, f"at most {newest}, says the epoch", n)
            if newest in self.commitments:
                self.expect("head", newest, head["commitment"], self.commitments[newest].hex())
            if self.history["last"] < newest:
                self.expect("tail", None, newest, self.history["last"])
        if self.tiles:
            self.guard("epoch_old", None, lambda: self.check_newest_epoch(epoch["index"] if epoch else -1))
            self.guard("tree", None, lambda: self.check_current(epoch["index"] if epoch else -1))

    def check_epoch_leaf(self, epoch: Mapping[str, Any]) -> None:
        text = epoch["document"].encode()
        self.check_leaf(epoch, bytes([1, EPOCH]) + sha256(text).digest())
        document, head = json.loads(text), epoch["head"]
        if document["size"] > epoch["index"]:
            raise VerificationError("size that the epoch covers", f"at most {epoch['index']}", document["size"])
        if head:
            label, commitment = bytes.fromhex(self.history["label"]), bytes.fromhex(head["commitment"])
            path = [(bit, bytes.fromhex(hash_)) for bit, hash_ in head["path"]]
            root = root_from_map_path(label, head["n"], commitment, path)
            if root.hex() != document["root"]:
                raise VerificationError("root of the epoch's map", document["root"], root)

    def check_newest_epoch(self, known: int) -> None:
        assert self.tiles  # noqa: S101
        for index, entry in self.tiles.entries(known + 1):
            if entry[1] == EPOCH:
                raise VerificationError("newest epoch", f"leaf {index}", f"leaf {known}" if known >= 0 else "none")

    def check_current(self, known: int) -> None:
        """The file's tree is a part of the log as it stands now; whether an epoch has closed since is noted."""
        assert self.fetch  # noqa: S101
        try:
            note = self.fetch("checkpoint").decode()
        except FileNotFoundError:
            raise VerificationError("checkpoint of the log", "a file", "none") from None
        current, _ = open_checkpoint(note, self.keys)
        now = VerifiedTiles(self.fetch, current)
        root = now.root_at(self.checkpoint.size)
        if root != self.checkpoint.root:
            raise VerificationError(f"root at size {self.checkpoint.size}", root, self.checkpoint.root)
        newer = now.entries(max(known + 1, self.checkpoint.size))
        self.epoch_since = any(entry[1] == EPOCH for _, entry in newer)

    def check_anchor(self, anchor: Anchor) -> None:
        self.guard("anchor_log", None, lambda: self.check_anchored_log(anchor))
        if anchor.n in self.commitments:
            self.expect("anchor_entry", anchor.n, anchor.commitment, self.commitments[anchor.n].hex())
        elif self.history["last"] < anchor.n or self.history["start"] <= anchor.n < self.history["stop"]:
            self.expect("anchor_entry", anchor.n, anchor.commitment, "no such entry")

    def check_anchored_log(self, anchor: Anchor) -> None:
        now = self.checkpoint
        if (now.origin, now.size >= anchor.size) != (anchor.origin, True):
            raise VerificationError("log", f"{anchor.origin}, size {anchor.size} or more", f"{now.origin}, {now.size}")
        if self.tiles:
            root = self.tiles.root_at(anchor.size).hex()
            if root != anchor.root:
                raise VerificationError(f"root at size {anchor.size}", anchor.root, root)
        else:
            proofs = self.history.get("consistency", {})
            proof = [bytes.fromhex(step) for step in proofs.get(str(anchor.size), [])]
            verify_consistency(anchor.size, now.size, bytes.fromhex(anchor.root), now.root, proof)

    def new_anchor(self, newest: int, old: Anchor | None) -> Anchor | None:
        log = (self.checkpoint.origin, self.checkpoint.size, self.checkpoint.root.hex())
        if old and old.n > newest:  # an older part of the history was checked: the newest entry stays remembered
            return Anchor(*log, old.n, old.commitment)
        return Anchor(*log, newest, self.commitments[newest].hex()) if newest else None


def map_leaf_hash(label: bytes, n: int, commitment: bytes) -> bytes:
    """A leaf of the epoch map: leaf hash over label (32 bytes), n (uint64, big-endian), commitment (32 bytes)."""
    return leaf_hash(label + n.to_bytes(8, "big") + commitment)


def map_node_hash(bit: int, left: bytes, right: bytes) -> bytes:
    """An inner node of the epoch map: labels below differ first in `bit` (0 is the highest; left has 0 there)."""
    return sha256(b"\x02" + bit.to_bytes(2, "big") + left + right).digest()


def root_from_map_path(label: bytes, n: int, commitment: bytes, path: Sequence[tuple[int, bytes]]) -> bytes:
    """The root of the epoch map that a path (bit, sibling), leaf side first, leads to.

    The label's own bits say on which side it stands, so a map cannot hold one label twice.
    Raises VerificationError when the bits do not descend.
    """
    current, below = map_leaf_hash(label, n, commitment), 8 * len(label)
    for bit, sibling in path:
        if not 0 <= bit < below:
            raise VerificationError("bit in a map path", f"0 to {below - 1}", bit)
        right = label[bit // 8] >> (7 - bit % 8) & 1
        current = map_node_hash(bit, sibling, current) if right else map_node_hash(bit, current, sibling)
        below = bit
    return current


# ------------------------------------------------------------------------------------------------ command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check that the arguments name; 0 when everything is right, 1 when something is not."""
    parser = argparse.ArgumentParser(description="Check a Commonweal log, a receipt or a person's history.")
    parser.add_argument("what", help="address or folder of a log, or a receipt or history file")
    parser.add_argument("--vkey", action="append", default=[], help="a key that must have signed (repeat for more)")
    parser.add_argument("--log", help="address or folder of the log that a history's entries stand in")
    parser.add_argument("--anchor", type=Path, help="file with what you remember of an earlier check")
    given = parser.parse_args(arguments)
    try:
        keys = [VerifierKey.parse(text) for text in given.vkey]
        if not given.vkey:
            print("No --vkey given: the signature is checked against the key that the file or log itself names.")
        if Path(given.what).is_file():
            return _print_history(given, keys)
        return _print_log(given, keys)
    except (VerificationError, OSError, UnicodeDecodeError) as error:
        print(f"NOT VERIFIED. {error}")
        return 1


def _print_log(given: argparse.Namespace, keys: Sequence[VerifierKey]) -> int:
    fetch = open_log(given.what)
    keys = keys or [VerifierKey.parse(line) for line in fetch("vkeys").decode().splitlines()]
    try:
        report = verify_log(fetch, keys)
    except VerificationError:
        report = _verify_by_later_keys(fetch, keys)
    names = {ACT: "acts", POLICY: "policies", EPOCH: "epochs", KEY: "keys", SECURITY: "security",
             DIRECTORY: "directories", ALGORITHM: "algorithms", ELECTION: "elections"}
    kinds = ", ".join(f"{count} {names[kind]}" for kind, count in sorted(report.leaves.items()))
    print(f"VERIFIED. {report.checkpoint.origin}: {report.checkpoint.size} leaves ({kinds or 'empty'})")
    signers = ", ".join(f"{key.name} (type {key.kind})" for key in report.signers)
    print(f"Root {report.checkpoint.root.hex()}, signed by {signers}")
    if report.sealed:
        print(f"{report.sealed} entries are under seal, the last of them until {report.sealed_until}")
    return 0


def _verify_by_later_keys(fetch: Fetch, known: Sequence[VerifierKey]) -> LogReport:
    """Check a log that the known keys do not sign any more, if its own statements lead from them to those that do."""
    now = [VerifierKey.parse(line) for line in fetch("vkeys").decode().splitlines()]
    report = verify_log(fetch, now)
    followed, changes = follow_keys(known, report.key_changes)
    if not changes or set(followed) != set(now):
        raise VerificationError("signatures of the log", "your keys, or keys that follow them", "others")
    print(f"The log has changed its keys {changes} times since yours, each time signed by the old and the new one.")
    return report


def _print_history(given: argparse.Namespace, keys: Sequence[VerifierKey]) -> int:
    try:
        history = json.loads(Path(given.what).read_text("utf-8"))
        anchor = Anchor.parse(json.loads(given.anchor.read_text("utf-8"))) if given.anchor else None
        keys = keys or [VerifierKey.parse(text) for text in history["vkeys"]]
        first, last = history["start"], history["stop"] - 1
    except (ValueError, KeyError, TypeError) as error:
        raise VerificationError("history", "JSON of version 1", repr(error)) from None
    report = verify_history(history, keys, open_log(given.log) if given.log else None, anchor)
    for finding in report.findings:
        entry = f"entry {finding.n}, " if finding.n is not None else ""
        print(f"  {entry}{finding.code}: expected {finding.expected}, got {finding.got}")
    waiting = f", {report.pending} not in the log yet" if report.pending else ""
    erased = f", {report.erased} erased" if report.erased else ""
    verdict = "VERIFIED" if report.ok else "NOT VERIFIED"
    print(f"{verdict}. Entries {first} to {last} of {history['last']}{waiting}{erased}, "
          f"against size {report.checkpoint.size} of {report.checkpoint.origin}")
    print(_completeness(given, history, report))
    if report.anchor:
        print(f"Remember this: {json.dumps(vars(report.anchor))}")
    return 0 if report.ok else 1


def _completeness(given: argparse.Namespace, history: Mapping[str, Any], report: HistoryReport) -> str:
    """What the check can say of entries that are not in the file."""
    head = history["epoch"] and history["epoch"]["head"]
    if not given.log or not report.complete or not head:
        return ("COMPLETENESS NOT CHECKED: what was left out of a file cannot be seen in it. Download the whole "
                "history, once it has an epoch, and give the log's address: --log ADDRESS")
    if report.epoch_since:
        return "COMPLETENESS NOT CHECKED: an epoch has closed since the file was made. Download the history again."
    closed = json.loads(history["epoch"]["document"])["closed"]
    return (f"Complete up to entry {head['n']}, by the epoch that closed at {closed}. What is newer shows when the "
            "next one closes, or at once against an earlier receipt (--anchor).")


if __name__ == "__main__":
    sys.exit(main())
