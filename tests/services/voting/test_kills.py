"""Ballots cast by many at once while the ballot server is killed again and again: none that it acknowledged is lost.

CI casts 160 ballots with 3 kills; `COMMONWEAL_SOAK_BALLOTS=5000 COMMONWEAL_SOAK_KILLS=40` is the whole soak.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.engine import passes
from commonweal.services.voting.engine.archive import EventType, steps
from commonweal.services.voting.engine.audit import audit
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import CredentialList, base58
from commonweal.services.voting.engine.election import Election
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import base
from commonweal.services.voting.engine.hashing import sha256_base64, sha256_hex
from commonweal.services.voting.engine.randomness import SYSTEM
from commonweal.services.voting.engine.trustees import Trustees
from commonweal.services.voting.frozen import Package, Plan, setup_of
from tests.services.voting.engine.elections import single
from tests.services.voting.life import PARKS
from tests.services.voting.processes import Box, free_port

BALLOTS = int(os.environ.get("COMMONWEAL_SOAK_BALLOTS", "160"))
KILLS = int(os.environ.get("COMMONWEAL_SOAK_KILLS", "3"))
CLIENTS = 16
PATIENCE = 60.0
pytestmark = pytest.mark.slow


def test_every_acknowledged_ballot_is_in_the_record_once(tmp_path: Path) -> None:
    port = free_port()
    package, cast = _prepared(f"http://127.0.0.1:{port}")
    BallotBox(tmp_path).install(package)
    done = threading.Event()
    with Box(tmp_path, port) as server, ThreadPoolExecutor(CLIENTS + 1) as pool:
        killer = pool.submit(_kill_often, server, done)
        acknowledged = list(pool.map(lambda body: _cast_until_acknowledged(package, body), cast))
        done.set()
        assert killer.result() > 0
    box = BallotBox(tmp_path)
    with box.store.writing() as db:
        box.grow(db, package.plan.uuid)
    record = tmp_path / "record.bel"
    record.write_bytes(b"".join(box.board(package.plan.uuid)))
    with record.open("rb") as stream:
        there = Counter(
            sha256_base64(step.data[0].content) for step in steps(stream) if step.event.type is EventType.BALLOT
        )
    assert len(acknowledged) == BALLOTS
    assert there == Counter(acknowledged)
    assert not audit(record, cores=2).findings


def _cast_until_acknowledged(package: Package, body: bytes) -> str:
    """Send it until the server says that it has it, as a voter does who got no answer."""
    address = urlsplit(package.plan.box)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=10)
        try:
            connection.request("POST", f"/elections/{package.plan.uuid}/ballots", body)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            continue
        finally:
            connection.close()
        assert answer.status in {200, 201}, content
        return str(json.loads(content)["tracker"])
    raise TimeoutError("the ballot was never acknowledged")


def _kill_often(server: Box, done: threading.Event) -> int:
    """How many times it was killed while ballots came."""
    for kill in range(KILLS):
        if done.wait(random.uniform(0.1, 0.5)):
            return kill
        server.kill()
        server.start()
    return KILLS


def _prepared(address: str) -> tuple[Package, list[bytes]]:
    """An open election and everybody's ballot and pass, made in advance."""
    keys, signer, uuid = single(), passes.new_key(), base58(14)
    secrets = [SYSTEM.scalar() for _ in range(BALLOTS)]
    election = Election("Soak", "", keys.trustees.verify(), (PARKS,), uuid)
    package = _package(election, keys.trustees, CredentialList.of(base(secret) for secret in secrets), signer, address)
    return package, [_body(package, secret, signer) for secret in secrets]


def _body(package: Package, secret: int, signer: object) -> bytes:
    content = make_ballot(package.election, secret, [(1, 0, 0)]).content()
    request = passes.Request.new(package.pass_key)
    shown = request.finish(package.pass_key, passes.blind_sign(signer, request.blinded))  # type: ignore[arg-type]
    return canonical({"ballot": content.decode(), "pass": shown.as_json()})


def _package(election: Election, trustees: Trustees, listed: CredentialList, signer: object, address: str) -> Package:
    now = datetime.now(UTC).replace(microsecond=0)
    plan = Plan(
        uuid=election.uuid,
        setup=setup_of(election, trustees, listed),
        opens=now - timedelta(seconds=1),
        closes=now + timedelta(days=1),
        board_every=5,
        box=address,
        node="http://localhost:8000",
        bundle=sha256_hex(b""),
        pass_key=passes.public_jwk(signer.public_key()),  # type: ignore[attr-defined]
        shuffles=0,
        binding=False,
        machines={},
        order=("listed",),
        texts={},
    )
    return Package(plan, election, trustees, listed)
