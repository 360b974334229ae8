"""A second sequencer stands by, and takes over when the first is killed; several web processes serve one node."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.operations.installed import ACTS, Node


def sequencer(node: Node) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "commonweal.commands.sequencer"]
    return subprocess.Popen(command, env=node.environment, stderr=subprocess.DEVNULL)


def size(node: Node) -> int:
    path = node.home / "log/checkpoint"
    return int(path.read_text().split("\n")[1]) if path.exists() else -1


def grows(node: Node, beyond: int) -> bool:
    deadline = time.monotonic() + 30
    while size(node) <= beyond and time.monotonic() < deadline:
        time.sleep(0.1)
    return size(node) > beyond


def test_the_one_that_stands_by_takes_over(node: Node) -> None:
    running = [sequencer(node)]
    try:
        assert grows(node, 0)
        running.append(sequencer(node))
        before = size(node)
        node.python("-c", ACTS)
        assert grows(node, before)
        assert [process.poll() for process in running] == [None, None]
        running[0].kill()
        running[0].wait()
        before = size(node)
        node.python("-c", ACTS)
        assert grows(node, before)
        assert not (node.home / "logs/standstill.txt").exists()
    finally:
        for process in running:
            process.kill()
            process.wait()
    node.publish()
    assert "All is well." in node.command("check", "--evidence")
