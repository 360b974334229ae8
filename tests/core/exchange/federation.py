"""Two real nodes as processes on 127.0.0.1: `register` offers, `benefits` asks. Used by every test that needs them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

TIMEOUT = 30
PEOPLE = """
from datetime import date
from tests.town import entry, register
from commonweal.core.identity import accounts, people
for code, names, roles in ({agencies!r}):
    accounts.register_agency(code, names, roles=roles)
if {filled!r}:
    for number in range(5):
        person = register(entry(given=f"Mara{{number}}"))[0]
        people.add_identifier(person, "national", f"7001010000{{number}}")
else:
    for number in range(3):
        people.add_identifier(people.create_person(), "national", f"7001010000{{number}}")
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.headers.get("x-road-error", "")


@dataclass
class TestNode:
    """One node: a folder, its gateway's port, its processes."""

    __test__ = False
    home: Path
    origin: str
    database: str = ""
    port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)  # where the log is served
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        home = {"COMMONWEAL_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "commonweal.config.settings"}
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return kept | home | ({"DATABASE_URL": self.database} if self.database else {})

    def command(self, *arguments: str, code: int | None = 0) -> str:
        """Run `commonweal ...`; what it prints. `code` is how it must end, None for either way."""
        done = subprocess.run(
            [sys.executable, "-m", "commonweal.cli", *arguments],
            env=self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout.strip() or done.stderr.strip()

    def python(self, script: str) -> str:
        """Run a script inside the node; what it prints."""
        begin = "from commonweal.commands import start_django\nstart_django()\n"
        done = subprocess.run(
            [sys.executable, "-c", begin + script],
            env=self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, statement: str) -> list[list[Any]]:
        """What a SELECT finds in the node's database; bytes as hex."""
        with closing(self._connect()) as connection:
            found = connection.execute(statement).fetchall()
        return [[bytes(one).hex() if isinstance(one, bytes | memoryview) else one for one in row] for row in found]

    def _connect(self) -> Any:
        if self.database:
            import psycopg

            return psycopg.connect(self.database)
        return sqlite3.connect(self.home / "node.sqlite3", timeout=20)

    @property
    def directory_name(self) -> str:
        """How messages name the directory that this node has."""
        text = fetch(f"{self.address}/exchange/directory").body.decode().rpartition("\n\n")[0] + "\n"
        return f"{json.loads(text)['serial']}:{sha256(text.encode()).hexdigest()}"

    def records(self) -> list[dict[str, Any]]:
        """Every record of evidence, oldest first."""
        return [json.loads(bytes.fromhex(body)) for (body,) in self.rows("SELECT body FROM ledger_record ORDER BY id")]

    def start(self, *names: str) -> None:
        """Start the gateway or the sequencer and wait until it works."""
        for name in names:
            self.processes[name] = subprocess.Popen(
                self._commands()[name], env=self.environment, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=(self.home / f"{name}.log").open("ab"),
            )  # fmt: skip
        if "gateway" in names:
            self.wait_until(lambda: fetch(f"{self.address}/health/live").status == 200)
        if "web" in names:
            self.wait_until(lambda: fetch(f"http://127.0.0.1:{self.web_port}/health/live").status == 200)

    def stop(self, *names: str, kill: bool = False) -> None:
        """End processes of this node."""
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
            process.wait(20)

    def wait_until(self, happens: Any) -> None:
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            try:
                if happens():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"did not happen: {self.log()}")

    def log(self) -> str:
        return "".join(file.read_text()[-3000:] for file in self.home.glob("*.log"))

    def _commands(self) -> dict[str, list[str]]:
        granian = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--workers", "1", "--no-ws",
                   "--log-level", "warning"]  # fmt: skip
        web = ["--interface", "wsgi", "--port", str(self.web_port), "commonweal.config.wsgi:application"]
        gateway = ["--interface", "asgi", "--port", str(self.port), "commonweal.config.asgi:application"]
        return {
            "web": [*granian, *web],
            "gateway": [*granian, *gateway],
            "sequencer": [sys.executable, "-m", "commonweal.commands.sequencer"],
            "log": [
                sys.executable,
                "-m",
                "http.server",
                str(self.web_port),
                "--bind",
                "127.0.0.1",
                "--directory",
                str(self.home),
            ],
        }


