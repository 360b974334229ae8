"""RFC 6962 trees: proofs and roots.

Hashing lives in `verify.py`; this module only decides which hashes go where. `Node` gives the hash of a perfect
subtree: `node(height, index)` covers the leaves [index * 2**height, (index + 1) * 2**height).
"""
from __future__ import annotations

from collections.abc import Callable, Sequence

from commonweal.core.ledger.verify import HASH, node_hash, tree_hash

Node = Callable[[int, int], bytes]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes (RFC 6962 section 2.1)."""
    return tree_hash(b"".join(hashes))


def path_of(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion proof of one leaf in a tree small enough to be held whole.

    Raises IndexError when there is no such leaf.
    """
    levels = levels_of(b"".join(hashes))
    return inclusion_proof(index, len(hashes), lambda height, at: levels[height][at * HASH : (at + 1) * HASH])


def levels_of(hashes: bytes) -> list[bytes]:
    """Every level of perfect subtrees over concatenated leaf hashes: level 0 is the leaves."""
    levels = [hashes]
    while len(levels[-1]) > HASH:
        whole = levels[-1][: len(levels[-1]) // (2 * HASH) * 2 * HASH]
        levels.append(_paired(whole))
    return levels


def _paired(hashes: bytes) -> bytes:
    return b"".join(node_hash(hashes[at : at + HASH], hashes[at + HASH : at + 2 * HASH]) for at in _every_pair(hashes))


def _every_pair(hashes: bytes) -> range:
    return range(0, len(hashes), 2 * HASH)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of a leaf, nearest sibling first (RFC 9162 section 2.1.3.1).

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(subtree_hash(middle, stop, node))
            stop = middle
        else:
            path.append(subtree_hash(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old` (RFC 9162 section 2.1.4.1).

    Raises ValueError unless 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"a consistency proof needs 0 < old <= new, got {old} and {new}")
    path: list[bytes] = []
    start, stop, whole = 0, new, True  # `whole`: the old tree ends here and starts at 0, so its root is known
    while old < stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(subtree_hash(middle, stop, node))
            stop = middle
        else:
            path.append(subtree_hash(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(subtree_hash(start, stop, node))
    return path[::-1]


def subtree_hash(start: int, stop: int, node: Node) -> bytes:
    """The Merkle tree hash of the leaves [start, stop), where `start` is a multiple of the leading power of two."""
    hash_ = None
    for height, index in reversed(_perfect_parts(start, stop)):
        hash_ = node(height, index) if hash_ is None else node_hash(node(height, index), hash_)
    return tree_hash(b"") if hash_ is None else hash_


def _perfect_parts(start: int, stop: int) -> list[tuple[int, int]]:
    parts = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        parts.append((height, start >> height))
        start += 1 << height
    return parts


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
