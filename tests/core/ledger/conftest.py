from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import commonweal.core.ledger
from tests.core.ledger.world import World, sql

STATIC = Path(commonweal.core.ledger.__file__).parent / "static/ledger"
TABLES = ("record", "chain", "pending", "log", "leaf", "head", "epochhead", "document", "checkpoint")
CHECK = """async ([history, anchor]) => {
    const {checkHistory, fetchFrom} = await import("/check.js");
    return checkHistory(history, fetchFrom("/log"), anchor);
}"""


@pytest.fixture
def world(tmp_path: Path, transactional_db: None) -> Iterator[World]:
    for table in TABLES:  # what the migrations themselves publish (policies) is not of interest here
        sql(f"DELETE FROM ledger_{table}")
    world = World(tmp_path)
    world.publish()
    yield world
    world.close()


class Device:
    """A person's browser, in a thread of its own because its event loop and Django's ORM do not mix."""

    def __init__(self) -> None:
        self.log = Path()
        self.thread = ThreadPoolExecutor(1)
        handler = partial(_Handler, self)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.thread.submit(self._open).result()

    def _open(self) -> None:
        from playwright.sync_api import sync_playwright

        self.playwright = sync_playwright().start()
        self.browser = self.playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        self.page = self.browser.new_page()
        self.page.goto(f"http://127.0.0.1:{self.server.server_port}/blank.html")

    def evaluate(self, script: str, argument: Any = None) -> Any:
        return self.thread.submit(lambda: self.page.evaluate(script, argument)).result()

    def check(self, log: Path, history: dict[str, Any], anchor: dict[str, Any] | None = None) -> dict[str, Any]:
        self.log = log
        return self.evaluate(CHECK, [history, anchor])

    def close(self) -> None:
        self.thread.submit(lambda: (self.browser.close(), self.playwright.stop())).result()
        self.server.shutdown()
        self.thread.shutdown()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, device: Device, *arguments: Any) -> None:
        self.device = device
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        if path == "blank.html":
            content, kind = b"<!doctype html><title>blank</title>", "text/html"
        elif path == "check.js":
            content, kind = (STATIC / path).read_bytes(), "text/javascript"
        else:
            file = self.device.log / path.removeprefix("log/")
            if not file.is_file():
                self.send_error(404)
                return
            content, kind = file.read_bytes(), "application/octet-stream"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def device() -> Iterator[Device]:
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("no /usr/bin/chromium")
    device = Device()
    yield device
    device.close()
