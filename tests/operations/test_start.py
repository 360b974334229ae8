"""The node starts by itself, whatever is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from commonweal.config import node as nodes
from tests.postgres import _free_port

ROOT = Path(__file__).parents[2]


def test_a_preparation_that_is_killed_begins_again(tmp_path: Path) -> None:
    port, home = _free_port(), tmp_path / "node"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_"))}
    environment |= {"COMMONWEAL_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "commonweal.cli"]
    subprocess.run([*command, "init", "--origin", "demo.start.example/log"], env=environment, check=True)
    with (tmp_path / "up.log").open("wb") as log:
        up = subprocess.Popen([*command, "up", "--port", str(port)], env=environment, stdout=log, stderr=log)
        try:
            os.kill(first_child(up.pid), signal.SIGKILL)
            assert answers(f"http://localhost:{port}/health/ready"), (tmp_path / "up.log").read_text()
        finally:
            up.terminate()
            assert up.wait(30) == 0
    assert "the preparation ended by signal 9; starting it again" in (tmp_path / "up.log").read_text()


def first_child(pid: int) -> int:
    for _ in range(1_000):
        if children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(children[0])
        time.sleep(0.01)
    raise AssertionError("nothing was started")


def answers(address: str) -> bool:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def test_whom_to_tell_is_known_after_every_start(tmp_path: Path) -> None:
    node = nodes.create(tmp_path / "node", "Testford", "log.testford.example/2026", "http://localhost:8000", ())
    for _ in range(2):
        with nodes.running_alone(node):
            assert nodes.supervisor(node) == os.getpid()
        assert nodes.supervisor(node) is None
