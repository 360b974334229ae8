"""What passes between the gateway and a source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from commonweal.core.exchange.directory import Endpoint
from commonweal.core.exchange.spool import Spool
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.actions import Purpose


class SourceFailed(Exception):
    """The source gave no answer: `code` ends the X-Road fault (ServiceFailed, NetworkError, ServiceTimeout ...)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Call:
    """A request that may pass: what the source is asked."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Spool
    actor: Actor
    purpose: Purpose
    subject: Person | None = None
    identifier: str = ""  # what the subject is called in the service's scheme
    consent: str = ""
    case: str = ""


@dataclass(frozen=True)
class Answer:
    """What the source says; the body is in memory or in a spool."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Spool = b""
    disclosed: tuple[str, ...] = ("exchange/service",)


class Source(Protocol):
    """One kind of back end. One that `opens_door` leaves its own evidence; the others get the exchange's."""

    @property
    def opens_door(self) -> bool: ...

    async def fetch(self, call: Call) -> Answer:
        """Answer a call. Raises SourceFailed."""
        ...


def matching(endpoints: tuple[Endpoint, ...], method: str, path: str) -> Endpoint | None:
    """The endpoint that a request is for: `*` is one step of a path, a last `**` any number of them."""
    steps = path.split("/")[1:]
    return next((one for one in endpoints if one.method == method and _fits(one.path.split("/")[1:], steps)), None)


def _fits(pattern: list[str], steps: list[str]) -> bool:
    if pattern and pattern[-1] == "**":
        pattern, steps = pattern[:-1], steps[: len(pattern) - 1]
    return len(pattern) == len(steps) and all(
        want == have or (bool(have) and (want == "*" or want.startswith("{")))
        for want, have in zip(pattern, steps, strict=True)
    )


def as_json(status: int, content: Any, disclosed: tuple[str, ...] = ("exchange/service",)) -> Answer:
    """An answer in JSON."""
    body = json.dumps(content, ensure_ascii=False, default=str).encode()
    return Answer(status, {"content-type": "application/json; charset=utf-8"}, body, disclosed)
