"""Pages over the web: only from the addresses that were named, politely, and nothing without end.

A page may send us on within its own host, as sites do that moved to https; never elsewhere.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
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
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)


class NotFetched(ValueError):
    """A page that did not come; the text says why."""


def fetch_all(addresses: Iterable[str]) -> Iterator[tuple[str, str | NotFetched]]:
    """Each address, in order, with the page's text, or why there is none. A few at a time."""
    waiting = iter(addresses)
    with (
        httpcore.ConnectionPool(max_connections=AT_ONCE) as pool,
        ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetching") as workers,
    ):
        while some := list(islice(waiting, AT_ONCE * 8)):  # so that not all pages are held at the same time
            yield from zip(some, workers.map(lambda address: _fetched(pool, address), some), strict=True)


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


def _fetched(pool: httpcore.ConnectionPool, address: str) -> str | NotFetched:
    try:
        return fetch(pool, address)
    except NotFetched as error:
        return error
    finally:
        time.sleep(PAUSE)


def fetch(pool: httpcore.ConnectionPool, address: str) -> str:
    """The page at an address. Raises NotFetched."""
    ends = time.monotonic() + LONGEST_WAIT
    at = checked(address)
    for _move in range(MOST_MOVES + 1):
        try:
            found = _asked(pool, at.geturl(), ends)
        except httpcore.TimeoutException:
            raise NotFetched("does not answer in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
            raise NotFetched(f"cannot be reached: {str(error) or type(error).__name__}") from None
        if not found.moved_to:
            return found.text()
        at = _moved(at, found.moved_to)
    raise NotFetched(f"sends on more than {MOST_MOVES} times")


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
            return self.body.decode(charset).removeprefix("\ufeff").replace("\r\n", "\n")
        except (LookupError, UnicodeError):
            raise NotFetched(f"is not in {charset}, as it says") from None


def _asked(pool: httpcore.ConnectionPool, address: str, ends: float) -> _Answer:
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
        return _Answer(kind, _read(answer, ends))


def _read(answer: httpcore.Response, ends: float) -> bytes:
    body = b""
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > LARGEST:
            raise NotFetched(f"has more than {LARGEST:,} bytes")
        if time.monotonic() > ends:
            raise NotFetched(f"takes longer than {LONGEST_WAIT:.0f} seconds")
    return body


def _moved(at: SplitResult, to: str) -> SplitResult:
    """Where a page sends us on to. Raises NotFetched unless it is on the same host, and not less safe."""
    there = checked(urljoin(at.geturl(), to))
    same = there.port == at.port or (_port(at), _port(there)) == (PORTS["http"], PORTS["https"])
    if there.hostname != at.hostname or not same or (at.scheme, there.scheme) == ("https", "http"):
        raise NotFetched(f"sends on to another place, {there.scheme}://{there.netloc}; name that in the sitemap")
    return there


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]
