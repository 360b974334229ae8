"""An installed node: its folder, and what an operator runs on it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[2]
ACTS = """
from commonweal.commands import start_django; start_django()
from commonweal.services.registry import service
from commonweal.services.registry.purposes import KEEPING
from tests.town import REGISTRAR, entry, register
for person in register(entry(), entry("Ola")): service.read(REGISTRAR, person, KEEPING)
"""
ERASE = """
from commonweal.commands import start_django; start_django()
from commonweal.core.erasure import service
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING
from commonweal.core.identity.actors import the_node
from tests.town import REGISTRAR
found = registry.search(REGISTRAR, "Mara", KEEPING)[0]
service.erase_person(the_node("erasure"), found.person, "request", case="C-1")
"""
NAMES = """
from commonweal.commands import start_django; start_django()
from commonweal.services.registry.models import Name
print(sorted(set(Name.objects.values_list("given", flat=True))))
"""


class Node:
    """A node's folder and the commands that an operator runs on it."""

    def __init__(self, home: Path, database: str, origin: str = "demo.backup.example/log") -> None:
        self.home = home
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
        self.environment.pop("DATABASE_URL", None)
        self.environment |= {"COMMONWEAL_HOME": str(home), "PYTHONPATH": str(ROOT)}
        if database:
            self.environment["DATABASE_URL"] = database
        self.command("init", "--origin", origin)

    def command(self, *arguments: str, code: int = 0) -> str:
        return self.python("-m", "commonweal.cli", *arguments, code=code)

    def python(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def publish(self) -> str:
        """Run the sequencer until nothing waits, or it stands still; what it said."""
        process = subprocess.Popen(
            [sys.executable, "-m", "commonweal.commands.sequencer"],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while not self._is_settled() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.terminate()
        return process.communicate()[1]

    def _is_settled(self) -> bool:
        """Whether all leaves are placed and published, or the sequencer has said why it stands still."""
        if (self.home / "logs/standstill.txt").exists():
            return True
        database, checkpoint = self.environment.get("DATABASE_URL"), self.home / "log/checkpoint"
        statement = "SELECT (SELECT count(*) FROM ledger_pending), (SELECT count(*) FROM ledger_log)"
        with psycopg.connect(database) if database else closing(sqlite3.connect(self.home / "node.sqlite3")) as found:
            waiting, placed = found.execute(statement).fetchone()  # type: ignore[union-attr, misc]
        published = int(checkpoint.read_text().split("\n")[1]) if checkpoint.exists() else -1
        return waiting == 0 and published == placed
