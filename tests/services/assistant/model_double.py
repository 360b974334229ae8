"""A language model's double behind OpenAI's chat interface: it says what it is told, slowly, and may be unplugged."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings

from commonweal.services.assistant import arrangements


@dataclass
class Double:
    """`say` gets what was asked and yields parts; None among them unplugs the line."""

    say: Callable[[str], Iterator[str | None]]
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    def arrange(self, timeout: float = 5, **more: object) -> None:
        """Write the node's `assistant.toml`."""
        given = {"address": self.address, "model": "double", "timeout": timeout, "inside": True} | more
        lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in given.items())
        Path(settings.COMMONWEAL.home / arrangements.FILE).write_text(f"[endpoint]\n{lines}\n")


@contextmanager
def running(*parts: str | None, pause: float = 0.0, status: int = 200) -> Iterator[Double]:
    """A double that says these parts, with a pause before each, as a server on this machine."""

    def say(_asked: str) -> Iterator[str | None]:
        for part in parts:
            time.sleep(pause)
            yield part

    double = Double(say, status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            double.asked.append(found)
            double.headers.append(dict(self.headers))
            self.send_response(double.status if self.path == "/v1/chat/completions" else 404)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                for part in double.say(found["messages"][-1]["content"]):
                    if part is None:
                        return
                    delta = {"choices": [{"index": 0, "delta": {"content": part}}]}
                    self.wfile.write(f"data: {json.dumps(delta)}\n\n".encode())
                self.wfile.write(b"data: [DONE]\n\n")
            except OSError:
                return  # nobody listens any more

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.address = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
