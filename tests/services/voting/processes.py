"""A real ballot server in a process of its own, for tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Box:
    """`commonweal voting box serve`, from entering the block to leaving it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._command = [
            sys.executable,
            "-m",
            "commonweal.cli",
            "voting",
            "box",
            "serve",
            str(folder),
            "--port",
            str(port),
        ]
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Box:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.kill(signal.SIGTERM)

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
        self._running = subprocess.Popen(self._command, cwd=ROOT, env=environment, start_new_session=True)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/health", timeout=1).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the ballot server does not answer")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End every process of it at once."""
        if self._running and self._running.poll() is None:
            os.killpg(self._running.pid, number)
            self._running.wait(20)
