"""Another implementation, Go's own `sumdb` packages, verifies our logs and catches what is changed in them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.core.ledger.world import World, add_leaves

GO = Path("/usr/lib/go-1.19/bin/go")
PACKAGES = Path("/usr/share/gocode")
SIZES = (0, 1, 2, 255, 256, 257, 65_536, 70_000)


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not GO.exists() or not (PACKAGES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("no Go 1.19 with golang-golang-x-mod-dev")
    program = tmp_path_factory.mktemp("go") / "verify"
    environment = {"GOPATH": str(PACKAGES), "GO111MODULE": "off", "GOFLAGS": "", "GOPROXY": "off"}
    subprocess.run(
        [GO, "build", "-o", program, Path(__file__).parent / "go/verify.go"], check=True, env=os.environ | environment
    )
    return program


def run(verifier: Path, log: Path, world: World, *olds: int) -> str:
    arguments = [verifier, log, str(world.vkeys[0]), *map(str, olds)]
    return subprocess.run(arguments, check=False, capture_output=True, text=True).stdout.strip()


def test_go_verifies_checkpoint_inclusion_and_consistency_at_every_size(verifier: Path, world: World) -> None:
    published = 0
    for seed, size in enumerate(SIZES, 1):
        add_leaves(size - published, seed)
        assert world.publish() == size
        published = size
        assert run(verifier, world.log, world, *[old for old in SIZES if 0 < old <= size]) == f"ok {size}"


def test_go_catches_a_flipped_byte_in_tile_bundle_and_checkpoint(verifier: Path, world: World) -> None:
    add_leaves(700)
    world.publish()
    chosen = random.Random(3)
    shutil.copytree(world.log, world.home / "copy")
    for path in ("tile/0/000", "tile/0/002.p/188", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/188"):
        for _ in range(10):
            assert flipped(verifier, world, path, chosen).startswith("not verified"), path
    note = world.fetch("checkpoint")
    signed = note.index(b"=\n", note.index(b"\n\n")) - 1  # Go ignores stray bits of base64 and the ML-DSA-44 line
    for _ in range(30):
        assert flipped(verifier, world, "checkpoint", chosen, end=signed).startswith("not verified")


def flipped(verifier: Path, world: World, path: str, chosen: random.Random, *, end: int | None = None) -> str:
    log = world.home / "copy"
    whole = (log / path).read_bytes()
    changed = bytearray(whole)
    changed[chosen.randrange(end or len(whole))] ^= 1 << chosen.randrange(8)
    (log / path).write_bytes(changed)
    said = run(verifier, log, world)
    (log / path).write_bytes(whole)
    return said
