"""The public log as files (C2SP tlog-tiles): writing tiles and bundles durably, and reading hashes out of them."""
from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from commonweal.core.ledger import merkle
from commonweal.core.ledger.verify import HASH, WIDTH, Fetch, fetch_tile, tile_path, tile_width, tree_hash

HEIGHT = 8  # levels of the tree in one tile
CACHED_TILES = 256  # expanded tiles that a reader keeps, 16 KiB each


def bundle(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry after its length as a big-endian uint16.

    Raises OverflowError for an entry over 65,535 bytes.
    """
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


class LogFolder:
    """The folder that is served as the public log.

    Every file is written beside its place, made durable, and renamed, so that a reader never sees half of one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.mkdir(parents=True, exist_ok=True)
        self._waiting: set[Path] = set()

    def fetch(self, path: str) -> bytes:
        """The bytes of one file. Raises FileNotFoundError."""
        return (self.path / path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        """Put a file in its place; its name is durable after the next `settle`."""
        target = self.path / path
        self._make_folder(target.parent)
        passing = target.with_name(f".{target.name}.new")
        with passing.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        passing.rename(target)
        self._waiting.add(target.parent)

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Put many files in their places."""
        for path, content in files.items():
            self.write(path, content)

    def settle(self) -> None:
        """Make the names of all files written since the last call durable."""
        for folder in self._waiting:
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self._waiting.clear()

    def forget_partial(self, level: int | str, index: int) -> None:
        """Delete the partial forms of a tile that is now full and published (tlog-tiles, "Partial Tiles")."""
        folder = self.path / f"{tile_path(level, index)}.p"
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            self._waiting.add(folder.parent)


class Edge:
    """The tiles at the right edge of a growing tree: what is not full yet, for each level."""

    def __init__(self, size: int = 0, tails: Sequence[bytes] = ()) -> None:
        self.size = size
        self.tails = list(tails)  # concatenated hashes, level 0 first

    @classmethod
    def read(cls, size: int, fetch: Fetch) -> Edge:
        """The edge of a published tree. Raises VerificationError when a tile is missing."""
        tails = []
        for level in range((size.bit_length() + HEIGHT - 1) // HEIGHT):
            index = size >> HEIGHT * (level + 1)
            width = tile_width(level, index, size)
            tails.append(fetch_tile(fetch, level, index, width) if width else b"")
        return cls(size, tails)

    def partial_tiles(self) -> dict[tuple[int, int], bytes]:
        """The tiles that are not full, as (level, index) -> hashes."""
        return {
            (level, self.size >> HEIGHT * (level + 1)): tail for level, tail in enumerate(self.tails) if tail
        }

    def extend(self, hashes: bytes) -> dict[tuple[int, int], bytes]:
        """Add concatenated leaf hashes; the tiles that this fills, as (level, index) -> hashes."""
        filled: dict[tuple[int, int], bytes] = {}
        level, start = 0, self.size
        self.size += len(hashes) // HASH
        while hashes:
            if level == len(self.tails):
                self.tails.append(b"")
            first = start >> HEIGHT * (level + 1)
            hashes = self.tails[level] + hashes
            tiles = [hashes[at : at + WIDTH * HASH] for at in range(0, len(hashes), WIDTH * HASH)]
            full = [tile for tile in tiles if len(tile) == WIDTH * HASH]
            filled.update({(level, first + at): tile for at, tile in enumerate(full)})
            self.tails[level] = tiles[-1] if len(full) < len(tiles) else b""
            hashes = b"".join(map(tree_hash, full))
            level += 1
        return filled


class TileReader:
    """Hashes of perfect subtrees from published tiles; `node` is what `merkle`'s proofs ask for."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self.size = size
        self._fetch = fetch
        self._levels = lru_cache(CACHED_TILES)(self._read)

    def node(self, height: int, index: int) -> bytes:
        """The hash of the leaves [index * 2**height, (index + 1) * 2**height).

        Raises VerificationError when a tile is missing.
        """
        level, within = divmod(height, HEIGHT)
        tile, at = divmod(index << within, WIDTH)
        at >>= within
        return self._levels(level, tile)[within][at * HASH : (at + 1) * HASH]

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The audit path of one leaf. Raises IndexError, VerificationError."""
        return merkle.inclusion_proof(index, self.size, self.node)

    def consistency_proof(self, old: int) -> list[bytes]:
        """The proof that this tree begins with the one of `old` leaves. Raises ValueError, VerificationError."""
        return merkle.consistency_proof(old, self.size, self.node)

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves (default: all)."""
        return merkle.subtree_hash(0, self.size if size is None else size, self.node)

    def _read(self, level: int, tile: int) -> list[bytes]:
        return merkle.levels_of(fetch_tile(self._fetch, level, tile, tile_width(level, tile, self.size)))
