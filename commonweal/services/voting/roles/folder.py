"""A role's folder: what is private is written once, durably, readable by its owner only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from commonweal.config.node import write_new
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.refusal import Reason, Refused

PACKAGE = "package.json"


def write_private(path: Path, value: Any) -> None:
    """Write a new file of mode 0600. Raises FileExistsError: a key is never overwritten."""
    write_new(path, canonical(value))


def write_public(path: Path, value: Any) -> None:
    """Write what is handed to others, or may be written again: whole, or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    passing = path.with_name(f".{path.name}.passing")
    passing.write_bytes(canonical(value))
    passing.replace(path)


def read_private(path: Path) -> Any:
    """What a private file holds. Raises Refused when others can read it; FileNotFoundError."""
    if path.stat().st_mode & 0o077:
        raise Refused(Reason.MALFORMED, str(path), "a file that nobody else can read (chmod 600)", "another mode")
    return json.loads(path.read_text("utf-8"))
