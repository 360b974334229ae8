"""Witnesses: the litewitness transcript, the status codes of tlog-witness, quorums, split views, rolled-back nodes."""

from __future__ import annotations

import base64
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.core.exchange import witness as witnesses
from commonweal.core.exchange import witness_policy
from commonweal.core.exchange.cosigning import Cosigning, status
from commonweal.core.exchange.witness import Logs, Response, Witness
from commonweal.core.exchange.witness_policy import BadWitnessPolicy
from commonweal.core.ledger import merkle, notes
from commonweal.core.ledger.notes import ed25519_vkey
from commonweal.core.ledger.sequencer import RolledBack
from commonweal.core.ledger.verify import ED25519, Checkpoint, Note, VerifierKey, leaf_hash, verify_note
from tests.core.exchange.federation import free_port

ORIGIN = "log.example"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOGS: Logs = {ORIGIN: [str(ed25519_vkey(ORIGIN, LOG_KEY))]}


def tree(count: int, kind: str = "a") -> list[bytes]:
    return [leaf_hash(f"{kind}{number}".encode()) for number in range(count)]


def checkpoint(hashes: list[bytes]) -> Checkpoint:
    return Checkpoint(ORIGIN, len(hashes), merkle.root_of(hashes))


def note(hashes: list[bytes], key: Ed25519PrivateKey = LOG_KEY) -> str:
    text = str(checkpoint(hashes))
    return notes.note(text, [notes.sign(text, ORIGIN, key)])


def proof(old: int, hashes: list[bytes]) -> list[bytes]:
    levels = merkle.levels_of(b"".join(hashes))
    return merkle.consistency_proof(old, len(hashes), lambda height, at: levels[height][at * 32 : at * 32 + 32])


def request(old: int, steps: list[bytes], signed: str) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(step).decode() for step in steps)]
    return ("\n".join(lines) + "\n\n" + signed).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness("w.example", Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32), tmp_path)


def ask(witness: Witness, old: int, hashes: list[bytes], steps: list[bytes] | None = None) -> Response:
    steps = proof(old, hashes) if steps is None and 0 < old < len(hashes) else steps or []
    return witness.add_checkpoint(request(old, steps, note(hashes)), LOGS)


def test_the_litewitness_transcript(test_data: Path, tmp_path: Path) -> None:
    """Nine exchanges. Where litewitness answers 403 to an unknown log, tlog-witness says 404, and so do we."""
    text = (test_data / "witness/cmd/litewitness/testdata/litewitness.txt").read_text("utf-8")
    key = re.search(r"add-sigsum-log -key=([0-9a-f]{64})", text)
    assert key
    exchanges = re.findall(
        r"add-checkpoint\n```\n(.*?)```\nHTTP (\d+)\n\[Asserts\]\nbody (contains|==) \"(.*?)\"\n", text, re.DOTALL
    )
    origin = exchanges[0][0].split("\n")[2]
    logs = {origin: [str(VerifierKey(origin, ED25519, bytes.fromhex(key[1])))]}
    witness = Witness("example.com/witness", Ed25519PrivateKey.generate(), tmp_path)
    assert len(exchanges) == 9
    for body, expected, how, words in exchanges:
        answer = witness.add_checkpoint(body.encode(), logs)
        assert answer.status == (404 if words == "unknown log" else int(expected)), (answer, body)
        if how == "==":
            assert answer.body.decode() == words.replace("\\n", "\n")
            assert answer.kind == "text/x.tlog.size"
        else:
            assert words in answer.body.decode()


def test_a_growing_log_is_cosigned_and_remembered(witness: Witness) -> None:
    for old, new in ((0, 1), (1, 5), (5, 5), (5, 300)):
        answer = ask(witness, old, tree(new))
        assert answer.status == 200, answer
        signed = Note.parse(note(tree(new)) + answer.body.decode())
        assert witness.vkey in verify_note(signed, [witness.vkey])
    hashed = witnesses.origin_hash(ORIGIN)
    latest = witness.answer("GET", f"/{hashed}/checkpoint", b"", LOGS)
    keys = [witness.vkey, VerifierKey.parse(LOGS[ORIGIN][0])]
    assert set(verify_note(Note.parse(latest.body.decode()), keys)) == set(keys)
    assert witness.answer("GET", f"/{'0' * 64}/checkpoint", b"", LOGS).status == 404
    assert witness.answer("GET", "/../../checkpoint", b"", LOGS).status == 404


