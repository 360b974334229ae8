"""Asking the ballot server for its board, and keeping a copy that only ever grows."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from commonweal.services.voting.box.ballot_box import Head
from commonweal.services.voting.engine.archive import Checkpoint, EventType, steps
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package

SECONDS = 30
PIECE = 1 << 20


class NoAnswer(OSError):
    """The ballot server does not answer, or not with what was asked for."""


def head(package: Package) -> Head:
    """Where the box says that its board ends. Raises NoAnswer."""
    value = _asked(package, "head.json")
    try:
        return Head(Checkpoint(int(value["height"]), str(value["digest"])), int(value["size"]))
    except (KeyError, TypeError, ValueError):
        raise NoAnswer("The ballot server’s head.json is not one.") from None


def ceremony(package: Package) -> dict[str, Any]:
    """How far the trustees are. Raises NoAnswer."""
    value: dict[str, Any] = _asked(package, "ceremony.json")
    return value


def extend(copy: Path, package: Package, claimed: Head, known: Sequence[Checkpoint]) -> None:
    """Fetch what the box's board has beyond our copy, and keep it if everything before still stands.

    Raises NoAnswer; Refused when the board is not what was frozen and seen before: cut, re-ordered, of another setup.
    """
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = copy.stat().st_size if copy.exists() else 0
    if claimed.size < kept:
        raise Refused(Reason.CHECKPOINT, "board", f"{kept} bytes or more", claimed.size)
    with copy.open("a+b") as file:
        try:
            _fetch(package, f"board.bel?after={kept}", file, claimed.size - kept)
            _check(copy, package, claimed, known)
        except BaseException:
            file.truncate(kept)
            raise
        os.fsync(file.fileno())


def send(package: Package, contribution: bytes) -> dict[str, Any]:
    """Hand the box what a trustee brings. Raises NoAnswer with the box's own words."""
    value: dict[str, Any] = _asked(package, "ceremony", contribution)
    return value


def _check(copy: Path, package: Package, claimed: Head, known: Sequence[Checkpoint]) -> None:
    wanted = {checkpoint.height: checkpoint for checkpoint in (*known, claimed.checkpoint)}
    with copy.open("rb") as stream:
        for step in steps(stream):
            if step.event.type is EventType.SETUP:
                found, frozen = tuple(item.digest for item in step.data[:3]), package.plan.setup
                if found != (frozen.election, frozen.trustees, frozen.credentials):
                    raise Refused(Reason.FROZEN, "setup", frozen, found)
            expected = wanted.pop(step.event.height, None)
            if expected and expected.digest != step.digest:
                raise Refused(Reason.CHECKPOINT, f"event {step.event.height}", expected.digest, step.digest)
    if wanted:
        raise Refused(Reason.CHECKPOINT, "board", f"an event at height {max(wanted)}", "an earlier end")


def _asked(package: Package, name: str, content: bytes | None = None) -> Any:
    with _opened(package, name, content) as answer:
        try:
            return json.loads(answer.read(PIECE))
        except ValueError:
            raise NoAnswer(f"The ballot server’s {name} is no JSON.") from None


def _fetch(package: Package, name: str, file: Any, size: int) -> None:
    """Append exactly so many bytes. Raises NoAnswer when fewer come; more are left unread."""
    with _opened(package, name) as answer:
        left = size
        while left:
            piece = answer.read(min(PIECE, left))
            if not piece:
                raise NoAnswer(f"The ballot server sent {size - left} of {size} bytes of its board.")
            file.write(piece)
            left -= len(piece)
    file.flush()


def _opened(package: Package, name: str, content: bytes | None = None) -> Any:
    plan = package.plan
    address = f"{plan.box}/elections/{plan.uuid}/{name}"
    headers = {"Content-Type": "application/json"}
    try:
        asked = urllib.request.Request(address, data=content, headers=headers)  # noqa: S310 - drafts hold http(s)
        return urllib.request.urlopen(asked, timeout=SECONDS)  # noqa: S310
    except urllib.error.HTTPError as refused:
        raise NoAnswer(f"{address} answers {refused.code}: {refused.read(2_000).decode(errors='replace')}") from None
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise NoAnswer(f"{address} does not answer: {error}") from None
