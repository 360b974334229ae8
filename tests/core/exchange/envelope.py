"""Requests between nodes as a test wants them: signed with a member's real key, then changed, repeated or sent raw."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from nacl.signing import SigningKey

from commonweal.core.exchange import digests, member_keys, signatures
from tests.core.exchange.federation import Answer, Federation, TestNode

SUBJECT = {"subject": {"scheme": "national", "value": "70010100001"}}


@dataclass
class Envelope:
    """A request to the register's gateway; `send` signs nothing anew."""

    node: TestNode
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    method: str = "POST"
    host: str = ""
    extra: list[tuple[str, str]] = field(default_factory=list)

    def send(self) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=20)
        target = self.path + (f"?{self.query}" if self.query else "")
        connection.putrequest(self.method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", self.host or f"127.0.0.1:{self.node.port}")
        for name, value in [*self.headers, *self.extra]:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(self.body)))
        connection.endheaders(self.body)
        answer = connection.getresponse()
        found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return found

    def header(self, name: str) -> str:
        return dict(self.headers)[name]

    def change(self, name: str, value: str) -> None:
        self.headers = [(known, value if known == name else old) for known, old in self.headers]


def key_of(node: TestNode, code: str) -> Any:
    return member_keys.load(node.home / "keys" / f"member-{code}.ed25519")


def envelope(
    town: Federation, *, key: Any = None, keyid: str = "", query: str = "", code: str = "people", path: str = "/read",
    body: Any = SUBJECT, valid: int = 60, created: int = 0, host: str = "", directory: str = "", **headers: str,
) -> Envelope:  # fmt: skip
    """A request of the benefits office as its node would sign it; keywords change it before it is signed."""
    key = key or key_of(town.benefits, "benefits")
    keyid = keyid or member_keys.key_id(member_keys.vkey("ALD/GOV/benefits", key))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {
        "content-type": "application/json",
        "x-road-client": town.CLIENT,
        "x-road-id": secrets.token_hex(8),
        "content-digest": digests.content_digest(sha256(content).digest()),
        "commonweal-purpose": "benefits.assessment",
        "commonweal-basis": "legal_obligation",
        "commonweal-case": "B-7",
        "commonweal-directory": directory or town.register.directory_name,
        "commonweal-leaf": secrets.token_hex(32),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    target = f"/exchange/r1/{town.SERVICE}/{code}{path}"
    authority = host or f"127.0.0.1:{town.register.port}"
    place = {"@method": "POST", "@authority": authority, "@path": target, "@query": f"?{query}"}
    created = created or int(time.time())
    sent |= signatures.sign_request(
        SigningKey(key.private_bytes_raw()), keyid, place, sent, nonce=secrets.token_urlsafe(18), created=created,
        expires=created + valid,
    )  # fmt: skip
    return Envelope(town.register, target, query, list(sent.items()), content, host=host)
