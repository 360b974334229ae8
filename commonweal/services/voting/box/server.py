"""The ballot server over HTTP (WSGI). No cookies, no session, no log of requests, no address, no time.

GET  /booth/UUID/...              the booth's static bundle, as frozen
GET  /elections/UUID/setup.json   what the booth needs
POST /elections/UUID/ballots      a ballot and its pass
GET  /elections/UUID/trackers/T   where a ballot is
GET  /elections/UUID/board.bel    the record so far (?after=BYTES: the rest of it)
GET  /elections/UUID/head.json    its end
GET  /elections/UUID/package.json the frozen setup whole, for trustees
GET  /trustee/UUID/...            the trustees' page: the same bundle, before the freeze as well
GET  /elections/UUID/ceremony.json, POST /elections/UUID/ceremony   the trustees' work
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar

from commonweal.services.voting.box import bundle, ceremony
from commonweal.services.voting.box.ballot_box import BallotBox, UnknownElection
from commonweal.services.voting.engine.encoding import encoded, fields, parse
from commonweal.services.voting.engine.passes import Pass
from commonweal.services.voting.engine.refusal import Reason, Refused
from commonweal.services.voting.frozen import machine_mark

LARGEST_BALLOT = 2_000_000  # bytes; 1,000 choices take half of it
LARGEST_CONTRIBUTION = 64_000_000  # a shuffle of 10,000 ballots takes a tenth
_ADDRESS = re.compile(r"/elections/([1-9A-HJ-NP-Za-km-z]{14,})/([a-z.]+)(?:/([A-Za-z0-9+/_-]{43}))?")
_BOOTH = re.compile(r"/booth/([1-9A-HJ-NP-Za-km-z]{14,})/(.*)")
_TRUSTEE = re.compile(r"/trustee/([1-9A-HJ-NP-Za-km-z]{14,})/(.*)")
_KINDS = {
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8", "json": "application/json", "wasm": "application/wasm", "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8", "woff2": "font/woff2", "png": "image/png",
}  # fmt: skip
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
    "Cache-Control": "no-store",
}

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: Iterable[bytes]
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """The WSGI application over one box. `now` is the clock."""

    def __init__(self, box: BallotBox, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.box = box
        self._now = now

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answered(environ)
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        headers = {**_HEADERS, "Content-Type": answer.kind, **answer.headers}
        if environ.get("PATH_INFO", "").startswith("/elections/"):
            headers["Access-Control-Allow-Origin"] = "*"
        start_response(status, list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else answer.body

    def _answered(self, environ: Environ) -> Answer:
        try:
            return self._routed(environ)
        except UnknownElection:
            return _problem(404, "not-found", "There is no such election here.")
        except Refused as refused:
            return _problem(_STATUS.get(refused.reason, 422), refused.reason, _PLAIN.get(refused.reason, _BROKEN))
        except _TooLarge:
            return _problem(413, "too-large", "What was sent is larger than any ballot of this election.")

    def _routed(self, environ: Environ) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        reading = method in {"GET", "HEAD"}
        if reading and path == "/health":
            return Answer(200, [b"{}"])
        if reading and (found := _BOOTH.fullmatch(path)):
            return self._booth(*found.groups())
        if reading and (found := _TRUSTEE.fullmatch(path)):
            return self._trustee(*found.groups())
        if found := _ADDRESS.fullmatch(path):
            return self._about(environ, "GET" if reading else method, *found.groups())
        return _problem(404, "not-found", "There is nothing at this address.")

    def _about(self, environ: Environ, method: str, uuid: str, name: str, tracker: str | None) -> Answer:
        """What is asked about one election. Copies of the booth and observers' pages elsewhere may ask as well."""
        if method == "OPTIONS":
            allowed = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type"}
            return Answer(200, [b""], headers=allowed)
        if tracker and (method, name) == ("GET", "trackers"):
            return self._tracker(uuid, tracker)
        work = self._WORK.get((method, name)) if tracker is None else None
        return work(self, uuid, environ) if work else _problem(404, "not-found", "There is nothing at this address.")

    # Casting

    def _cast(self, uuid: str, environ: Environ) -> Answer:
        value = fields(parse(_body(environ, LARGEST_BALLOT)), ("ballot", "pass"))
        taken = self.box.cast(uuid, encoded(value["ballot"]), Pass.from_json(value["pass"]), self._now())
        receipt = self.box.receipt(uuid, taken.tracker)
        answer = {"tracker": taken.tracker, "receipt": receipt.as_json() if receipt else None}
        return _json(200 if taken.again else 201, answer)

    def _tracker(self, uuid: str, tracker: str) -> Answer:
        self.box.package(uuid)
        state = self.box.state_of(uuid, tracker.replace("-", "+").replace("_", "/"))
        if state is None:
            return _problem(404, "not-found", "No ballot with this tracker was received.")
        return _json(200, {"state": state})

    # What everybody may read

    def _setup(self, uuid: str, _environ: Environ) -> Answer:
        package = self.box.package(uuid)
        plan = package.plan
        here = machine_mark(uuid)
        return _json(
            200,
            {
                "election": package.election.content().decode(),
                "fingerprint": package.fingerprint,
                "texts": dict(plan.texts),
                "order": list(plan.order),
                "pass_key": plan.pass_key,
                "pass_url": f"{plan.node}/voting/{uuid}/pass/",
                "node": plan.node,
                "low_stakes": plan.low_stakes or here in plan.machines.values(),
                "binding": plan.binding,
                "bundle": plan.bundle,
                "plan": plan.digest,
                "receipt_key": plan.receipt_key,
                "opens": plan.as_json()["opens"],
                "closes": plan.as_json()["closes"],
                "state": plan.state(self._now()),
            },
        )

    def _board(self, uuid: str, environ: Environ) -> Answer:
        asked = re.fullmatch(r"after=(\d{1,15})", environ.get("QUERY_STRING", ""))
        pieces = self.box.board(uuid, int(asked[1]) if asked else 0)
        return Answer(200, pieces, "application/x-tar")

    def _package(self, uuid: str, _environ: Environ) -> Answer:
        return Answer(200, [self.box.package(uuid).content()])

    def _head(self, uuid: str, _environ: Environ) -> Answer:
        head = self.box.head(uuid)
        value = {"height": head.checkpoint.height, "digest": head.checkpoint.digest, "size": head.size}
        return _json(200, value)

    def _progress(self, uuid: str, _environ: Environ) -> Answer:
        return _json(200, ceremony.progress(self.box, uuid).as_json())

    def _contribute(self, uuid: str, environ: Environ) -> Answer:
        self.box.package(uuid)
        given = ceremony.Contribution.read(_body(environ, LARGEST_CONTRIBUTION))
        return _json(201, ceremony.contribute(self.box, uuid, given).as_json())

    _WORK: ClassVar[dict[tuple[str, str], Callable[..., Answer]]] = {
        ("GET", "setup.json"): _setup,
        ("GET", "package.json"): _package,
        ("GET", "board.bel"): _board,
        ("GET", "head.json"): _head,
        ("GET", "ceremony.json"): _progress,
        ("POST", "ceremony"): _contribute,
        ("POST", "ballots"): _cast,
    }

    # The booth

    def _booth(self, uuid: str, name: str) -> Answer:
        """A file of the bundle, if the bundle is the frozen one: another is never served for this election."""
        plan = self.box.package(uuid).plan
        if bundle.digest() != plan.bundle:
            return _problem(
                503, "bundle", "The booth on this server is not the one that this election was frozen with."
            )
        return _bundled(name, plan.node)

    def _trustee(self, uuid: str, name: str) -> Answer:
        """The same bundle for trustees, whose keys come before the freeze; after it, only the frozen one."""
        return self._booth(uuid, name) if uuid in self.box.elections() else _bundled(name, "")


