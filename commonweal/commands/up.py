"""Run the node: web server, sequencer and task worker under one supervisor.

The supervisor itself loads no Django, so that it stays small; what needs Django runs in processes of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from commonweal.commands import federation_demo
from commonweal.config import node as nodes
from commonweal.config.processes import end_with_parent

WEB_PROCESSES = 2
WEB_THREADS = 4
PREPARATIONS = 5
STOP_SECONDS = 10.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
STEADY_SECONDS = 60.0
DEMO = {"name": "Town of Aldermere", "origin": "demo.aldermere.example/log"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="make and fill the demo town first, if it is not there")
    parser.add_argument("--federation", action="store_true", help="the demo as two nodes and a witness on this machine")
    parser.add_argument("--port", type=int, help="port to listen on (default: the one in the node's address)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; a proxy in front should end TLS")
    parser.add_argument("--processes", type=int, default=WEB_PROCESSES, help="web processes")


def run(options: argparse.Namespace) -> int:
    if options.federation:
        return federation_demo.run(options)
    node = nodes.load()
    if not node.initialised and not options.demo:
        print("commonweal up: there is no node here yet. Run `commonweal init`, or `commonweal up --demo` for a town.")
        return 2
    port = options.port or urlsplit(node.address).port or 8000
    if not node.initialised:
        nodes.create(nodes.home(), DEMO["name"], DEMO["origin"], f"http://localhost:{port}", node.services)
        node = nodes.load()
    os.environ["COMMONWEAL_GATEWAY"] = f"http://127.0.0.1:{port + 1}"  # where this node's own pages ask others
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _empty_folder(node.home / "metrics")
    if not _prepared(["--demo"] if options.demo else []):
        return 1
    try:
        with nodes.running_alone(node):
            processes = _processes(node, options.host, port, options.processes)
            return Supervisor(processes).run(f"http://localhost:{port}", node)
    except nodes.BadNode as error:
        print(f"commonweal up: {error}", file=sys.stderr)
        return 1


@dataclass
class Process:
    """One supervised process and when it may be started again."""

    name: str
    command: list[str]
    running: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT
    not_before: float = 0.0


@dataclass
class Supervisor:
    """Starts the processes, restarts whatever ends (waiting longer each time), and stops them all cleanly."""

    processes: list[Process]
    stopping: bool = field(default=False, init=False)
    anew: bool = field(default=False, init=False)

    def run(self, address: str, node: nodes.Node) -> int:
        """Returns 0 after a clean stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._start_anew)
        told = False
        while not self.stopping:
            if self.anew:
                self._end_all()
                self.anew = False
            for process in self.processes:
                self._keep_running(process)
            if not told and _answers(address):
                _welcome(address, node)
                told = True
            time.sleep(0.2)
        self._end_all()
        return 0

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _start_anew(self, *_: object) -> None:
        self.anew = True

    def _keep_running(self, process: Process) -> None:
        now = time.monotonic()
        if process.running is not None:
            code = process.running.poll()
            if code is None:
                if now - process.started > STEADY_SECONDS:
                    process.wait = FIRST_WAIT
                return
            print(f"{process.name} ended with code {code}; starting it again in {process.wait:g} s", file=sys.stderr)
            process.running, process.not_before = None, now + process.wait
            process.wait = min(process.wait * 2, LONGEST_WAIT)
        if now >= process.not_before:
            process.started = now
            process.running = subprocess.Popen(
                process.command,
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
            )

    def _end_all(self) -> None:
        alive = [process.running for process in self.processes if process.running and process.running.poll() is None]
        for child in alive:
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in alive:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)


def _prepared(demo: list[str]) -> bool:
    """Bring keys, tables and rules up to date, again if that is killed half-way: every step of it may be repeated."""
    command = [sys.executable, "-m", "commonweal.commands.prepare", *demo]
    for _ in range(PREPARATIONS):
        code = subprocess.run(command, check=False, preexec_fn=partial(end_with_parent, os.getpid())).returncode
        if code >= 0:
            return code == 0
        print(f"the preparation ended by signal {-code}; starting it again", file=sys.stderr, flush=True)
        time.sleep(FIRST_WAIT)
    print("commonweal up: the preparation was killed each time. Is there enough memory?", file=sys.stderr)
    return False


def _processes(node: nodes.Node, host: str, port: int, count: int) -> list[Process]:
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(count), "--blocking-threads", str(WEB_THREADS), "--respawn-failed-workers",
        "--no-ws", "--log-level", "warning", "commonweal.config.wsgi:application",
    ]  # fmt: skip
    return [
        Process("web", web),
        Process("sequencer", [sys.executable, "-m", "commonweal.commands.sequencer"]),
        Process("worker", [sys.executable, "-m", "commonweal.commands.worker"]),
        *_gateway(node, host, port + 1),
        *_ballot_box(node, host, port + 2),
    ]


def _gateway(node: nodes.Node, host: str, port: int) -> list[Process]:
    """The exchange's gateway, once the node is in a federation. A proxy in front gives it an address of its own."""
    if not (node.home / "exchange.toml").exists():
        return []
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port),
        "--workers", "1", "--respawn-failed-workers", "--no-ws", "--log-level", "warning",
        "commonweal.config.asgi:application",
    ]  # fmt: skip
    return [Process("gateway", command)]


def _ballot_box(node: nodes.Node, host: str, port: int) -> list[Process]:
    """The ballot server of a demo or of low stakes, where it shares the node's machine. It has its own web origin."""
    folder = node.home / "ballot-box"
    command = [sys.executable, "-m", "commonweal.cli", "voting", "box", "serve", str(folder)]
    return [Process("ballot box", [*command, "--host", host, "--port", str(port)])] if folder.exists() else []


def _empty_folder(folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return str(folder)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=1) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _welcome(address: str, node: nodes.Node) -> None:
    print(f"\n{node.name} is up: {address}", flush=True)
    if node.demo:
        print(f"Sign in as somebody of the demo: {address}/sign-in/demo/", flush=True)
        signs = node.home / "demo-sign-ins.txt"
        if signs.exists():
            print(signs.read_text("utf-8"), flush=True)
    print("Stop with Ctrl-C.", flush=True)
