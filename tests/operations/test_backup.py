"""Backup, disaster, restore, as docs/operating.md tells it, on both engines."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from commonweal.config import node as nodes
from tests.operations.installed import ACTS, ERASE, NAMES, Node

pytestmark = pytest.mark.slow


def test_a_backup_of_now_restores_everything_under_the_old_name(node: Node, tmp_path: Path) -> None:
    node.python("-c", ACTS)
    node.publish()
    node.command("backup", str(tmp_path / "now.tar"))
    assert (tmp_path / "now.tar").stat().st_mode & 0o077 == 0
    if "DATABASE_URL" not in node.environment:
        (node.home / "node.sqlite3").unlink()
    node.command("restore", str(tmp_path / "now.tar"))
    node.publish()
    assert "All is well." in node.command("check", "--evidence")
    assert "Mara" in node.python("-c", NAMES)


def test_an_older_backup_begins_a_new_log_and_brings_nobody_back(node: Node, tmp_path: Path) -> None:
    node.python("-c", ACTS)
    node.publish()
    node.command("backup", str(tmp_path / "yesterday.tar"))
    node.python("-c", ERASE)
    node.publish()
    old = (node.home / "log/checkpoint").read_bytes()
    assert "Use a newer backup, or begin a new log" in node.command("restore", str(tmp_path / "yesterday.tar"), code=1)
    said = node.command("restore", str(tmp_path / "yesterday.tar"), "--new-origin", "demo.backup.example/second")
    assert "1 erasures that this database had forgotten were done again" in said
    assert "Mara" not in node.python("-c", NAMES)
    node.publish()
    assert (node.home / "log/checkpoint").read_text().startswith("demo.backup.example/second\n")
    assert (node.home / "log-demo.backup.example-log/checkpoint").read_bytes() == old
    assert "All is well." in node.command("check", "--evidence")
    assert "VERIFIED" in node.command("verify", str(node.home / "log-demo.backup.example-log"))


def test_a_database_put_back_by_hand_signs_nothing(node: Node, tmp_path: Path) -> None:
    if "DATABASE_URL" in node.environment:
        pytest.skip("the same through restore")
    node.python("-c", ACTS)
    node.publish()
    shutil.copy(node.home / "node.sqlite3", tmp_path / "yesterday.sqlite3")
    node.python("-c", ACTS)
    node.publish()
    published = (node.home / "log/checkpoint").read_bytes()
    for part in node.home.glob("node.sqlite3-*"):
        part.unlink()
    shutil.copy(tmp_path / "yesterday.sqlite3", node.home / "node.sqlite3")
    said = node.publish()
    assert "An older copy of the database was put back. Nothing is signed." in said
    assert (node.home / "log/checkpoint").read_bytes() == published
    assert "An older copy of the database was put back" in node.command("status", code=1)


def test_a_running_node_is_not_restored(node: Node, tmp_path: Path) -> None:
    node.command("backup", str(tmp_path / "now.tar"))
    with nodes.running_alone(nodes.load(node.home)):
        assert "is running; stop it first" in node.command("restore", str(tmp_path / "now.tar"), code=1)


def test_a_lost_key_is_named_and_never_made_anew(node: Node) -> None:
    (node.home / "keys/pairwise").unlink()
    assert "keys/pairwise is missing: restore it" in node.command("check", code=1)
    assert not (node.home / "keys/pairwise").exists()


def test_a_file_that_is_no_backup_changes_nothing(node: Node, tmp_path: Path) -> None:
    node.python("-c", ACTS)
    (tmp_path / "no.tar").write_bytes(b"no")
    assert "is not a backup of a node" in node.command("restore", str(tmp_path / "no.tar"), code=1)
    assert "Mara" in node.python("-c", NAMES)


def test_a_backup_without_its_database_changes_nothing(node: Node, tmp_path: Path) -> None:
    node.python("-c", ACTS)
    node.command("backup", str(tmp_path / "whole.tar"))
    with tarfile.open(tmp_path / "whole.tar") as whole, tarfile.open(tmp_path / "part.tar", "w") as part:
        about = whole.getmember("backup.json")
        part.addfile(about, whole.extractfile(about))
    assert "it is not whole" in node.command("restore", str(tmp_path / "part.tar"), code=1)
    assert "Mara" in node.python("-c", NAMES)
