"""From rows to public files, and back: what is written is read again from the disk before anything is signed."""
from __future__ import annotations

import logging
from hashlib import sha256

from commonweal.core.ledger import rows, tiles
from commonweal.core.ledger.rows import Damaged, Row
from commonweal.core.ledger.tiles import Edge, LogFolder
from commonweal.core.ledger.verify import HASH, WIDTH, Checkpoint, root_of_tails, split_bundle, tile_path

log = logging.getLogger(__name__)


def write_files(folder: LogFolder, published: Edge, size: int) -> Edge:
    """Write the documents, bundles and tiles that the log needs to grow to `size`; the new right edge.

    Durable when this returns. Writing the same again changes nothing, so a broken run is simply repeated.
    Raises Damaged.
    """
    edge = Edge(published.size, published.tails)
    for chunk in rows.chunks(published.size - published.size % WIDTH, size):
        new = [row for row in chunk if row.idx >= edge.size]
        folder.write_all(_document_files(new))
        folder.write_all(_bundle_files(chunk))
        folder.write_all(_tile_files(edge.extend(rows.hashes_of(new))))
    folder.write_all(_tile_files(edge.partial_tiles()))
    folder.settle()
    return edge


def reread(folder: LogFolder, published: Edge, intended: Checkpoint) -> None:
    """Read rows, bundles and tiles back and hash every new leaf up to the root.

    One bit that flipped between hashing and storing would destroy the log once signed. Raises Damaged.
    """
    edge = Edge(published.size, published.tails)
    for chunk in rows.chunks(published.size - published.size % WIDTH, intended.size):
        entries = [entry for path in _bundle_files(chunk) for entry in split_bundle(folder.fetch(path))]
        if entries != [row.data for row in chunk]:
            raise Damaged(f"an entry bundle from leaf {chunk[0].idx} on differs from the rows it was written from")
        new = chunk[edge.size - chunk[0].idx :]  # re-read and re-hashed just now, and the same bytes as the bundles
        _compare(folder, _tile_files(edge.extend(rows.hashes_of(new))))
    _compare(folder, _tile_files(edge.partial_tiles()))
    root = root_of_tails(edge.tails)
    if (edge.size, root) != (intended.size, intended.root):
        raise Damaged(f"root at size {intended.size}: intended {intended.root.hex()}, re-read {root.hex()}")


def recompute(folder: LogFolder, size: int, root: bytes) -> Edge:
    """Recompute the tree of `size` leaves from the rows and compare it with its root and its files; its right edge.

    A file that differs although the root is right is written anew, with a warning. Raises Damaged.
    """
    wrong: dict[str, bytes] = {}
    edge = Edge()
    for chunk in rows.chunks(0, size):
        files = _document_files(chunk) | _bundle_files(chunk) | _tile_files(edge.extend(rows.hashes_of(chunk)))
        wrong |= {path: content for path, content in files.items() if not _stands(folder, path, content)}
    partial = _tile_files(edge.partial_tiles())
    wrong |= {path: content for path, content in partial.items() if not _stands(folder, path, content)}
    if root_of_tails(edge.tails) != root:
        raise Damaged(f"root at size {size}: {root.hex()} was stored or signed, the rows give "
                      f"{root_of_tails(edge.tails).hex()}: run `commonweal check`")
    for path in wrong:
        log.warning("a public file that differed from the signed tree is written anew: %s", path)
    folder.write_all(wrong)
    folder.settle()
    return edge


def forget_partial_tiles(folder: LogFolder, old: int, new: int) -> None:
    """Delete the partial forms of the tiles and bundles that became full between two published sizes."""
    for index in range(old // WIDTH, new // WIDTH):
        folder.forget_partial("entries", index)
    level = 0
    while new // WIDTH:
        for index in range(old // WIDTH, new // WIDTH):
            folder.forget_partial(level, index)
        level, old, new = level + 1, old // WIDTH, new // WIDTH


def _document_files(chunk: list[Row]) -> dict[str, bytes]:
    found = rows.documents(sorted({row.document for row in chunk if row.document}))
    for hash_, body in found.items():
        if sha256(body).digest() != hash_:
            raise Damaged(f"ledger_document {hash_.hex()} holds another text: run `commonweal check`")
    return {f"document/{hash_.hex()}": body for hash_, body in found.items()}


def _bundle_files(chunk: list[Row]) -> dict[str, bytes]:
    """The bundles over a chunk that begins where a bundle begins."""
    parts = [chunk[at : at + WIDTH] for at in range(0, len(chunk), WIDTH)]
    return {
        tile_path("entries", part[0].idx // WIDTH, len(part)): tiles.bundle(row.data for row in part) for part in parts
    }


def _tile_files(changed: dict[tuple[int, int], bytes]) -> dict[str, bytes]:
    return {tile_path(level, index, len(hashes) // HASH): hashes for (level, index), hashes in changed.items()}


def _compare(folder: LogFolder, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        if not _stands(folder, path, content):
            raise Damaged(f"{path} on the disk differs from the hashes of the entries")


def _stands(folder: LogFolder, path: str, content: bytes) -> bool:
    try:
        return folder.fetch(path) == content
    except FileNotFoundError:
        return False
