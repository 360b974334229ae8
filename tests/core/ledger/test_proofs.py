"""Inclusion and consistency proofs: another project's cases, and properties of ours."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.ledger import merkle
from commonweal.core.ledger.verify import (
    VerificationError,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(600)]
sizes = st.integers(1, len(LEAVES))


def cases(folder: Path) -> list[tuple[str, dict[str, object]]]:
    found = [(str(file.relative_to(folder)), json.loads(file.read_text("utf-8"))) for file in folder.rglob("*.json")]
    assert len(found) == 98
    return found


def unbase64(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]


def test_inclusion_cases_of_transparency_dev(test_data: Path) -> None:
    for name, case in cases(test_data / "merkle/testdata/inclusion"):
        hash_, root = unbase64([case["leafHash"], case["root"]])
        try:
            verify_inclusion(hash_, case["leafIdx"], case["treeSize"], unbase64(case["proof"]), root)
            accepted = True
        except VerificationError:
            accepted = False
        assert accepted is not case["wantErr"], name


def test_consistency_cases_of_transparency_dev(test_data: Path) -> None:
    for name, case in cases(test_data / "merkle/testdata/consistency"):
        old_root, new_root = unbase64([case["root1"], case["root2"]])
        try:
            verify_consistency(case["size1"], case["size2"], old_root, new_root, unbase64(case["proof"]))
            accepted = True
        except VerificationError:
            accepted = False
        assert accepted is not case["wantErr"], name


def defined_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


def node_of(size: int) -> merkle.Node:
    levels = merkle.levels_of(b"".join(LEAVES[:size]))
    return lambda height, index: levels[height][32 * index : 32 * index + 32]


@given(st.integers(0, len(LEAVES)))
def test_every_way_to_a_root_agrees_with_the_definition(size: int) -> None:
    root = defined_root(LEAVES[:size])
    assert merkle.root_of(LEAVES[:size]) == root
    assert merkle.subtree_hash(0, size, node_of(size)) == root


@given(sizes, st.data())
def test_inclusion_proofs_verify_and_only_for_their_leaf(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index)) if size > 1 else None
    root, proof = merkle.root_of(LEAVES[:size]), merkle.inclusion_proof(index, size, node_of(size))
    verify_inclusion(LEAVES[index], index, size, proof, root)
    assert proof == merkle.path_of(LEAVES[:size], index)
    if other is not None:
        with pytest.raises(VerificationError):
            verify_inclusion(LEAVES[other], index, size, proof, root)
        with pytest.raises(VerificationError):
            verify_inclusion(LEAVES[index], other, size, proof, root)


@given(sizes, sizes, st.data())
def test_consistency_proofs_verify_and_any_changed_bit_is_refused(a: int, b: int, data: st.DataObject) -> None:
    old, new = sorted((a, b))
    proof = merkle.consistency_proof(old, new, node_of(new))
    old_root, new_root = merkle.root_of(LEAVES[:old]), merkle.root_of(LEAVES[:new])
    verify_consistency(old, new, old_root, new_root, proof)
    if proof:
        step = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        changed = (int.from_bytes(proof[step], "big") ^ 1 << bit).to_bytes(32, "big")
        with pytest.raises(VerificationError):
            verify_consistency(old, new, old_root, new_root, [*proof[:step], changed, *proof[step + 1 :]])


def test_a_root_agrees_with_an_independent_library() -> None:
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    for number in range(600):
        tree.append_entry(number.to_bytes(4, "big"))
    assert tree.get_root() == merkle.root_of(LEAVES)


def test_proofs_that_cannot_exist_are_refused() -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_proof(5, 5, node_of(5))
    for old, new in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="0 < old <= new"):
            merkle.consistency_proof(old, new, node_of(5))
