"""What one side leaves out shows on the other; nodes witness each other; a node put back is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from commonweal.core.exchange.witness import origin_hash
from commonweal.core.ledger.verify import Note, VerifierKey, verify_note
from tests.core.exchange import federation
from tests.core.exchange.envelope import SUBJECT
from tests.core.exchange.federation import Federation, TestNode, fetch

pytestmark = pytest.mark.slow

BODY = json.dumps(SUBJECT).encode()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Two nodes of their own: these tests stop them, put them back, and lie."""
    made = federation.make(tmp_path_factory.mktemp("pair"))
    yield made
    made.stop()


def published(node: TestNode) -> bool:
    return node.rows("SELECT count(*) FROM ledger_pending") == [[0]] and (node.home / "log/checkpoint").exists()


def size(node: TestNode) -> int:
    return int((node.home / "log/checkpoint").read_text().split("\n")[1])


def restart_sequencer(node: TestNode) -> None:
    if "sequencer" in node.processes:
        node.stop("sequencer")
    node.start("sequencer")


def test_a_one_sided_omission_is_found(pair: Federation) -> None:
    for node in (pair.register, pair.benefits):
        node.start("sequencer", "log")
    assert pair.ask("people", "/read", body=BODY, X_Road_Issue="B-1").status == 200
    for node in (pair.register, pair.benefits):
        node.wait_until(lambda node=node: published(node))
        assert "0 are missing" in node.command("federation", "compare", "--patience", "0")
    leaf = "ab" * 32
    pair.benefits.python(
        "from commonweal.core.exchange.models import Side\n"
        f"Side.objects.filter(kind='received').update(peer_leaf=bytes.fromhex('{leaf}'))"
    )
    found = pair.benefits.command("federation", "compare", "--patience", "0", code=1)
    assert f"does not hold the entry {leaf} that it gave this answer" in found
    assert "1 are missing" in found


def test_nodes_witness_each_other_and_a_node_that_was_put_back_is_refused(pair: Federation) -> None:
    register, benefits = pair.register, pair.benefits
    key = [line for line in benefits.python(WITNESS_KEY).splitlines() if line][-1]
    policy = f"witness benefits {key} {benefits.address}/witness\nquorum benefits\n"
    (register.home / "witnesses.policy").write_text(policy)
    restart_sequencer(register)
    before = register.home.parent / "before"
    assert pair.ask("people", "/read", body=BODY, X_Road_Issue="B-2").status == 200
    register.wait_until(lambda: published(register) and "benefits" in (register.home / "log/checkpoint").read_text())
    note = Note.parse((register.home / "log/checkpoint").read_text())
    assert verify_note(note, [VerifierKey.parse(key)])
    assert "VERIFIED" in register.command("verify", str(register.home / "log"))

    register.stop("sequencer", "gateway")
    shutil.copytree(register.home, before, ignore=shutil.ignore_patterns("*.log", "spool"))

    register.start("gateway")

    # A lost quorum: acts go on, nothing is published, and since when is told.
    benefits.stop("gateway")
    register.start("sequencer")
    last = size(register)
    register.python("from tests.town import entry, register\nregister(entry())")
    register.wait_until(lambda: not json.loads((register.home / "logs/cosigned.json").read_text())["quorum"])
    status = json.loads((register.home / "logs/cosigned.json").read_text())
    assert status["witnesses"]["benefits"].startswith("does not answer")
    assert (size(register), status["last"]["size"]) == (last, last)
    benefits.start("gateway")
    register.wait_until(lambda: size(register) > last and published(register))

    # Yesterday's copy, database and log together: its witness refuses it, and it says why.
    register.stop("sequencer", "gateway")
    for file in register.home.glob("node.sqlite3*"):
        file.unlink()
    shutil.copytree(before, register.home, dirs_exist_ok=True)
    register.start("sequencer")
    standstill = register.home / "logs/standstill.txt"
    register.wait_until(standstill.exists)
    assert "The witness benefits has cosigned demo.register.example/log at size" in standstill.read_text()
    assert size(register) == last
    remembered = fetch(f"{benefits.address}/witness/{origin_hash('demo.register.example/log')}/checkpoint")
    assert int(remembered.body.decode().split("\n")[1]) > last


WITNESS_KEY = """
from commonweal.config import node
from commonweal.core.exchange import witness
print(witness.of_node(node.load()).vkey)
"""


def test_a_witness_runs_alone(tmp_path: Path) -> None:
    node = TestNode(tmp_path, "none")
    key = node.command("witness", "--name", "w.example/1", "--folder", str(tmp_path / "w"), "--show")
    assert VerifierKey.parse(key).name == "w.example/1"
    assert node.command("witness", "--name", "w.example/1", "--folder", str(tmp_path / "w"), "--show") == key
