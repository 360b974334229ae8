"""What one installation is: its folder, its name, its log's origin, its services.

Knows no Django, so that the supervisor stays small. The folder comes from `COMMONWEAL_HOME` (default `data`):

    node.toml   the settings below          keys/   secrets, mode 0600, backed up apart from the data
    node.sqlite3  records and evidence      log/    the public log, ready to be served as static files
    logs/       what happened, without personal data
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SECRETS = ("activation", "authenticators", "django", "identifiers", "pairwise")  # beside the log's own keys
PREVIOUS, NEXT = ".previous", ".next"  # of a key: still good beside its successor; made, and not in use yet
DATABASE = "database"  # its address with its password, once the node has moved to PostgreSQL
ROOMS = ("registry", "voting", "assistant")  # the services that come with the node
DEMO_ORIGIN = "demo."
_ORIGIN = re.compile(r"[a-z0-9.-]+(/[a-z0-9.-]+)*")


class BadNode(ValueError):
    """The node's folder or node.toml cannot be used; the text names the setting and the remedy."""


@dataclass(frozen=True)
class Node:
    """One installation, as its node.toml describes it."""

    home: Path
    name: str
    origin: str
    address: str
    services: tuple[str, ...]
    demo: bool
    initialised: bool

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def database(self) -> str:
        """A PostgreSQL address from `DATABASE_URL` or keys/database, or else the path of the node's SQLite file.

        Raises BadNode when keys/database can be read by others.
        """
        kept = self.keys / DATABASE
        address = os.environ.get("DATABASE_URL") or (_kept(kept).decode().strip() if kept.exists() else "")
        return address or str(self.home / "node.sqlite3")

    def secret(self, name: str) -> bytes:
        """A 32-byte secret from keys/NAME, made when the node was made.

        Raises BadNode when the file is missing or can be read by others.
        """
        return _secret(self.keys / name) if self.initialised else _passing_secret(name)

    def previous(self, name: str) -> list[bytes]:
        """The secret before this one, while `commonweal rotate` keeps it beside the new one."""
        path = self.keys / f"{name}{PREVIOUS}"
        return [_secret(path)] if path.exists() else []


def home() -> Path:
    """The node's folder: `COMMONWEAL_HOME`, or `data` in the working directory."""
    return Path(os.environ.get("COMMONWEAL_HOME", "data")).absolute()


def load(folder: Path | None = None) -> Node:
    """Read node.toml; a folder without one gives an uninitialised node that keeps nothing.

    Raises BadNode naming the setting that is missing or malformed.
    """
    folder = folder or home()
    path = folder / "node.toml"
    if not path.exists():
        return Node(
            folder, "Commonweal", "demo.uninitialised.example", "http://localhost:8000", ROOMS, True, False
        )
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadNode(f"node.toml is not valid TOML: {error}") from error
    for field, kind in (("name", str), ("origin", str), ("address", str), ("services", list)):
        if not isinstance(settings.get(field), kind):
            raise BadNode(f"node.toml: `{field}` is missing or not a {kind.__name__}")
    origin = settings["origin"]
    if not _ORIGIN.fullmatch(origin):
        raise BadNode(f"node.toml: `origin` is {origin!r}; write it like a host name and path, in lower case")
    return Node(
        home=folder,
        name=settings["name"],
        origin=origin,
        address=settings["address"].rstrip("/"),
        services=tuple(settings["services"]),
        demo=origin.startswith(DEMO_ORIGIN),
        initialised=True,
    )


def create(folder: Path, name: str, origin: str, address: str, services: tuple[str, ...]) -> Node:
    """Make a node's folder. An existing node.toml is kept as it is, so that a second run changes nothing."""
    for part in (folder, folder / "log", folder / "logs", folder / "keys"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "node.toml"
    if not path.exists():
        for secret in SECRETS:
            if not (folder / "keys" / secret).exists():
                write_new(folder / "keys" / secret, secrets.token_bytes(32))
        listed = ", ".join(f'"{service}"' for service in services)
        path.write_text(
            f"# One Commonweal node. docs/operating.md explains each line.\n"
            f'name = "{name}"\norigin = "{origin}"\naddress = "{address}"\nservices = [{listed}]\n',
            "utf-8",
        )
    return load(folder)


def write_new(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600, durably. Raises FileExistsError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@cache
def _secret(path: Path) -> bytes:
    if not path.exists():
        raise BadNode(f"keys/{path.name} is missing: restore it from the backup of the keys; a new one would not fit")
    return _kept(path)


def _kept(path: Path) -> bytes:
    """What a file holds that is nobody else's to read. Raises BadNode."""
    mode = path.stat().st_mode & 0o077
    if mode:
        raise BadNode(f"keys/{path.name} can be read by others (mode {mode:o}); run: chmod 600 {path}")
    return path.read_bytes()


@cache
def _passing_secret(name: str) -> bytes:
    return secrets.token_bytes(32)


@contextmanager
def running_alone(node: Node) -> Iterator[None]:
    """Hold the node's folder for one supervisor, or for a restore.

    Raises BadNode when the node is running.
    """
    with (node.home / "running.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadNode(f"the node in {node.home} is running; stop it first") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def supervisor(node: Node) -> int | None:
    """The process id of the running supervisor, if there is one."""
    path = node.home / "running.lock"
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return int(path.read_text("utf-8"))
    return None
