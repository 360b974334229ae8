"""A whole node under load: its supervisor, two writers and a machine that reads over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from commonweal.core.ledger.tiles import TileReader
from commonweal.core.ledger.verify import Checkpoint, Note, VerifierKey, open_log, verify_log
from tests.postgres import _free_port

ROOT = Path(__file__).parents[2]
WRITERS = ("a", "b")

PEOPLE = """
from commonweal.commands import start_django; start_django()
from commonweal.core.identity import accounts, service
from commonweal.core.identity.actors import the_node
from tests.town import entry, register
register(*(entry(f"P{n}") for n in range(40)))
accounts.register_agency("tax", {"en": "Tax Office"}, roles=["tax-officer"])
print(service.issue_token(the_node("set-up"), "Run", "tax", frozenset({"tax-officer"})).token)
"""
FACTS = """
from commonweal.commands import start_django; start_django()
import json
from django.db import connection
from commonweal.services.registry.models import Correction
with connection.cursor() as cursor:
    cursor.execute("SELECT body FROM ledger_record")
    bodies = [json.loads(bytes(body)) for (body,) in cursor.fetchall()]
print(json.dumps({
    "asked": {str(row.id): row.proposed for row in Correction.objects.all()},
    "evidence": [body["changed"][0] for body in bodies if body["action"] == "registry.correction.ask"],
    "feeds": sum(body["action"] == "registry.changes.read" for body in bodies),
}))
"""


class Node:
    """A whole node with its supervisor, two writers and a machine that reads over HTTP."""

    def __init__(self, home: Path, database: str) -> None:
        self.home, self.port = home, _free_port()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
        self.environment |= {"COMMONWEAL_HOME": str(home), "PYTHONPATH": str(ROOT)}
        self.environment.pop("DATABASE_URL", None)
        if database:
            self.environment["DATABASE_URL"] = database
        address = ("--origin", "demo.soak.example/log", "--address", f"http://localhost:{self.port}")
        self.run("-m", "commonweal.cli", "init", *address)
        self.token = self.run("-c", PEOPLE).strip()
        self.acknowledged: list[str] = []
        self.asked = dict.fromkeys(WRITERS, 0)
        self.writers: dict[str, subprocess.Popen[str]] = {}
        self.read = 0
        self.checkpoints: dict[int, bytes] = {}
        self.done = threading.Event()

    def run(self, *arguments: str, code: int = 0) -> str:
        found = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            cwd=self.home.parent,
            check=False,
        )
        assert found.returncode == code, found.stderr
        return found.stdout + (found.stderr if code else "")

    def start(self) -> None:
        command = [sys.executable, "-m", "commonweal.cli", "up", "--port", str(self.port)]
        self.log = (self.home.parent / "up.log").open("ab")
        self.supervisor = subprocess.Popen(
            command, env=self.environment, cwd=self.home.parent, stdout=self.log, stderr=self.log
        )

    def write(self, name: str) -> None:
        """Start a writer; it begins with the key whose answer was lost, if there is one."""
        command = [sys.executable, "-m", "tests.soak.writer", name, str(self.asked[name])]
        self.writers[name] = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._listen, args=(name, self.writers[name]), daemon=True).start()

    def _listen(self, name: str, writer: subprocess.Popen[str]) -> None:
        assert writer.stdout
        for line in writer.stdout:
            self.acknowledged.append(line.strip())
            self.asked[name] = int(line.rpartition("-")[2]) + 1

    def watch(self) -> None:
        """Read over HTTP, and keep every checkpoint that was ever shown."""
        while not self.done.is_set():
            try:
                feed = f"http://localhost:{self.port}/api/registry/changes?purpose=tax.assessment&limit=1"
                asking = urllib.request.Request(feed, headers={"Authorization": f"Bearer {self.token}"})
                with urllib.request.urlopen(asking, timeout=5) as answer:
                    self.read += answer.status == 200
                with urllib.request.urlopen(f"http://localhost:{self.port}/log/checkpoint", timeout=5) as answer:
                    head = Checkpoint.parse(Note.parse(answer.read().decode()).text)
                assert self.checkpoints.setdefault(head.size, head.root) == head.root, "two roots for one size"
            except (OSError, urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
            time.sleep(0.02)

    def processes(self) -> list[int]:
        """Every process below the supervisor."""
        found, waiting = [], [self.supervisor.pid]
        while waiting:
            children = Path(f"/proc/{waiting.pop()}/task").glob("*/children")
            below = [int(pid) for path in children for pid in path.read_text().split()]
            found += below
            waiting += below
        return found

    def _is_ours(self, environment: Path) -> bool:
        try:
            return str(self.home).encode() in environment.read_bytes()
        except OSError:
            return False

    def facts(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.run("-c", FACTS))
        return found

    def stop(self) -> None:
        self.done.set()
        for writer in self.writers.values():
            writer.kill()
            writer.wait()
        below = self.processes()
        self.supervisor.kill()  # nobody may outlive even a supervisor that had no time to say goodbye
        self.supervisor.wait(30)
        for _ in range(100):
            if not any(Path(f"/proc/{pid}").exists() for pid in below):
                break
            time.sleep(0.1)
        assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]
        found = [path for path in Path("/proc").glob("[0-9]*/environ") if self._is_ours(path)]
        assert not found, "processes were left behind"
        self.log.close()


def ask_again_for_every_key(node: Node) -> None:
    """Repeating an act never doubles it: the writers start again from their first keys."""
    for name in WRITERS:
        node.writers[name].kill()
        node.writers[name].wait()
    asked, node.asked = node.asked, dict.fromkeys(WRITERS, 0)
    for name in WRITERS:
        node.write(name)
    deadline = time.monotonic() + 120
    while any(node.asked[name] < asked[name] for name in WRITERS) and time.monotonic() < deadline:
        time.sleep(0.2)
    for name in WRITERS:
        assert node.asked[name] >= asked[name], node.writers[name].stderr and node.writers[name].stderr.read()
        node.writers[name].kill()


def wait_until(holds: Callable[[], bool], otherwise: str, node: Node) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, f"{otherwise}: {(node.home.parent / 'up.log').read_text()[-2000:]}"
        time.sleep(0.2)


def nothing_waits(node: Node) -> bool:
    pending: int = json.loads(node.run("-m", "commonweal.cli", "status", "--json"))["pending"]
    return pending == 0


def check(node: Node) -> None:
    facts = node.facts()
    asked, evidence = facts["asked"], facts["evidence"]
    assert isinstance(asked, dict)
    assert isinstance(evidence, list)
    keys = Counter(asked.values())
    assert set(node.acknowledged) <= set(keys), "an acknowledged act is not there"
    assert set(keys.values()) == {1}, "an act was done twice"
    assert Counter(evidence) == Counter(f"registry/correction/{id_}" for id_ in asked), "act and evidence differ"
    assert facts["feeds"] >= node.read  # type: ignore[operator]
    assert "All is well." in node.run("-m", "commonweal.cli", "check", "--evidence")
    fetch = open_log(str(node.home / "log"))
    report = verify_log(fetch, [VerifierKey.parse(key) for key in fetch("vkeys").decode().splitlines()])
    reader = TileReader(fetch, report.checkpoint.size)
    for size, root in node.checkpoints.items():
        assert reader.root(size) == root, f"the log forked after {size} entries"
