"""A node moves from SQLite to PostgreSQL under load: nothing acknowledged is lost or doubled, the log does not fork."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from tests.postgres import Server
from tests.soak.loaded import WRITERS, Node, ask_again_for_every_key, check, nothing_waits, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("server", ["postgresql"], indirect=True)]


def test_a_node_moves_while_it_runs(server: Server, tmp_path: Path) -> None:
    running = Node(tmp_path / "node", "")
    owner = server.create("moved")
    role = owner.replace("postgres@", "commonweal@")
    running.start()
    for name in WRITERS:
        running.write(name)
    watcher = threading.Thread(target=running.watch, daemon=True)
    watcher.start()
    try:
        wait_until(lambda: running.read > 0, "the node does not answer", running)
        running.environment |= {"COMMONWEAL_MOVE_TO": owner, "COMMONWEAL_RUN_AS": role}
        said = running.run("-m", "commonweal.cli", "move")
        assert "Moved." in said
        before = running.read
        for name, writer in running.writers.items():  # the old file refuses: they end, as any process would
            assert writer.wait(60) != 0
            running.write(name)
        wait_until(lambda: running.read > before + 5, "the node does not answer after the move", running)
        time.sleep(1)
        running.done.set()
        watcher.join()
        ask_again_for_every_key(running)
        wait_until(lambda: nothing_waits(running), "entries still wait", running)
        assert role in (running.home / "keys/database").read_text()
        with pytest.raises(sqlite3.IntegrityError, match="has moved to PostgreSQL"):
            sqlite3.connect(running.home / "node.sqlite3").execute("DELETE FROM ledger_head")
        assert "is on PostgreSQL already" in running.run("-m", "commonweal.cli", "move", code=1)
    finally:
        running.stop()
    check(running)


def test_nothing_moves_into_a_database_that_holds_another_node(server: Server, tmp_path: Path) -> None:
    other, running = server.create("other"), Node(tmp_path / "node", "")
    Node(tmp_path / "second", other)
    assert "set COMMONWEAL_MOVE_TO" in running.run("-m", "commonweal.cli", "move", code=2)
    running.environment["COMMONWEAL_MOVE_TO"] = other
    assert "name an empty one" in running.run("-m", "commonweal.cli", "move", code=1)
    found = sqlite3.connect(running.home / "node.sqlite3").execute(
        "SELECT name FROM sqlite_master WHERE name GLOB 'mov*'"
    )
    assert found.fetchall() == []