def test_each_refusal_has_its_status(witness: Witness) -> None:
    ask(witness, 0, tree(3))
    other = Ed25519PrivateKey.generate()
    good = proof(3, tree(5))
    assert witness.add_checkpoint(request(3, good, note(tree(5), other)), LOGS).status == 403
    assert witness.add_checkpoint(request(3, good, note(tree(5)).replace(ORIGIN, "x.example")), LOGS).status == 404
    assert ask(witness, 6, tree(5), []).status == 400
    assert witness.add_checkpoint(b"old 3\n\nnothing", LOGS).status == 400
    assert witness.add_checkpoint(b"old 03\n\n" + note(tree(5)).encode(), LOGS).status == 400
    assert ask(witness, 3, tree(5), [bytes(32)] * 64).status == 400
    stale = ask(witness, 1, tree(5))
    assert (stale.status, stale.body, stale.kind) == (409, b"3\n", "text/x.tlog.size")
    assert ask(witness, 3, tree(5), []).status == 422
    assert ask(witness, 3, tree(5), good[::-1]).status == 422
    assert ask(witness, 3, tree(3, "b"), []).status == 422
    assert ask(witness, 3, tree(5)).status == 200


def test_a_first_checkpoint_needs_no_proof_and_takes_none(witness: Witness) -> None:
    assert ask(witness, 0, tree(3), [bytes(32)]).status == 422
    wrong_root = Checkpoint(ORIGIN, 0, bytes(32))
    signed = notes.note(str(wrong_root), [notes.sign(str(wrong_root), ORIGIN, LOG_KEY)])
    assert witness.add_checkpoint(request(0, [], signed), LOGS).status == 422
    assert ask(witness, 0, []).status == 200
    assert ask(witness, 0, tree(3)).status == 200


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.sampled_from("ab")), max_size=8))
def test_whatever_is_asked_a_witness_never_cosigns_two_trees(asked: list[tuple[int, int, str]]) -> None:
    import tempfile

    witness = Witness("w.example", LOG_KEY, Path(tempfile.mkdtemp()))
    last: list[bytes] = []
    for old, new, kind in asked:
        hashes = tree(new, kind)
        if ask(witness, old, hashes).status == 200:
            assert hashes[: len(last)] == last
            last = hashes


def test_two_requests_at_once_cannot_roll_a_witness_back(witness: Witness) -> None:
    ask(witness, 0, tree(1))
    barrier, statuses = threading.Barrier(8), []

    def race(size: int) -> None:
        barrier.wait()
        statuses.append(ask(witness, 1, tree(size)).status)

    threads = [threading.Thread(target=race, args=(size,)) for size in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 7


def test_the_size_is_durable_before_the_answer(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(witnesses, "_write", fail)
        with pytest.raises(OSError, match="no space"):
            ask(witness, 0, tree(3))
    assert ask(witness, 0, tree(4, "b")).status == 200


class Served:
    """Witnesses over HTTP on 127.0.0.1, each in a thread."""

    def __init__(self, folder: Path, count: int) -> None:
        self.witnesses = [
            Witness(
                f"w{number}.example",
                Ed25519PrivateKey.from_private_bytes(bytes([number + 1]) * 32),
                folder / str(number),
            )
            for number in range(count)
        ]
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler(one)) for one in self.witnesses]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def _handler(self, witness: Witness) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = witness.answer("POST", self.path, body, LOGS)
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def policy(self, quorum: str) -> str:
        lines = [
            f"witness w{number} {one.vkey} http://127.0.0.1:{server.server_port}"
            for number, (one, server) in enumerate(zip(self.witnesses, self.servers, strict=True))
        ]
        names = " ".join(f"w{number}" for number in range(len(lines)))
        return "\n".join([*lines, f"group all-of-them {quorum} {names}", "quorum all-of-them", ""])

    def cosigning(self, folder: Path, quorum: str = "2") -> Cosigning:
        return Cosigning(witness_policy.parse(self.policy(quorum)), folder / f"{secrets.token_hex(4)}.json")

    def stop(self, *numbers: int) -> None:
        for number in numbers:
            self.servers[number].shutdown()
            self.servers[number].server_close()


def publish(cosigning: Cosigning, hashes: list[bytes]) -> str | None:
    cosigning._not_before = 0
    return cosigning.cosigned(checkpoint(hashes), note(hashes), lambda old: proof(old, hashes))


@pytest.fixture
def served(tmp_path: Path) -> Any:
    made = Served(tmp_path, 3)
    yield made
    for server in made.servers:
        server.server_close()


def test_a_quorum_cosigns_what_is_published(served: Served, tmp_path: Path) -> None:
    cosigning = served.cosigning(tmp_path)
    for size in (1, 2, 7, 7, 300):
        published = publish(cosigning, tree(size))
        assert published
        signers = verify_note(Note.parse(published), [one.vkey for one in served.witnesses])
        assert len(signers) == 3
    assert status(cosigning._status)["last"]["size"] == 300


