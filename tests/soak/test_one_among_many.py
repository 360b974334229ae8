"""One person among many is erased (2,000 in the tests, 1,000,000 with COMMONWEAL_PEOPLE): nothing leads back to them.

A node loads a register from a file while it runs. Then one of its people is erased. Whoever holds the public log, the
whole database that is left, and a list of all identifiers with the right one in it, and even the very words of the
erased records, finds nothing that belongs together. Everybody else's receipts still verify, and a restore of the
backup from before does not bring the person back.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from commonweal.core.ledger.leaves import Kind
from commonweal.core.ledger.verify import (
    WIDTH,
    VerifierKey,
    open_log,
    split_bundle,
    tile_path,
    tile_width,
    verify_history,
    verify_log,
)
from tests.soak.loaded import Node, nothing_waits, wait_until

PEOPLE = int(os.environ.get("COMMONWEAL_PEOPLE", "2000"))
COLUMNS = ("given", "family", "born", "birth_place", "street", "number", "postcode", "town", "identifier")
MAPPING = 'source = "old"\nrow_id = "id"\n[columns]\n' + "\n".join(f'{name} = "{name}"' for name in COLUMNS)
START = "from commonweal.commands import start_django; start_django()\nimport sys\n"
HISTORY = (
    START
    + """
from commonweal.core.identity import people
from commonweal.core.ledger import service
person = people.identify("national", sys.argv[1])
print(service.history(person.chain, proofs=True).text() if person else "null")
"""
)
ERASE = (
    START
    + """
from commonweal.core.erasure import service
from commonweal.core.identity import people
from commonweal.core.identity.actors import the_node
service.erase_person(the_node("erasure"), people.identify("national", sys.argv[1]), "request", case="C-1")
"""
)
CHOSEN, OTHER = PEOPLE // 2, PEOPLE // 2 + 1


def identifier(n: int) -> str:
    """A national number that anybody can list."""
    return f"{n:011}"


@pytest.mark.slow
def test_nothing_leads_back_to_one_erased_among_many(tmp_path: Path) -> None:
    node, twin = Node(tmp_path / "node", ""), Node(tmp_path / "twin", "")
    node.start()
    try:
        load(node, PEOPLE)
        wait_until(lambda: nothing_waits(node), "entries wait", node)
    finally:
        node.stop()
    load(twin, min(PEOPLE, 1_000))
    assert not commitments(node.home / "node.sqlite3") & commitments(twin.home / "node.sqlite3")

    before = {n: json.loads(node.run("-c", HISTORY, identifier(n))) for n in (CHOSEN, OTHER)}
    assert led_back(node, before[CHOSEN]), "with record and key in hand the entries are found: the attack itself works"
    node.run("-m", "commonweal.cli", "backup", str(tmp_path / "before.tar"))
    node.run("-c", ERASE, identifier(CHOSEN))
    publish(node)
    without_keys = [entry | {"key": None} for entry in before[CHOSEN]["entries"]]
    assert not led_back(node, before[CHOSEN] | {"entries": without_keys})
    assert_still_verifies(node, before[OTHER])
    assert json.loads(node.run("-c", HISTORY, identifier(CHOSEN))) is None

    node.run("-m", "commonweal.cli", "restore", str(tmp_path / "before.tar"), "--new-origin", "demo.soak.example/b")
    publish(node)
    assert json.loads(node.run("-c", HISTORY, identifier(CHOSEN))) is None
    assert json.loads(node.run("-c", HISTORY, identifier(OTHER))) is not None


def load(node: Node, people: int) -> None:
    """Load a register file by the command."""
    file, mapping = node.home.parent / "people.csv", node.home.parent / "people.toml"
    mapping.write_text(MAPPING)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("id", *COLUMNS))
        for n in range(people):
            born = f"{1930 + n % 90}-{n % 12 + 1:02}-{n % 28 + 1:02}"
            writer.writerow((n, f"Given{n % 997}", f"Family{n % 1009}", born, "Lagos", f"Street {n % 499}",
                             n % 97 + 1, f"{n % 4001:05}", "Testford", identifier(n)))  # fmt: skip
    said = node.run("-m", "commonweal.cli", "load", str(file), "--mapping", str(mapping))
    assert f"{people:,} registered" in said or f"{people} registered" in said, said


def publish(node: Node) -> None:
    """Let the sequencer bring everything into the log."""
    node.start()
    try:
        wait_until(lambda: nothing_waits(node), "entries wait", node)
    finally:
        node.stop()


def commitments(database: Path) -> set[bytes]:
    """Every commitment of a record or an act that a database holds."""
    with closing(sqlite3.connect(database)) as rows:
        found = {bytes(one) for (one,) in rows.execute("SELECT commitment FROM ledger_chain")}
        return found | {bytes(one)[2:] for (one,) in rows.execute("SELECT data FROM ledger_leaf") if one[1] == Kind.ACT}


def everything_public(node: Node) -> set[bytes]:
    """Every commitment in the published log, and every hash that its documents name."""
    fetch = open_log(str(node.home / "log"))
    size = verify_log(fetch, [VerifierKey.parse(key) for key in fetch("vkeys").decode().splitlines()]).checkpoint.size
    bundles = (fetch(tile_path("entries", n, tile_width(0, n, size))) for n in range(-(-size // WIDTH)))
    found = {entry[2:] for bundle in bundles for entry in split_bundle(bundle)}
    for document in (node.home / "log/document").iterdir():
        found |= set(texts_of_32_bytes(document.read_text("utf-8")))
    return found


def texts_of_32_bytes(text: str) -> Iterator[bytes]:
    for word in text.replace('"', " ").split():
        if len(word) == 64:
            try:
                yield bytes.fromhex(word)
            except ValueError:
                continue


def led_back(node: Node, history: dict[str, Any]) -> bool:
    """Whether anything that is public or stored can be recomputed from what the attacker knows.

    That is every identifier there could be, hashed in every usual way; the words of the person's records, under their
    own keys where the attacker has them, and under every key that the database still holds.
    """
    database = node.home / "node.sqlite3"
    known = everything_public(node) | commitments(database)
    bodies = [entry["body"].encode() for entry in history["entries"]]
    if any(
        hmac.digest(bytes.fromhex(entry["key"]), body, "sha256") in known
        for entry, body in zip(history["entries"], bodies, strict=True)
        if entry["key"]
    ):
        return True
    with closing(sqlite3.connect(database)) as rows:
        keys = [bytes(key) for (key,) in rows.execute("SELECT key FROM ledger_record")]
    guesses = (guess for n in range(PEOPLE) for guess in usual_hashes(identifier(n).encode()))
    if any(guess in known for guess in guesses):
        return True
    words = [guess for body in bodies for guess in usual_hashes(body)]
    by_other_keys = (hmac.digest(key, body, "sha256") for key in keys for body in bodies)
    return any(guess in known for guess in words) or any(guess in known for guess in by_other_keys)


def usual_hashes(text: bytes) -> Iterator[bytes]:
    yield hashlib.sha256(text).digest()
    yield hashlib.sha256(b"\0" + text).digest()
    yield hashlib.sha256(hashlib.sha256(text).digest()).digest()
    yield hmac.digest(b"", text, "sha256")
    yield hashlib.sha256(hashlib.sha256(text).hexdigest().encode()).digest()


def assert_still_verifies(node: Node, history: dict[str, Any]) -> None:
    fetch = open_log(str(node.home / "log"))
    report = verify_history(history, [VerifierKey.parse(key) for key in fetch("vkeys").decode().splitlines()], fetch)
    assert report.ok, report
