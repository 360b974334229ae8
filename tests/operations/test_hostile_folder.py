"""What other users of the machine could see or do: secrets in the list of processes, files that are open to them."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from commonweal.config import copies
from commonweal.config import node as nodes


def test_no_password_stands_in_the_list_of_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[tuple[list[str], dict[str, str]]] = []

    def run(arguments: list[str], **more: Any) -> SimpleNamespace:
        ran.append((arguments, more.get("env") or {}))
        return SimpleNamespace(returncode=0, stdout="7", stderr="")

    monkeypatch.setattr(copies.subprocess, "run", run)
    monkeypatch.setattr(copies.shutil, "which", lambda tool: f"/bin/{tool}")
    address = "postgresql://owner:secret%40@db.example:5433/town?sslmode=require"
    node = SimpleNamespace(database=address)
    copies._dump_postgres(node, tmp_path / "copy")  # type: ignore[arg-type]
    copies._restore_postgres(node, tmp_path / "copy")  # type: ignore[arg-type]
    assert len(ran) == 3
    for arguments, environment in ran:
        assert "secret" not in " ".join(arguments)
        assert "postgresql://owner@db.example:5433/town?sslmode=require" in " ".join(arguments)
        assert environment["PGPASSWORD"] == "secret@"


def test_an_address_of_the_database_that_others_can_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    node = nodes.create(tmp_path / "node", "Testford", "demo.testford.example/log", "http://localhost", ("registry",))
    kept = node.keys / nodes.DATABASE
    nodes.write_new(kept, b"postgresql://owner:secret@db.example/town\n")
    assert node.database.startswith("postgresql://")
    kept.chmod(0o644)
    with pytest.raises(nodes.BadNode, match="chmod 600"):
        _ = node.database


def test_a_new_secret_is_on_the_disk_before_anything_is_encrypted_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    nodes.write_new(tmp_path / "identifiers.next", b"x" * 32)
    assert len(synced) == 2  # the file, and the folder that names it


def test_a_new_secret_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "identifiers.next").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        nodes.write_new(tmp_path / "identifiers.next", b"x" * 32)
    assert not (tmp_path / "elsewhere").exists()
