"""A ballot box, a node that signs passes and an observer's copy of the booth, as small as the booth's interface allows.

Each is a server of its own on 127.0.0.1. What the booth sends to any of them is kept in `requests`.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from commonweal.services.voting.booth import bundle, bundle_hash
from commonweal.services.voting.engine.ballots import verify_ballot
from commonweal.services.voting.engine.refusal import Refused
from tests.services.voting.engine.elections import Poll

mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/wasm", ".wasm")
PASS_KEY = rsa.generate_private_key(65537, 2048)
CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; form-action 'none'"


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_base64url(words: str) -> bytes:
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))


def integer(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def sign_blindly(blinded: bytes, key: rsa.RSAPrivateKey = PASS_KEY) -> bytes:
    """RFC 9474, section 4.3."""
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n
    return pow(int.from_bytes(blinded, "big"), numbers.d, modulus).to_bytes(key.key_size // 8, "big")


def verify_pass(message: bytes, signature: bytes, key: rsa.RSAPrivateKey = PASS_KEY) -> None:
    """Raises InvalidSignature."""
    scheme = padding.PSS(padding.MGF1(hashes.SHA384()), salt_length=48)
    key.public_key().verify(signature, message, scheme, hashes.SHA384())


def signed_pass() -> dict[str, str]:
    """A pass as the booth keeps it: a blind signature is in the end an ordinary one."""
    message = os.urandom(32)
    signature = PASS_KEY.sign(message, padding.PSS(padding.MGF1(hashes.SHA384()), salt_length=48), hashes.SHA384())
    return {"message": base64url(message), "signature": base64url(signature)}


def public_jwk(key: rsa.RSAPrivateKey = PASS_KEY) -> dict[str, str]:
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "n": integer(public.n), "e": integer(public.e), "alg": "PS384", "use": "sig"}


@dataclass
class Box:
    """What stands on the board, and everything that arrived."""

    poll: Poll
    state: str = "open"
    texts: dict[str, Any] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    low_stakes: bool = True
    files: dict[str, bytes] = field(default_factory=bundle)
    taken: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    cut: int = 0  # so many ballots are taken, and the line is cut before the answer is told
    address: str = ""
    node: str = ""
    copy: str = ""

    @property
    def uuid(self) -> str:
        return self.poll.election.uuid

    @property
    def booth(self) -> str:
        return f"{self.address}/booth/{self.uuid}/"

    def setup(self) -> dict[str, Any]:
        return {
            "election": self.poll.election.content().decode(),
            "fingerprint": self.poll.election.fingerprint(),
            "texts": self.texts,
            "order": self.order,
            "pass_key": public_jwk(),
            "pass_url": f"{self.node}/voting/{self.uuid}/pass",
            "node": self.node,
            "low_stakes": self.low_stakes,
            "binding": False,
            "bundle": bundle_hash(),
            "state": self.state,
        }

    def take(self, body: Any) -> tuple[int, dict[str, str]]:
        """A ballot with its pass. Returns status and answer."""
        content = body["ballot"].encode()
        try:
            ballot = verify_ballot(self.poll.election, self.poll.credentials.weights, content)
            verify_pass(from_base64url(body["pass"]["message"]), from_base64url(body["pass"]["signature"]))
        except InvalidSignature:
            return 403, {"type": "about:blank#pass", "title": "Forbidden"}
        except Refused as refused:
            return 422, {"type": f"about:blank#{refused.reason}", "title": "Unprocessable", "detail": "Not cast."}
        seen = ballot.tracker() in self.taken
        self.taken[ballot.tracker()] = content
        return 200 if seen else 201, {"tracker": ballot.tracker()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    box: Box

    def log_message(self, format: str, *args: object) -> None:
        pass

    def note(self, body: bytes = b"") -> None:
        self.box.requests.append(f"{self.requestline}\n{self.headers}\n{body.decode()}")

    def answer(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        fixed = {"Content-Type": kind, "Content-Length": str(len(content)), "Access-Control-Allow-Origin": "*"}
        for name, value in {**fixed, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def answer_json(self, status: int, value: Any) -> None:
        kind = "application/json" if status < 400 else "application/problem+json"
        self.answer(status, json.dumps(value).encode(), kind)

    def serve_file(self, path: str, **headers: str) -> None:
        content = self.box.files.get(path or "index.html")
        kind = mimetypes.guess_type(path or "index.html")[0] or "application/octet-stream"
        self.answer(200 if content is not None else 404, content or b"", kind, **headers)


class BoxHandler(Handler):
    def do_GET(self) -> None:
        self.note()
        path = urlsplit(self.path).path
        booth, elections = f"/booth/{self.box.uuid}/", f"/elections/{self.box.uuid}/"
        if path.startswith(booth):
            self.serve_file(path.removeprefix(booth), Content_Security_Policy=CSP)
        elif path == f"{elections}setup.json":
            self.answer_json(200, self.box.setup())
        elif path.startswith(f"{elections}trackers/"):
            tracker = path.removeprefix(f"{elections}trackers/").replace("_", "/").replace("-", "+")
            self.answer_json(*((200, {"state": "waiting"}) if tracker in self.box.taken else (404, {})))
        else:
            self.answer_json(404, {})

    def do_OPTIONS(self) -> None:
        allowed = {"Access_Control_Allow_Headers": "Content-Type", "Access_Control_Allow_Methods": "POST"}
        self.answer(204, b"", "text/plain", **allowed)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.note(body)
        status, answer = self.box.take(json.loads(body))
        if self.box.cut:
            self.box.cut -= 1
            self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n")
            self.close_connection = True
            return
        self.answer_json(status, answer)


class NodeHandler(Handler):
    """Signing in and confirming are one button here."""

    def do_GET(self) -> None:
        self.note()
        query = urlsplit(self.path).query
        if not parse_qs(query)["return"][0].startswith(f"{self.box.address}/"):
            self.answer(404, b"", "text/plain")
            return
        page = f'<!doctype html><title>Node</title><form method="post" action="?{query.replace("&", "&amp;")}">'
        self.answer(200, (page + "<button>Confirm</button></form>").encode(), "text/html")

    def do_POST(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        signature = base64url(sign_blindly(from_base64url(query["blinded"][0])))
        self.answer(303, b"", "text/plain", Location=f"{query['return'][0]}#blind_signature={signature}")


class CopyHandler(Handler):
    def do_GET(self) -> None:
        self.note()
        self.serve_file(urlsplit(self.path).path.removeprefix("/"))


@contextmanager
def serving(box: Box) -> Iterator[Box]:
    """Starts box, node and an observer's copy of the booth."""
    servers = []
    for handler in (BoxHandler, NodeHandler, CopyHandler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler,), {"box": box}))
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
    box.address, box.node, box.copy = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    yield box
    for server in servers:
        server.shutdown()
        server.server_close()
