"""A line to a server that can break: what is sent still arrives, and the answer is lost on the way back."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Line:
    """Passes bytes between browsers and the server at `port`, until it is `broken`."""

    def __init__(self, port: int) -> None:
        self.server, self.broken = port, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server))
                threading.Thread(target=self._pass, args=(browser, server, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, browser, True), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError), source, target:
            while (received := source.recv(65_536)) and not (answers and self.broken):
                target.sendall(received)
            for end in (source, target):
                end.shutdown(socket.SHUT_RDWR)
