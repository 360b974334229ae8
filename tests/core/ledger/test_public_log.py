"""The public files: their layout, and every changed byte of them."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonweal.core.ledger import verify
from commonweal.core.ledger.tiles import Edge, TileReader, bundle
from commonweal.core.ledger.verify import (
    VerificationError,
    VerifiedTiles,
    leaf_hash,
    open_log,
    root_of_tails,
    split_bundle,
    tile_path,
    tile_width,
    verify_log,
)
from tests.core.ledger.world import World, add_leaves, sql


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in (folder / "tile").rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [(0, 0, 256, "tile/0/000"), (0, 1234067, 256, "tile/0/x001/x234/067"), (2, 999, 1, "tile/2/999.p/1"),
     ("entries", 1000, 255, "tile/entries/x001/000.p/255")],
)  # fmt: skip
def test_tile_paths(level: int | str, index: int, width: int, path: str) -> None:
    assert tile_path(level, index, width) == path


def test_the_70000_leaves_of_the_tiles_text() -> None:
    widths = [[tile_width(level, index, 70_000) for index in range(300)] for level in range(4)]
    assert [(level.count(256), [width for width in level if 0 < width < 256]) for level in widths] == [
        (273, [112]), (1, [17]), (0, [1]), (0, [])
    ]  # fmt: skip


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_hold_their_entries(entries: list[bytes]) -> None:
    assert split_bundle(bundle(entries)) == entries


def test_an_entry_too_long_for_a_bundle_is_refused() -> None:
    assert split_bundle(bundle([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(OverflowError):
        bundle([bytes(65_536)])
    for broken in (b"\x00", b"\x00\x05abc"):
        with pytest.raises(VerificationError):
            split_bundle(broken)


@given(st.lists(st.integers(0, 700), max_size=6))
def test_an_edge_grown_in_any_steps_gives_the_same_tree(steps: list[int]) -> None:
    hashes = [leaf_hash(number.to_bytes(4, "big")) for number in range(sum(steps))]
    edge, at = Edge(), 0
    for step in steps:
        edge.extend(b"".join(hashes[at : at + step]))
        at += step
    assert root_of_tails(edge.tails) == verify.tree_hash(b"".join(hashes))


def test_size_256_is_a_full_tile_and_a_partial_one_above(world: World) -> None:
    add_leaves(256)
    assert world.publish() == 256
    assert files(world.log) == {"tile/0/000", "tile/entries/000", "tile/1/000.p/1"}
    add_leaves(1, seed=1)
    world.publish()
    assert files(world.log) == {
        "tile/0/000", "tile/entries/000", "tile/1/000.p/1", "tile/0/001.p/1", "tile/entries/001.p/1"
    }  # fmt: skip


def test_partial_tiles_go_once_the_full_ones_are_published(world: World) -> None:
    for seed in range(1, 4):
        add_leaves(100, seed)
        world.publish()
    assert files(world.log) == {
        "tile/0/000", "tile/entries/000", "tile/1/000.p/1", "tile/0/001.p/44", "tile/entries/001.p/44"
    }  # fmt: skip
    assert verify_log(world.fetch, world.vkeys).leaves == {verify.SECURITY: 300}


def test_every_changed_byte_of_a_tile_a_bundle_and_a_checkpoint_is_caught(world: World) -> None:
    add_leaves(300)
    world.publish()
    verify_log(world.fetch, world.vkeys)
    chosen = random.Random(7)
    for path in [*files(world.log), "checkpoint"]:
        whole = world.fetch(path)
        positions = range(len(whole)) if len(whole) < 300 else sorted(chosen.sample(range(len(whole)), 150))
        for position in positions:
            changed = bytearray(whole)
            changed[position] ^= 1 << chosen.randrange(8)
            (world.log / path).write_bytes(changed)
            with pytest.raises((VerificationError, UnicodeDecodeError)):
                verify_log(world.fetch, world.vkeys)
        for cut in (whole[:-1], whole + b"\x00"):
            (world.log / path).write_bytes(cut)
            with pytest.raises((VerificationError, UnicodeDecodeError)):
                verify_log(world.fetch, world.vkeys)
        (world.log / path).unlink()
        with pytest.raises((VerificationError, FileNotFoundError)):
            verify_log(world.fetch, world.vkeys)
        (world.log / path).write_bytes(whole)
    verify_log(world.fetch, world.vkeys)


def test_proofs_and_earlier_roots_from_tiles(world: World) -> None:
    leaves = add_leaves(700)
    world.publish()
    checkpoint, _ = verify.open_checkpoint(world.fetch("checkpoint").decode(), world.vkeys)
    reader, tiles = TileReader(world.fetch, 700), VerifiedTiles(world.fetch, checkpoint)
    assert reader.root() == checkpoint.root
    for index in (0, 255, 256, 511, 512, 699):
        proof = reader.inclusion_proof(index)
        verify.verify_inclusion(leaf_hash(leaves[index]), index, 700, proof, checkpoint.root)
        assert tiles.leaf(index) == leaf_hash(leaves[index])
    for old in (1, 255, 256, 257, 699, 700):
        proof = reader.consistency_proof(old)
        verify.verify_consistency(old, 700, tiles.root_at(old), checkpoint.root, proof)
        assert tiles.root_at(old) == reader.root(old)
    assert [entry for _, entry in tiles.entries(690)] == leaves[690:]
    with pytest.raises(VerificationError, match="less than 700"):
        tiles.leaf(700)


def test_the_command_checks_a_folder_and_an_address(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    add_leaves(300)
    world.publish()
    keys = [part for key in world.vkeys for part in ("--vkey", str(key))]
    handler = partial(SimpleHTTPRequestHandler, directory=str(world.log))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for place in (str(world.log), f"http://127.0.0.1:{server.server_port}/"):
            assert verify.main([place, *keys]) == 0
            assert "VERIFIED. test.example/log: 300 leaves (300 security)" in capsys.readouterr().out
        server.shutdown()
    copy = world.home / "copy"
    shutil.copytree(world.log, copy)
    (copy / "tile/0/000").write_bytes(bytes(8192))
    assert verify.main([str(copy), *keys]) == 1
    assert "NOT VERIFIED. tile/0/000, hash 0: expected" in capsys.readouterr().out
    assert verify.main([str(world.home / "nowhere")]) == 1


def test_the_verifier_runs_alone_as_one_file(world: World) -> None:
    add_leaves(300)
    world.publish()
    alone = world.home / "verify.py"
    shutil.copy(verify.__file__, alone)
    ran = subprocess.run([sys.executable, "-I", alone, world.log], cwd="/", check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "VERIFIED. test.example/log: 300 leaves" in ran.stdout


def test_leaves_say_nothing_but_version_kind_and_commitment(world: World) -> None:
    leaf = b"\x01\x01" + bytes(33)
    sql("INSERT INTO ledger_leaf (data, hash) VALUES (%s, %s)", leaf, leaf_hash(leaf))
    sql("INSERT INTO ledger_pending (leaf_id) SELECT id FROM ledger_leaf")
    world.publish()
    with pytest.raises(VerificationError, match="leaf 0: expected 34 bytes"):
        verify_log(open_log(str(world.log)), world.vkeys)
