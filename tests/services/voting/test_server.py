"""The ballot server over HTTP: what it takes, what it refuses without repeating it, what it serves."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest

from commonweal.services.voting import booth, service
from commonweal.services.voting.box.server import LARGEST_BALLOT, Server
from commonweal.services.voting.engine.passes import Pass
from tests.services.voting.life import Life, begin

pytestmark = pytest.mark.django_db
HARBOUR, MILL = (1, 0, 0), (0, 1, 0)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Asks the WSGI application, which wsgiref checks against PEP 3333, at a fixed hour."""

    life: Life
    now: datetime

    def ask(self, method: str, path: str, body: bytes = b"", query: str = "") -> Answer:
        said: list[Any] = []

        def begin_answer(status: str, headers: list[tuple[str, str]], _info: object = None) -> Any:
            said.extend([status, dict(headers)])
            return lambda _: None

        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "CONTENT_LENGTH": str(len(body)), "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        pieces = validator(Server(self.life.box, lambda: self.now))(environ, begin_answer)
        content = b"".join(pieces)
        pieces.close()  # type: ignore[attr-defined]
        return Answer(int(said[0][:3]), said[1], content)

    def cast(self, ballot: bytes, shown: Pass) -> Answer:
        body = json.dumps({"ballot": ballot.decode(), "pass": shown.as_json()}).encode()
        return self.ask("POST", f"/elections/{self.life.uuid}/ballots", body)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    life = begin(tmp_path, voters=2)
    return Client(life, life.opened)


def test_a_ballot_is_taken_once_however_often_it_is_sent(client: Client) -> None:
    ballot, shown = client.life.ballot(0, HARBOUR), client.life.draw(0)
    first, again = client.cast(ballot, shown), client.cast(ballot, shown)
    assert (first.status, again.status) == (201, 200)
    assert first.json["tracker"] == again.json["tracker"]
    client.now = client.life.closed
    assert client.cast(ballot, shown).status == 200  # the answer may have been lost just before the close


def test_a_tracker_is_waiting_then_counted_then_replaced_at_the_next_batch(client: Client) -> None:
    life = client.life
    tracker = client.cast(life.ballot(0, HARBOUR), life.draw(0)).json["tracker"]

    def state() -> str:
        answer = client.ask("GET", f"/elections/{life.uuid}/trackers/{tracker}")
        return str(answer.json["state"])

    assert state() == "waiting"
    with life.box.store.writing() as db:
        life.box.grow(db, life.uuid)
    assert state() == "counted"
    client.cast(life.ballot(0, MILL), life.draw(0))
    assert state() == "counted"  # whoever made the voter show this tracker does not learn when they vote again
    with life.box.store.writing() as db:
        life.box.grow(db, life.uuid)
    assert state() == "replaced"
    assert client.ask("GET", f"/elections/{life.uuid}/trackers/{'A' * 43}").status == 404


@pytest.mark.parametrize(
    ("spoil", "status", "kind"),
    [
        ("late", 409, "not-open"), ("foreign pass", 403, "pass"), ("another's pass", 409, "pass-bound"),
        ("garbage", 400, "malformed"), ("other ballot", 422, "ballot-signature"),
    ],
)  # fmt: skip
def test_a_refusal_names_its_reason_and_repeats_nothing(client: Client, spoil: str, status: int, kind: str) -> None:
    life = client.life
    ballot, shown = life.ballot(0, HARBOUR), life.draw(0)
    if spoil == "late":
        client.now = life.closed
    elif spoil == "foreign pass":
        shown = Pass(shown.message, bytes(256))
    elif spoil == "another's pass":
        life.vote(0, MILL)
        shown = life.draw(1)
    elif spoil == "other ballot":
        ballot = ballot.replace(b'"individual_proofs":[[{"challenge":"', b'"individual_proofs":[[{"challenge":"1', 1)
    body = b'{"ballot": "secretly garbage' if spoil == "garbage" else b""
    answer = client.ask("POST", f"/elections/{life.uuid}/ballots", body) if body else client.cast(ballot, shown)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.json["type"].rpartition("#")[2]) in {(status, kind), (422, "scalar-encoding")}
    sent = json.loads(ballot)
    for said in ("secretly garbage", sent["credential"], sent["signature"]["hash"]):
        assert said not in answer.body.decode()


