"""Pages over the web: only from the addresses that were named, politely, and nothing without end.

A page may send us on within its own host, as sites do that moved to https; never elsewhere.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from ssl import SSLContext
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore
from django.utils.encoding import iri_to_uri

AT_ONCE = 4
PAUSE = 0.5  # seconds, of each of them after each page
PATIENCE = 10.0  # seconds without a sign of life
LONGEST_WAIT = 30.0  # seconds for a whole page
LARGEST = 2_000_000  # bytes of a page
MOST_MOVES = 5
HEADERS = [
    ("User-Agent", "Commonweal"), ("Accept", "text/html,application/xhtml+xml"), ("Accept-Encoding", "identity"),
]  # fmt: skip
KINDS = ("text/html", "application/xhtml+xml")
MOVED = frozenset({301, 302, 303, 307, 308})
PORTS = {"http": 80, "https": 443}
NOT_OF_PAGES = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)


class NotFetched(ValueError):
    """A page that did not come; the text says why."""


def fetch_all(addresses: Iterable[str]) -> Iterator[tuple[str, str | NotFetched]]:
    """Each address, in order, with the page's text, or why there is none. A few at a time."""
    waiting, trusted = iter(addresses), httpcore.default_ssl_context()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetching") as workers:
        while some := list(islice(waiting, AT_ONCE * 8)):  # so that not all pages are held at the same time
            yield from zip(some, workers.map(lambda address: _fetched(trusted, address), some), strict=True)


def checked(address: str) -> SplitResult:
    """The parts of an address that may be fetched. Raises NotFetched."""
    try:
        parts = urlsplit(iri_to_uri(address))
        port = parts.port
    except ValueError:
        raise NotFetched("is not an address") from None
    if parts.scheme not in PORTS:
        raise NotFetched("is not an address that begins with https:// or http://")
    if not parts.hostname or not parts.netloc.isascii() or port == 0 or re.search(r"[\x00-\x20\x7f]", address):
        raise NotFetched("is not an address")
    if parts.username is not None or parts.password is not None:
        raise NotFetched("has a name and password in it; name a public page")
    return parts._replace(fragment="")


def _fetched(trusted: SSLContext, address: str) -> str | NotFetched:
    ends = time.monotonic() + LONGEST_WAIT
    try:
        with httpcore.ConnectionPool(trusted, network_backend=_Until(ends)) as pool:
            return fetch(pool, address)
    except NotFetched as error:
        return error
    finally:
        time.sleep(PAUSE)


def fetch(pool: httpcore.ConnectionPool, address: str) -> str:
    """The page at an address. Raises NotFetched."""
    at = checked(address)
    for _move in range(MOST_MOVES + 1):
        try:
            found = _asked(pool, at.geturl())
        except httpcore.TimeoutException:
            raise NotFetched("does not answer in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
            raise NotFetched(f"cannot be reached: {str(error) or type(error).__name__}") from None
        if not found.moved_to:
            return found.text()
        at = _moved(at, found.moved_to)
    raise NotFetched(f"sends on more than {MOST_MOVES} times")


class _Until(httpcore.NetworkBackend):
    """Connections that wait for nothing beyond a moment: headers may come letter by letter, too."""

    def __init__(self, ends: float) -> None:
        self._ends = ends

    def connect_tcp(self, *of: Any, **more: Any) -> httpcore.NetworkStream:
        return _Stream(httpcore.SyncBackend().connect_tcp(*of, **more), self._ends)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, ends: float) -> None:
        self._stream, self._ends = stream, ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)


@dataclass(frozen=True)
class _Answer:
    kind: str = ""
    body: bytes = b""
    moved_to: str = ""

    def text(self) -> str:
        """The page in the alphabet that it names: by the server, else in itself, else UTF-8. Raises NotFetched."""
        said = _CHARSET.search(self.kind) or _CHARSET.search(self.body[:1024].decode("ascii", "replace"))
        charset = said[1] if said else "utf-8"
        try:
            if codecs.lookup(charset).name.replace("_", "-") in NOT_OF_PAGES:
                raise LookupError(charset)
            return self.body.decode(charset).removeprefix("\ufeff").replace("\r\n", "\n")
        except (LookupError, UnicodeError):
            raise NotFetched(f"is not in {charset}, as it says") from None


def _asked(pool: httpcore.ConnectionPool, address: str) -> _Answer:
    patience = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), PATIENCE)}
    with pool.stream("GET", address, headers=HEADERS, extensions=patience) as answer:
        told = {name.lower(): content.decode("latin-1").strip() for name, content in answer.headers}
        if answer.status in MOVED and told.get(b"location"):
            return _Answer(moved_to=told[b"location"])
        if answer.status != 200:
            raise NotFetched(f"answers {answer.status}")
        kind = told.get(b"content-type", "")
        if kind.partition(";")[0].strip().casefold() not in KINDS:
            raise NotFetched(f"is not an HTML page but {kind or 'nothing that it names'}")
        if told.get(b"content-encoding", "identity").casefold() != "identity":
            raise NotFetched("comes compressed, though that was not asked for")
        return _Answer(kind, _read(answer))


def _read(answer: httpcore.Response) -> bytes:
    body = b""
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > LARGEST:
            raise NotFetched(f"has more than {LARGEST:,} bytes")
    return body


def _moved(at: SplitResult, to: str) -> SplitResult:
    """Where a page sends us on to. Raises NotFetched unless it is on the same host, and not less safe."""
    try:
        joined = urljoin(at.geturl(), to)
    except ValueError:
        raise NotFetched("sends on to what is not an address") from None
    there = checked(joined)
    same = there.port == at.port or (_port(at), _port(there)) == (PORTS["http"], PORTS["https"])
    if there.hostname != at.hostname or not same or (at.scheme, there.scheme) == ("https", "http"):
        raise NotFetched(f"sends on to another place, {there.scheme}://{there.netloc}; name that in the sitemap")
    return there


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]
