"""X-Road's message protocol for REST, version r1: addresses, headers, request hash and faults (PR-REST 0.9, PR-MREST).

Stricter than the text in two places: an encoded slash in an address and a header sent twice are refused.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha512
from urllib.parse import quote, unquote

METASERVICES = ("listMethods", "allowedMethods", "getOpenAPI")
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
METHOD_NOT_ALLOWED = "Client.MethodNotAllowed"
HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
)
NOT_PASSED_ON = HOP_BY_HOP | {"host", "user-agent", "server", "content-length", "expect", "date"}
SINGLE = frozenset(
    "x-road-client x-road-id x-road-userid x-road-issue x-road-represented-party x-road-security-server "
    "x-road-request-id x-road-request-hash content-digest content-type content-length host signature "
    "signature-input authorization commonweal-purpose commonweal-basis commonweal-consent commonweal-case "
    "commonweal-directory commonweal-leaf".split()
)
LONGEST_TARGET = 2_000
PART = r"[^\x00-\x1f\x7f/\\%]{1,100}"


class Fault(Exception):
    """What X-Road answers when an error is not the service's own: `type`, `message`, `detail`; status 400 or 500."""

    def __init__(self, type: str, message: str, detail: str = "") -> None:
        super().__init__(f"{type}: {message}")
        self.type, self.message, self.detail = type, message, detail

    @property
    def status(self) -> int:
        return 400 if self.type.startswith("Client.") else 500

    def body(self) -> bytes:
        """The JSON body."""
        return json.dumps({"type": self.type, "message": self.message, "detail": self.detail}).encode()


class MethodNotAllowed(Fault):
    """A method that there is not, at an address that there is: 405, with those that there are."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(METHOD_NOT_ALLOWED, f"What there is here: {self.allowed}")

    @property
    def status(self) -> int:
        return 405


@dataclass(frozen=True, order=True)
class MemberId:
    """An agency in a federation: `INSTANCE/CLASS/CODE`."""

    instance: str
    member_class: str
    code: str

    @cached_property
    def text(self) -> str:
        return "/".join(_encoded(part) for part in (self.instance, self.member_class, self.code))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, order=True)
class SubsystemId:
    """A system of an agency: `INSTANCE/CLASS/CODE/SUBSYSTEM`, what asks and what offers."""

    member: MemberId
    code: str

    @cached_property
    def text(self) -> str:
        return f"{self.member}/{_encoded(self.code)}"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, order=True)
class ServiceId:
    """A service of a system: `INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE`."""

    subsystem: SubsystemId
    code: str

    @cached_property
    def text(self) -> str:
        return f"{self.subsystem}/{_encoded(self.code)}"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Target:
    """What a request's address asks for: the service, and the raw path and query that are passed to it."""

    service: ServiceId
    path: str  # "" or "/..."
    query: str  # without "?"


def subsystem_id(text: str) -> SubsystemId:
    """Read a system's name. Raises Fault `Client.BadRequest`, `Client.EncodedSlash`."""
    parts = text.split("/")
    if len(parts) != 4:
        raise Fault("Client.BadRequest", "Name the system that asks: X-Road-Client: INSTANCE/CLASS/MEMBER/SUBSYSTEM")
    instance, member_class, member, code = [_decoded(part) for part in parts]
    return SubsystemId(MemberId(instance, member_class, member), code)


def service_id(text: str) -> ServiceId:
    """Read a service's name. Raises Fault."""
    system, _, code = text.rpartition("/")
    return ServiceId(subsystem_id(system), _decoded(code))


def member_id(text: str) -> MemberId:
    """Read an agency's name. Raises Fault."""
    parts = text.split("/")
    if len(parts) != 3:
        raise Fault("Client.BadRequest", f"{text[:80]!r} is no member: write INSTANCE/CLASS/CODE")
    return MemberId(*[_decoded(part) for part in parts])


def target(raw_path: str, query: str, prefix: str = "/r1/") -> Target:
    """Read a request's address. Raises Fault `Client.BadRequest`, `Client.EncodedSlash`."""
    if len(raw_path) + len(query) > LONGEST_TARGET:
        raise Fault("Client.BadRequest", f"The address is longer than {LONGEST_TARGET} characters")
    parts = raw_path.removeprefix(prefix).split("/", 5)
    if not raw_path.startswith(prefix) or len(parts) < 5:
        raise Fault("Client.BadRequest", f"The address must be {prefix}INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE")
    service = service_id("/".join(parts[:5]))
    path = f"/{parts[5]}" if len(parts) == 6 else ""
    refuse_encoded_slash(path)
    if any(unquote(step) in {".", ".."} for step in path.split("/")):
        raise Fault("Client.BadRequest", "The path holds a step upwards")
    return Target(service, path, query)


def refuse_encoded_slash(path: str) -> None:
    """Raises Fault `Client.EncodedSlash` for %2F or %5C, which two readers of one address can take for two things."""
    if "%2f" in path.lower() or "%5c" in path.lower():
        raise Fault("Client.EncodedSlash", "The address holds an encoded slash (%2F)")


def single_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """A message's headers by lower-case name. Others than X-Road's and ours may repeat and are joined by a comma.

    Raises Fault `Client.DuplicateHeader`, `Client.FoldedHeader`, `Client.BadRequest`.
    """
    found: dict[str, str] = {}
    for name_, value_ in raw:
        name = name_.decode("latin-1").lower()
        if b"\n" in value_ or b"\r" in value_:
            raise Fault("Client.FoldedHeader", f"The header {name} is folded over lines")
        value = value_.decode("latin-1").strip()
        if name not in found:
            found[name] = value
        elif name in SINGLE or name.startswith(("x-road-", "commonweal-")):
            raise Fault("Client.DuplicateHeader", f"The header {name} was sent twice")
        else:
            found[name] = f"{found[name]}, {value}"
    return found


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that X-Road passes on: neither hop-by-hop nor those that tell of a host."""
    named = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    return {name: value for name, value in headers.items() if name not in NOT_PASSED_ON | named}


def request_hash(method: str, address: str, headers: Mapping[str, str], body_sha512: bytes | None) -> str:
    """X-Road-Request-Hash: base64 of SHA512(SHA512(headers) + SHA512(body)), or of SHA512(headers) without a body.

    The bytes under `headers` are method, address and each header as `name:value`, a line each with CRLF, as X-Road's
    own servers write them; our names are lower-case and sorted, so that a proxy between nodes cannot change them.
    """
    lines = [method, address, *(f"{name}:{headers[name]}" for name in sorted(headers))]
    head = sha512("".join(f"{line}\r\n" for line in lines).encode())
    if body_sha512 is None:
        return base64.b64encode(head.digest()).decode()
    return base64.b64encode(sha512(head.digest() + body_sha512).digest()).decode()


def _decoded(part: str) -> str:
    refuse_encoded_slash(part)
    try:
        text = unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise Fault("Client.BadRequest", "A part of the name is not UTF-8") from None
    if not re.fullmatch(PART, text) or text in {".", ".."}:
        raise Fault("Client.BadRequest", f"{part[:80]!r} cannot be a part of a name")
    return text


def _encoded(part: str) -> str:
    return quote(part, safe="")
