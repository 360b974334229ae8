"""What was erased, in a file that stays outside of the backups: after a restore it is erased again.

One JSON line for each erasure: the person's chain, and either the numbers of entries or the person's id. The ids are
random and lead nowhere once the person is gone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

FILE = "tombstones.jsonl"


@dataclass(frozen=True)
class Tombstone:
    """One erasure: of entries of a chain, or (with a person) of everything about a person."""

    chain: str
    rule: str
    entries: tuple[int, ...] = ()
    person: str = ""


def lay(stone: Tombstone) -> None:
    """Append, and return once it is on the disk."""
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(stone)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def all_laid() -> Iterator[Tombstone]:
    """Every erasure so far, oldest first; a line that a crash cut short is passed over."""
    if not path().exists():
        return
    for line in path().read_text("utf-8").splitlines():
        try:
            values = json.loads(line)
        except json.JSONDecodeError:
            continue
        yield Tombstone(values["chain"], values["rule"], tuple(values["entries"]), values["person"])


def path() -> Path:
    """Where the file is: beside the node's folder's other parts, and named in docs/operating.md."""
    folder: Path = settings.COMMONWEAL.home
    return folder / FILE