def test_an_equivocating_log_never_gets_a_quorum(served: Served, tmp_path: Path) -> None:
    """Two trees, shown to different people: whoever was asked first keeps the witnesses for itself."""
    one, other = served.cosigning(tmp_path), served.cosigning(tmp_path)
    assert publish(one, tree(5, "a"))
    for size in (5, 6, 9):
        assert publish(other, tree(size, "b")) is None
    assert publish(one, tree(9, "a"))
    split = served.cosigning(tmp_path)
    split.policy = witness_policy.parse(served.policy("2"))
    assert publish(split, tree(9, "c")) is None


def test_a_lost_quorum_publishes_nothing_and_says_since_when(served: Served, tmp_path: Path) -> None:
    cosigning = served.cosigning(tmp_path)
    assert publish(cosigning, tree(3))
    served.stop(0)
    assert publish(cosigning, tree(4))
    served.stop(1)
    assert publish(cosigning, tree(5)) is None
    found = status(cosigning._status)
    assert found["quorum"] is False
    assert found["last"]["size"] == 4
    assert found["witnesses"]["w1"].startswith("does not answer")


def test_a_node_that_was_put_back_is_refused_and_told_why(served: Served, tmp_path: Path) -> None:
    assert publish(served.cosigning(tmp_path), tree(9))
    with pytest.raises(RolledBack, match=r"cosigned log\.example at size 9; this node has 5"):
        publish(served.cosigning(tmp_path), tree(5))


def test_a_wrong_cosignature_counts_for_nothing(served: Served, tmp_path: Path) -> None:
    strange = str(notes.ed25519_cosigner_vkey("w0.example", Ed25519PrivateKey.generate()))
    text = served.policy("3").replace(str(served.witnesses[0].vkey), strange)
    cosigning = Cosigning(witness_policy.parse(text), tmp_path / "status.json")
    assert publish(cosigning, tree(2)) is None


KEYS = [
    str(notes.ed25519_cosigner_vkey("w", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32))) for n in range(1, 6)
]


def test_policies_are_read_as_tlog_policy_says() -> None:
    lines = [f"witness X{n} {key}" for n, key in enumerate(KEYS[:3])] + [
        f"  witness\tY{n} {key} http://y" for n, key in enumerate(KEYS[3:])
    ]
    text = "# a comment\n\n" + "\n".join(
        [*lines, "group X 2 X0 X1 X2", "group Y any Y0 Y1", "group both all X Y", "quorum both", ""]
    )
    policy = witness_policy.parse(text)
    vkeys = [VerifierKey.parse(key) for key in KEYS]
    assert policy.satisfied([vkeys[0], vkeys[2], vkeys[4]])
    assert not policy.satisfied([vkeys[0], vkeys[4]])
    assert not policy.satisfied(vkeys[:3])
    assert witness_policy.parse("quorum none\n").satisfied([])


@pytest.mark.parametrize(
    "text",
    [
        "", "quorum x", "quorum none\nquorum none", f"witness none {KEYS[0]}\nquorum none",
        f"witness a {KEYS[0]}\nwitness a {KEYS[1]}\nquorum a",
        f"witness a {KEYS[0]}\nwitness b {KEYS[0]}\nquorum a",
        f"witness a {KEYS[0]}\ngroup g 2 a\nquorum g", f"witness a {KEYS[0]}\ngroup g 0 a\nquorum g",
        f"witness a {KEYS[0]}\ngroup g all a\ngroup h all a\nquorum g",
        "group g all a\nquorum g",
        "group g all\nquorum g",
        f"witness a {LOGS[ORIGIN][0]}\nquorum a", "witness a nokey\nquorum a", "nonsense\nquorum none",
    ],
)  # fmt: skip
def test_policies_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(BadWitnessPolicy):
        witness_policy.parse(text)


def test_a_witness_alone_ends_with_its_command(tmp_path: Path) -> None:
    """Nobody stays behind on its port: two witnesses with two keys would answer in turn."""
    port = free_port()
    command = [sys.executable, "-m", "commonweal.cli", "witness", "--name", "w.example/1", "--folder", str(tmp_path)]
    alone = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port, open_=True)
    finally:
        alone.terminate()
    alone.wait(20)
    wait_for_port(port, open_=False)


def wait_for_port(port: int, *, open_: bool) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as trial:
            if (trial.connect_ex(("127.0.0.1", port)) == 0) is open_:
                return
        time.sleep(0.1)
    raise AssertionError(f"port {port} should be {'open' if open_ else 'free'}")