def make_node(home: Path, origin: str, agencies: list[tuple[str, dict[str, str], list[str]]], *, filled: bool,
              database: str = "", services: str = "registry") -> TestNode:  # fmt: skip
    """A node with its agencies, and people who have national numbers."""
    node = TestNode(home, origin, database)
    node.command(
        "init",
        "--name",
        origin,
        "--origin",
        origin,
        "--address",
        f"http://127.0.0.1:{node.web_port}",
        "--services",
        services,
    )
    node.python(PEOPLE.format(agencies=agencies, filled=filled))
    return node


def fetch(address: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """A plain HTTP request; header names with `_` for `-`."""
    request = urllib.request.Request(address, data=body, method=method)
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())


@dataclass
class Federation:
    """Two nodes of one federation, joined by commands."""

    register: TestNode
    benefits: TestNode

    SERVICE = "ALD/GOV/register/population"
    CLIENT = "ALD/GOV/benefits/casework"

    def ask(self, code: str, path: str = "", method: str = "POST", body: bytes | None = None, **headers: str) -> Answer:
        """Ask as the benefits office's system does, in X-Road's way."""
        sent = {"X_Road_Client": self.CLIENT, "Content_Type": "application/json"} | headers
        return fetch(f"{self.benefits.address}/r1/{self.SERVICE}/{code}{path}", method, body, **sent)

    def offer(self, name: str, text: str) -> None:
        """Put a service into the register's offers and the directory."""
        folder = self.register.home / "offers"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.toml").write_text(text)
        self.register.command("federation", "publish")
        time.sleep(1.1)  # gateways look once a second; the asking one catches up by itself

    def stop(self) -> None:
        for node in (self.register, self.benefits):
            node.stop(kill=True)


HEAD = """
member = "register"
system = "population"
code = "{code}"
title = "{code}"
purposes = ["benefits.assessment"]
"""
ACCESS = """
[[access]]
client = "ALD/GOV/benefits/casework"
agency = "benefits"
roles = ["benefit-officer"]
"""
SUBJECT = """
[subject]
pointer = "/subject"
scheme = "national"
"""
PEOPLE_OFFER = (
    HEAD.format(code="people")
    + """
openapi = "people.json"
[[endpoint]]
method = "POST"
path = "/read"
"""
    + SUBJECT
    + ACCESS
    + """
[function]
name = "commonweal.services.registry.service:read"
"""
)


def make(folder: Path, databases: tuple[str, str] = ("", "")) -> Federation:
    """Both nodes, joined, the register's `people` offered, gateways and sequencers running."""
    register = make_node(
        folder / "register", "demo.register.example/log", [("register", {"en": "Register"}, ["registrar"])],
        filled=True, database=databases[0],
    )  # fmt: skip
    benefits = make_node(
        folder / "benefits", "demo.benefits.example/log", [("benefits", {"en": "Benefits"}, ["benefit-officer"])],
        filled=False, database=databases[1],
    )  # fmt: skip
    register.command("federation", "found", "ALD", "--address", register.address)
    offers = register.home / "offers"
    offers.mkdir()
    (offers / "people.json").write_text(
        '{"openapi": "3.0.0", "info": {"title": "People", "version": "1"}, "paths": {}}'
    )
    (offers / "people.toml").write_text(PEOPLE_OFFER)
    register.command("join", register.command("federation", "invite", "ALD/GOV/register"))
    register.command("federation", "publish")
    code = register.command("federation", "invite", "ALD/GOV/benefits")
    register.start("gateway")
    benefits.command("join", code.splitlines()[0], "--address", benefits.address)
    with (benefits.home / "exchange.toml").open("a") as file:
        file.write(
            f'\n[[client]]\nsystem = "{Federation.CLIENT}"\nfrom = ["127.0.0.1"]\npurpose = "benefits.assessment"\n'
        )
    benefits.command("federation", "publish")
    benefits.start("gateway")
    time.sleep(1.2)
    return Federation(register, benefits)


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
