"""Whole processes on both engines: killed at random, committing in reverse order, and giving the same bytes."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from commonweal.core.ledger.verify import ACT, VerifierKey, open_log, verify_log

KILLS = int(os.environ.get("COMMONWEAL_KILLS", "10"))  # `make soak` sets 200
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Node:
    """A folder and a database, and the processes that work on them."""

    home: Path
    database: str

    def start(self, what: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.core.ledger.worker", what],
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"LEDGER_DATABASE": self.database, "LEDGER_HOME": str(self.home)},
        )  # fmt: skip

    def run(self, what: str) -> str:
        process = self.start(what)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        return output

    def verify(self) -> dict[int, int]:
        fetch = open_log(str(self.home / "log"))
        keys = [VerifierKey.parse(line) for line in fetch("vkeys").decode().splitlines()]
        return dict(verify_log(fetch, keys).leaves)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own on 127.0.0.1; yields its address without a database name."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        pytest.skip("no PostgreSQL below /usr/lib/postgresql")
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    data = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    if os.getuid() == 0:
        shutil.chown(data, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tools = folders[-1]
    common = {"user": user, "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([tools / "initdb", "-A", "trust", "-U", "postgres", "-D", data / "db"], check=True, **common)
    place = ["-h", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen([tools / "postgres", "-D", data / "db", "-k", data, *place], **common)
    for _ in range(100):
        if subprocess.run([tools / "pg_isready", *place], check=False, **common).returncode == 0:
            break
        time.sleep(0.1)
    yield f"postgresql://postgres@127.0.0.1:{port}"
    server.send_signal(signal.SIGQUIT)
    server.wait()
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def sqlite_node(tmp_path: Path) -> Node:
    node = Node(tmp_path / "sqlite", f"sqlite://{tmp_path}/node.sqlite3")
    node.run("migrate")
    return node


@pytest.fixture
def postgres_node(tmp_path: Path, postgres: str) -> Node:
    import psycopg

    name = f"node_{tmp_path.name.lower()}_{random.randrange(10**6)}"[-60:]
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    node = Node(tmp_path / "postgres", f"{postgres}/{name}")
    node.run("migrate")
    return node


def kill_at_random(node: Node) -> None:
    """Every acknowledged act has exactly one place in the log, whatever died when."""
    acknowledged = 0
    processes = {what: node.start(what) for what in ("sequence", "write")}
    for _ in range(KILLS):
        time.sleep(0.6 + random.random())
        what = random.choice(["sequence", "write"])
        dead = processes[what]
        assert dead.poll() is None, dead.communicate()[1]
        dead.kill()
        acknowledged += dead.communicate()[0].count("committed\n")
        processes[what] = node.start(what)
    time.sleep(1)
    for process in processes.values():
        process.kill()
        acknowledged += process.communicate()[0].count("committed\n")
    entries, rows = map(int, node.run("check").split())  # all rows agree with each other and with the published log
    leaves = node.verify()
    assert leaves[ACT] == entries
    assert acknowledged <= entries <= acknowledged + KILLS + 1  # a killed writer may have committed without a line
    assert sum(leaves.values()) == rows
    assert acknowledged > 0


def test_yesterdays_database_is_refused_and_todays_is_taken_again(sqlite_node: Node) -> None:
    database = Path(sqlite_node.database.removeprefix("sqlite://"))
    today, yesterday = database.with_name("today"), database.with_name("yesterday")
    sqlite_node.run("acts")
    shutil.copy(database, yesterday)
    sqlite_node.run("acts")
    note = (sqlite_node.home / "log/checkpoint").read_bytes()
    database.rename(today)
    shutil.copy(yesterday, database)
    refused = sqlite_node.start("acts")  # people work on, then the sequencer starts
    _, errors = refused.communicate(timeout=60)
    assert refused.returncode != 0
    assert "already published and signed" in errors
    assert "Either restore the newest database" in errors
    assert (sqlite_node.home / "log/checkpoint").read_bytes() == note
    today.replace(database)
    sqlite_node.run("acts")
    assert sqlite_node.verify() == {ACT: 30}


@pytest.mark.slow
def test_kills_on_sqlite(sqlite_node: Node) -> None:
    kill_at_random(sqlite_node)


@pytest.mark.slow
@pytest.mark.postgres
def test_kills_on_postgresql(postgres_node: Node) -> None:
    kill_at_random(postgres_node)


@pytest.mark.postgres
def test_both_engines_give_the_same_files(sqlite_node: Node, postgres_node: Node) -> None:
    files = []
    for node in (sqlite_node, postgres_node):
        node.run("fill")
        assert sum(node.verify().values()) == 1000
        tiles = node.home / "log/tile"
        files.append({str(file.relative_to(tiles)): file.read_bytes() for file in tiles.rglob("*") if file.is_file()})
    assert files[0] == files[1]


@pytest.mark.postgres
def test_both_leaves_appear_when_ids_commit_in_reverse_order(postgres_node: Node) -> None:
    postgres_node.run("reverse")
    assert sum(postgres_node.verify().values()) == 2


@pytest.mark.postgres
def test_one_sequencer_for_a_database_wherever_its_folder_is(postgres_node: Node, tmp_path: Path) -> None:
    first = postgres_node.start("sequence")
    deadline = time.monotonic() + 20
    while not (postgres_node.home / "log/checkpoint").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    second = Node(tmp_path / "elsewhere", postgres_node.database).start("sequence")
    _, errors = second.communicate(timeout=60)
    assert "another process sequences this database" in errors
    first.kill()
    first.communicate()
