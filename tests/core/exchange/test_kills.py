"""Acceptance 3: processes and the database are killed at random under load; evidence stays whole on both sides.

Ten kills here; `COMMONWEAL_KILLS=200` for the long run, `COMMONWEAL_TEST_ENGINE=postgresql` for the other engine.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from commonweal.core.ledger.verify import VerifierKey, open_log, verify_log
from tests.core.exchange import federation
from tests.core.exchange.conftest import databases
from tests.core.exchange.federation import Federation, TestNode

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("COMMONWEAL_KILLS", "10"))
SEED = int(os.environ.get("COMMONWEAL_SEED", "2026"))
THREADS = 4


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, server: Any) -> Iterator[Federation]:
    made = federation.make(tmp_path_factory.mktemp("kills"), databases(server, "kills"))
    for node in (made.register, made.benefits):
        node.start("sequencer", "log")
    yield made
    made.stop()


class Load:
    """Systems that ask without end; `answered` are the messages whose answer arrived whole."""

    def __init__(self, town: Federation, name: str = "load") -> None:
        self.town, self.name = town, name
        self.answered: list[str] = []
        self.failed = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def _ask(self, thread: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            message = f"{self.name}-{thread}-{number}"
            body = json.dumps({"subject": {"scheme": "national", "value": f"7001010000{number % 5}"}}).encode()
            try:
                answer = self.town.ask("people", "/read", body=body, X_Road_Issue="B-1", X_Road_Id=message)
                if answer.status == 200 and answer.json["born"]:
                    self.answered.append(message)
                    continue
            except (OSError, ValueError):
                pass
            self.failed += 1
            time.sleep(0.05)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def kill_database(town: Federation, server: Any) -> None:
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    time.sleep(0.3)
    server.start()
    for node in (town.register, town.benefits):  # a supervisor would start what ended
        if node.processes["sequencer"].poll() is not None:
            node.start("sequencer")


def kill_one(town: Federation, server: Any, chance: random.Random) -> str:
    victims = ["gateway", "gateway", "sequencer"] + (["database"] if server else [])
    victim, node = chance.choice(victims), chance.choice([town.register, town.benefits])
    if victim == "database":
        kill_database(town, server)
    else:
        node.stop(victim, kill=True)
        node.start(victim)
    return victim


def test_gateways_find_a_restarted_database_again(pair: Federation, server: Any) -> None:
    if server is None:
        pytest.skip("SQLite has no server that could be restarted")
    before = Load(pair, "before")
    wait_for(before, 20)  # each thread of a gateway has its connection by now
    before.stop()
    kill_database(pair, server)
    after = Load(pair, "after")
    wait_for(after, 20)
    failed, answered = after.failed, len(after.answered)
    wait_for(after, answered + 50)
    after.stop()
    assert after.failed == failed, "a thread still has its old connection"


def wait_for(load: Load, answered: int) -> None:
    deadline = time.monotonic() + 60
    while len(load.answered) < answered:
        assert time.monotonic() < deadline, f"{len(load.answered)} answered, {load.failed} failed"
        time.sleep(0.05)


def test_kills_under_load(pair: Federation, server: Any) -> None:
    chance = random.Random(SEED)
    load, killed = Load(pair), Counter[str]()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.2))
        killed[kill_one(pair, server, chance)] += 1
    time.sleep(1)
    load.stop()
    print(f"{dict(killed)}: {len(load.answered)} answered, {load.failed} failed")
    assert len(load.answered) > KILLS
    for node in (pair.register, pair.benefits):
        if node.processes["sequencer"].poll() is not None:
            node.start("sequencer")
        node.wait_until(lambda node=node: all_is_published(node))
    check_both_sides(pair, load.answered)
    for node in (pair.register, pair.benefits):
        check_log(node, load.answered)


def all_is_published(node: TestNode) -> bool:
    """A leaf is placed before the checkpoint that covers it is cosigned and published."""
    size = int((node.home / "log/checkpoint").read_text().split("\n")[1])
    return [[size]] == node.rows("SELECT count(*) FROM ledger_leaf")


def check_both_sides(town: Federation, answered: list[str]) -> None:
    """Each answer has its three acts, once, and each names the other's leaf."""
    columns = "kind, message, leaf, peer_leaf"
    ours = town.benefits.rows(f"SELECT {columns} FROM exchange_side WHERE permitted")
    theirs = town.register.rows(f"SELECT {columns} FROM exchange_side WHERE permitted")
    acts = {(kind, message): (leaf, peer) for kind, message, leaf, peer in [*ours, *theirs]}
    times = Counter((kind, message) for kind, message, _, _ in ours)
    assert set(times.values()) == {1}, "an act was done twice"
    provided = {(message, leaf, peer) for _, message, leaf, peer in theirs}
    for message in answered:
        asked, received = acts["asked", message], acts["received", message]
        assert (message, received[1], asked[0]) in provided, message
    seen = {message for _, message, _, _ in theirs}
    assert seen <= {message for kind, message, _, _ in ours if kind == "asked"}, "an answer to a question never asked"


def check_log(node: TestNode, answered: list[str]) -> None:
    """The log is whole, holds every act, agrees with the database, and lacks nothing that the other node did."""
    fetch = open_log(str(node.home / "log"))

    def holds_all() -> bool:  # a running node may just have written something of its own
        report = verify_log(fetch, [VerifierKey.parse(line) for line in fetch("vkeys").decode().splitlines()])
        return [[report.checkpoint.size]] == node.rows("SELECT count(*) FROM ledger_leaf")

    node.wait_until(holds_all)
    compared = node.command("federation", "compare", "--patience", "0", code=None)
    unanswered = re.findall(r"message (\S+): no answer was received", compared)  # five minutes ago or more
    assert f"{len(unanswered)} are missing" in compared
    assert compared.count("\n- ") + compared.startswith("- ") == len(unanswered)  # no log was unreachable
    assert not set(unanswered) & set(answered)
    problems = node.python("from commonweal.core.ledger import service\nprint(len(service.check().problems))")
    assert problems.splitlines()[-1] == "0"
