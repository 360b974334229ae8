"""A large body through both gateways: a system asks with 1 GB, and gets 1 GB; what memory each gateway takes for it.

No peer: what a body does to another product's memory cannot be measured side by side.
"""

from __future__ import annotations

import http.client
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.gateway import resident
from benchmarks.table import report
from tests.core.exchange import federation
from tests.core.exchange.federation import ACCESS, HEAD, Federation

BODY = int(os.environ.get("COMMONWEAL_BENCH_BODY", "1000000000"))  # bytes
PIECE = os.urandom(1_000_000)
GOAL = 64.0  # MB
SAMPLE = 0.05  # seconds
PATIENCE = 1_200.0  # seconds for one body
OFFER = """
[[endpoint]]
method = "POST"
path = "/put"
[[endpoint]]
method = "GET"
path = "/get"
[http]
address = "http://127.0.0.1:{port}"
timeout = {timeout}
"""


def main() -> None:
    """Make two nodes and a back end, send the body both ways, print the table."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    back_end = ThreadingHTTPServer(("127.0.0.1", 0), BackEnd)
    threading.Thread(target=back_end.serve_forever, daemon=True).start()
    town = federation.make(folder)
    try:
        text = OFFER.format(port=back_end.server_port, timeout=int(PATIENCE))
        town.offer("large", HEAD.format(code="large") + text + ACCESS)
        town.ask("large", "/put", body=PIECE)  # everything that is loaded once is there
        figures = {"asked with": Passage(town, "POST", "/put"), "got": Passage(town, "GET", "/get")}
        rows = [
            (f"{way} {BODY / 1e6:,.0f} MB, the {who} gateway's extra memory", f"{extra:,.1f} MB", f"<= {GOAL:.0f} MB")
            for way, passage in figures.items()
            for who, extra in passage.extra.items()
        ]
        rows += [(f"{way} it in", f"{passage.seconds:,.0f} s", "") for way, passage in figures.items()]
        report(
            "gateway_body",
            rows,
            ours=max(extra for passage in figures.values() for extra in passage.extra.values()),
            unit="MB", goal=GOAL, peer=None, peer_name="none that can be run beside it",
            conditions=f"two nodes, a back end and the asking system share the machine; {BODY:,} bytes; resident "
            f"memory sampled every {SAMPLE * 1000:.0f} ms, highest minus before",
        )  # fmt: skip
    finally:
        town.stop()
        back_end.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


class Passage:
    """One body through both gateways: `seconds`, and by gateway the highest memory over that before, in MB."""

    def __init__(self, town: Federation, method: str, path: str) -> None:
        gateways = {"asking": town.benefits, "giving": town.register}
        groups = {who: node.processes["gateway"].pid for who, node in gateways.items()}
        before = {who: resident(group) for who, group in groups.items()}
        highest, done = dict(before), threading.Event()

        def watch() -> None:
            while not done.wait(SAMPLE):
                for who, group in groups.items():
                    highest[who] = max(highest[who], resident(group))

        watching = threading.Thread(target=watch)
        watching.start()
        started = time.monotonic()
        try:
            passed = exchanged(town, method, path)
        finally:
            done.set()
            watching.join()
        if passed != expected():
            raise RuntimeError("the body that arrived is not the one that was sent")
        self.seconds = time.monotonic() - started
        self.extra = {who: (highest[who] - before[who]) / 1e6 for who in groups}


class BackEnd(BaseHTTPRequestHandler):
    """Takes a body and answers its digest, or gives one."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        left, digest = int(self.headers["content-length"]), sha256()
        while left:
            piece = self.rfile.read(min(left, len(PIECE)))
            digest.update(piece)
            left -= len(piece)
        answer = digest.hexdigest().encode()
        self._begin(len(answer))
        self.wfile.write(answer)

    def do_GET(self) -> None:
        self._begin(BODY)
        for piece in pieces():
            self.wfile.write(piece)

    def _begin(self, size: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", str(size))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def exchanged(town: Federation, method: str, path: str) -> str:
    """Send or get the body through the asking gateway; the SHA-256 of what arrived, hex."""
    connection = http.client.HTTPConnection("127.0.0.1", town.benefits.port, timeout=PATIENCE)
    headers = {"X-Road-Client": town.CLIENT, "Content-Type": "application/octet-stream"}
    content = pieces() if method == "POST" else None
    size = {"Content-Length": str(BODY)} if content else {}
    connection.request(method, f"/r1/{town.SERVICE}/large{path}", content, headers | size)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.read(1_000)!r}")
    if method == "POST":
        return answer.read().decode()
    digest = sha256()
    while piece := answer.read(len(PIECE)):
        digest.update(piece)
    return digest.hexdigest()


def pieces() -> Iterator[bytes]:
    """The body."""
    for start in range(0, BODY, len(PIECE)):
        yield PIECE[: BODY - start]


def expected() -> str:
    """The body's SHA-256, hex."""
    digest = sha256()
    for piece in pieces():
        digest.update(piece)
    return digest.hexdigest()


if __name__ == "__main__":
    main()
