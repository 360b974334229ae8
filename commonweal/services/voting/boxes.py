"""Asking the ballot server for its board, and keeping a copy that only ever grows."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import httpcore

from commonweal.services.voting.box.ballot_box import Head
from commonweal.services.voting.engine.archive import Checkpoint, EventType, steps
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.passes import Pass
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.receipts import Receipt

HEADERS = [(b"Content-Type", b"application/json")]
PATIENCE = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), 30.0)}
FAILURES = (
    httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol,
    UnicodeError,
)  # fmt: skip


class NoAnswer(OSError):
    """The ballot server does not answer, or not with what was asked for."""


class Box(Protocol):
    """Where a board is read: a ballot server far away, or the folder of one on this machine (the demo)."""

    def head(self, uuid: str) -> Head:
        """Where it says that its board ends."""

    def board(self, uuid: str, after: int = 0) -> Iterator[bytes]:
        """The board from a byte on, in pieces."""


@dataclass(frozen=True)
class Server:
    """A ballot server by its web origin. Each method raises NoAnswer."""

    origin: str

    def head(self, uuid: str) -> Head:
        """Where it says that its board ends."""
        value = self._asked(uuid, "head.json")
        try:
            return Head(Checkpoint(int(value["height"]), str(value["digest"])), int(value["size"]))
        except (KeyError, TypeError, ValueError):
            raise NoAnswer("The ballot server’s head.json is not one.") from None

    def board(self, uuid: str, after: int = 0) -> Iterator[bytes]:
        """The board from a byte on, in pieces."""
        with self._answer(uuid, f"board.bel?after={after}") as answer:
            yield from answer.iter_stream()

    def ceremony(self, uuid: str) -> dict[str, Any]:
        """How far the trustees are."""
        value: dict[str, Any] = self._asked(uuid, "ceremony.json")
        return value

    def send(self, uuid: str, contribution: bytes) -> dict[str, Any]:
        """Hand it what a trustee brings; NoAnswer has its own words when it is not taken."""
        value: dict[str, Any] = self._asked(uuid, "ceremony", contribution)
        return value

    def cast(self, uuid: str, ballot: bytes, shown: Pass) -> tuple[str, Receipt | None]:
        """Cast a ballot; returns tracker and receipt. NoAnswer has the box's own words when it is not taken."""
        body = canonical({"ballot": ballot.decode(), "pass": shown.as_json()})
        answer = self._asked(uuid, "ballots", body)
        return str(answer["tracker"]), Receipt.from_json(answer["receipt"]) if answer["receipt"] else None

    def _asked(self, uuid: str, name: str, content: bytes | None = None) -> Any:
        with self._answer(uuid, name, content) as answer:
            try:
                return json.loads(answer.read())
            except ValueError:
                raise NoAnswer(f"The ballot server’s {name} is no JSON.") from None

    @contextmanager
    def _answer(self, uuid: str, name: str, content: bytes | None = None) -> Iterator[httpcore.Response]:
        """An answer of 200 or 201, its body not read yet. Redirects are not followed."""
        address = f"{self.origin}/elections/{uuid}/{name}"
        method = "GET" if content is None else "POST"
        try:
            with (
                httpcore.ConnectionPool() as pool,
                pool.stream(method, address, headers=HEADERS, content=content, extensions=PATIENCE) as answer,
            ):
                if answer.status not in {200, 201}:
                    raise NoAnswer(
                        f"{address} answers {answer.status}: {answer.read()[:2_000].decode(errors='replace')}"
                    )
                yield answer
        except FAILURES as error:
            raise NoAnswer(f"{address} does not answer: {error!r}") from None


def extend(copy: Path, package: Package, box: Box, claimed: Head, known: Sequence[Checkpoint]) -> None:
    """Fetch what the box's board has beyond our copy, and keep it if everything before still stands.

    Raises NoAnswer; Refused when the board is not what was frozen and seen before: cut, re-ordered, of another setup.
    """
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with copy.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = file.seek(0, os.SEEK_END)
        if claimed.size < kept:
            raise Refused(Reason.CHECKPOINT, "board", f"{kept} bytes or more", claimed.size)
        try:
            _append(file, box.board(package.plan.uuid, kept), claimed.size - kept)
            _check(copy, package, claimed, known)
        except BaseException:
            file.truncate(kept)
            raise
        os.fsync(file.fileno())


def _append(file: BinaryIO, pieces: Iterable[bytes], size: int) -> None:
    """Append exactly so many bytes. Raises NoAnswer when fewer come; more are left unread."""
    left = size
    for piece in pieces:
        file.write(piece[:left])
        left -= min(left, len(piece))
        if not left:
            break
    if left:
        raise NoAnswer(f"The ballot server sent {size - left} of {size} bytes of its board.")
    file.flush()


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