def test_text_that_no_utf8_carries_is_malformed(client: Client) -> None:
    body = b'{"ballot": "\\ud800", "pass": {}}'
    answer = client.ask("POST", f"/elections/{client.life.uuid}/ballots", body)
    assert (answer.status, answer.json["type"]) == (400, "about:blank#malformed")


def test_what_is_too_large_is_not_read(client: Client) -> None:
    assert client.ask("POST", f"/elections/{client.life.uuid}/ballots", b"x" * (LARGEST_BALLOT + 1)).status == 413


def test_setup_tells_the_booth_what_it_needs(client: Client) -> None:
    life, answer = client.life, client.ask("GET", f"/elections/{client.life.uuid}/setup.json")
    plan = life.package.plan
    assert answer.json["election"].encode() == life.package.election.content()
    assert answer.json["fingerprint"] == life.package.fingerprint
    assert answer.json["pass_url"] == f"{plan.node}/voting/{life.uuid}/pass/"
    assert (answer.json["state"], answer.json["low_stakes"]) == ("open", True)
    assert answer.json["bundle"] == booth.bundle_hash() == plan.bundle


def test_the_booth_is_served_as_frozen_with_webassembly_allowed_and_no_cookie(client: Client) -> None:
    page = client.ask("GET", f"/booth/{client.life.uuid}/")
    assert page.body == booth.bundle()["index.html"]
    assert "'wasm-unsafe-eval'" in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    for name in booth.bundle():
        assert client.ask("GET", f"/booth/{client.life.uuid}/{name}").status == 200


def test_trustees_find_their_page_before_the_freeze_and_the_whole_setup_after_it(client: Client) -> None:
    for uuid in ("1" * 14, client.life.uuid):
        page = client.ask("GET", f"/trustee/{uuid}/")
        assert page.body == booth.bundle()["index.html"]
        assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
        assert client.ask("GET", f"/trustee/{uuid}/trustee/trustee.js").status == 200
        assert client.ask("GET", f"/trustee/{uuid}/../box.sqlite3").status == 404
    assert client.ask("GET", f"/elections/{client.life.uuid}/package.json").body == client.life.package.content()


def test_another_booth_than_the_frozen_one_is_not_served(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commonweal.services.voting.box.bundle.digest", lambda: "0" * 64)
    assert client.ask("GET", f"/booth/{client.life.uuid}/").status == 503
    assert client.ask("GET", f"/trustee/{client.life.uuid}/").status == 503


def test_the_board_can_be_read_on_from_any_byte(client: Client) -> None:
    client.life.vote(0, HARBOUR)
    with client.life.box.store.writing() as db:
        client.life.box.grow(db, client.life.uuid)
    address = f"/elections/{client.life.uuid}/board.bel"
    whole = client.ask("GET", address).body
    assert len(whole) == client.ask("GET", f"/elections/{client.life.uuid}/head.json").json["size"]
    for after in (0, 1, 700, len(whole) - 1, len(whole)):
        assert client.ask("GET", address, query=f"after={after}").body == whole[after:]


def test_copies_of_the_booth_elsewhere_may_ask(client: Client) -> None:
    answer = client.ask("OPTIONS", f"/elections/{client.life.uuid}/ballots")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/", "/elections/", "/elections/11111111111111/setup.json", "/booth/11111111111111/"])
def test_there_is_nothing_elsewhere(client: Client, path: str) -> None:
    assert client.ask("GET", path).status == 404


def test_one_machine_for_several_roles_is_noticed(client: Client) -> None:
    assert set(service.standing(client.life.uuid).frozen.plan.machines) == {
        "administrator", "credential authority", "ballot server", "trustee 1",
    }  # fmt: skip
    assert client.life.package.plan.low_stakes
