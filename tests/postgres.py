"""A PostgreSQL server of the tests' own on 127.0.0.1, made from whatever PostgreSQL the machine has."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any


class NoPostgreSQL(RuntimeError):
    """The machine has no PostgreSQL server."""


class Server:
    """One server in a temporary folder; `address` is its URL without a database name."""

    def __init__(self) -> None:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not folders:
            raise NoPostgreSQL("no PostgreSQL below /usr/lib/postgresql; install Debian's package postgresql")
        self.tools = folders[-1]
        root = os.getuid() == 0
        self.user = "postgres" if root else pwd.getpwuid(os.getuid()).pw_name
        self.folder = Path(tempfile.mkdtemp(prefix="commonweal-postgres-"))
        if root:
            shutil.chown(self.folder, self.user)
        self.port = _free_port()
        self._run("initdb", "-A", "trust", "-U", "postgres", "-D", str(self.folder / "db"))
        self.process = self.start()

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers."""
        command = [str(self.tools / "postgres"), "-D", str(self.folder / "db"), "-k", str(self.folder), *self._place()]
        self.process = subprocess.Popen(command, **self._quiet())
        for _ in range(200):
            if (
                subprocess.run([self.tools / "pg_isready", *self._place()], check=False, **self._quiet()).returncode
                == 0
            ):
                return self.process
            time.sleep(0.05)
        raise TimeoutError("PostgreSQL did not start within ten seconds")

    def create(self, name: str) -> str:
        """Make a database and return its URL."""
        import psycopg

        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return f"{self.address}/{name}"

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, tool: str, *arguments: str) -> None:
        subprocess.run([self.tools / tool, *arguments], check=True, **self._quiet())

    def _place(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port)]

    def _quiet(self) -> dict[str, Any]:
        return {"user": self.user, "cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
