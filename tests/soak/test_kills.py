"""kill -9 of any process of a running node at random, under load, on each engine (10 times; 200 in `make soak`).

Every acknowledged act has exactly one proof; an unacknowledged one is wholly there or not at all; repeating it never
doubles it; there is no fork; start-up recovers by itself.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.postgres import Server
from tests.soak.loaded import WRITERS, Node, ask_again_for_every_key, check, nothing_waits, wait_until

KILLS = int(os.environ.get("COMMONWEAL_KILLS", "10"))


@pytest.mark.slow
def test_kill_9_of_any_process_loses_doubles_and_forks_nothing(server: Server | None, tmp_path: Path) -> None:
    running = Node(tmp_path / "node", server.create("soak") if server else "")
    running.start()
    for name in WRITERS:
        running.write(name)
    watcher = threading.Thread(target=running.watch, daemon=True)
    watcher.start()
    chance, killed = random.Random(KILLS), Counter[str]()
    try:
        wait_until(lambda: running.read > 0, "the node does not answer", running)
        for _ in range(KILLS):
            time.sleep(0.2 + chance.random())
            killed[_kill_one(running, server, chance)] += 1
        running.done.set()
        watcher.join()
        ask_again_for_every_key(running)
        wait_until(lambda: nothing_waits(running), "entries still wait", running)
    finally:
        running.stop()
    assert len(running.acknowledged) > KILLS
    assert running.read > 0
    print(f"{sum(killed.values())} kills {dict(killed)}, {len(running.acknowledged)} acts, {running.read} reads")
    check(running)


def _kill_one(node: Node, server: Server | None, chance: random.Random) -> str:
    choices = ["writer", "below the supervisor", "below the supervisor"] + (["database"] if server else [])
    victim = chance.choice(choices)
    if victim == "writer":
        name = chance.choice(WRITERS)
        node.writers[name].kill()
        node.writers[name].wait()
        node.write(name)
    elif victim == "database" and server:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        time.sleep(0.5)
        server.start()
        for name in WRITERS:
            node.writers[name].kill()
            node.writers[name].wait()
            node.write(name)
    elif processes := node.processes():
        try:
            os.kill(chance.choice(processes), signal.SIGKILL)
        except ProcessLookupError:
            pass
    return victim