def _bundled(name: str, node: str) -> Answer:
    path = name or "index.html"
    content = bundle.files().get(path)
    if content is None:
        return _problem(404, "not-found", "The booth has no such file.")
    headers = {"Content-Security-Policy": _csp(node)}
    return Answer(200, [content], _KINDS.get(path.rpartition(".")[2], "application/octet-stream"), headers)


class _TooLarge(Exception):
    """More was sent than is ever needed."""


_BROKEN = "This ballot is not one that the election can count. It was not cast."
_PLAIN = {
    Reason.NOT_OPEN: "This election does not take ballots now.",
    Reason.PASS: "The voting pass is not one of this election. The ballot was not cast.",
    Reason.PASS_BOUND: "This voting pass and this voting code were not first used together. The ballot was not cast.",
    Reason.CREDENTIAL_UNKNOWN: "The voting code is not one of this election. The ballot was not cast.",
    Reason.BALLOT_FINGERPRINT: "The ballot was made for another setup than the frozen one. It was not cast.",
    Reason.MALFORMED: "What was sent cannot be read. Nothing was cast.",
    Reason.SHUFFLE_MISSING: "The shuffles are not complete; ballots are decrypted only after them.",
}
_STATUS = {Reason.NOT_OPEN: 409, Reason.PASS_BOUND: 409, Reason.PASS: 403, Reason.MALFORMED: 400}


def _csp(node: str) -> str:
    """Scripts from here only, compiled WebAssembly allowed, forms to here and to the node that signs passes, if any."""
    return (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; "
        f"form-action 'self' {node}; base-uri 'none'; frame-ancestors 'none'"
    )


def _body(environ: Environ, limit: int) -> bytes:
    written = environ.get("CONTENT_LENGTH") or "0"
    length = int(written) if written.isascii() and written.isdigit() else 0
    if length > limit:
        raise _TooLarge
    content: bytes = environ["wsgi.input"].read(length)
    return content


def _json(status: int, value: Any) -> Answer:
    return Answer(status, [json.dumps(value, ensure_ascii=False).encode()])


def _problem(status: int, kind: str, detail: str) -> Answer:
    """RFC 9457. Never repeats what was sent."""
    value = {"type": f"about:blank#{kind}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Answer(status, [json.dumps(value).encode()], "application/problem+json")
