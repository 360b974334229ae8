"""Every key that can be changed is changed, by the commands of docs/operating.md, on both engines."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commonweal.core.ledger import notes
from commonweal.core.ledger.verify import Note, VerifierKey, verify_note
from tests.operations.installed import ACTS, Node

pytestmark = pytest.mark.slow

STRANGER = Ed25519PrivateKey.generate()
KNOWN = """
from commonweal.commands import start_django; start_django()
from commonweal.core.identity import people, service
from commonweal.core.identity.actors import Person
found = people.identify("national", "123-45") or service.create_person()
people.add_identifier(found, "national", "123-45")
print(found.id.hex, people.identifiers(found))
"""
HALF_WAY = """
from commonweal.commands import start_django; start_django()
from commonweal.config import node
from commonweal.core.identity.rekeying import rekey_identifiers
keys = node.load().keys
node.write_new(keys / "identifiers.next", b"0123456789abcdef0123456789abcdef")
rekey_identifiers((keys / "identifiers").read_bytes(), (keys / "identifiers.next").read_bytes())
"""


def verified(node: Node, vkeys: Sequence[object], code: int = 0) -> str:
    given = [part for key in vkeys for part in ("--vkey", str(key))]
    return node.command("verify", "--", str(node.home / "log"), *given, code=code)


def test_the_logs_keys_change_in_two_steps_and_the_log_says_so(node: Node) -> None:
    node.publish()
    old = (node.home / "log/vkeys").read_text().split()
    new = node.command("rotate", "log").split()[:2]
    assert "retire them first" in node.command("rotate", "log", code=1)
    node.publish()
    assert (node.home / "log/vkeys").read_text().split() == new != old
    assert "VERIFIED" in verified(node, old)  # who knows only the old ones still verifies
    assert "1 keys" in verified(node, new)
    statements = [
        path.read_text() for path in (node.home / "log/document").iterdir() if b"keys/v1" in path.read_bytes()
    ]
    note = Note.parse(statements[0])
    assert len(verify_note(note, [VerifierKey.parse(old[0]), VerifierKey.parse(new[0])])) == 2
    assert note.text.splitlines()[3:] == [" ".join(old), " ".join(new)]
    node.command("rotate", "retire")
    assert "no old keys" in node.command("rotate", "retire", code=1)
    node.python("-c", ACTS)
    node.publish()
    assert "VERIFIED" in verified(node, new)
    assert "has changed its keys 1 times since yours" in verified(node, old)  # who comes late follows the statement
    assert "NOT VERIFIED" in verified(node, [notes.ed25519_vkey("demo.backup.example/log", STRANGER)], code=1)
    assert "All is well." in node.command("check", "--evidence")
    node.command("rotate", "log")


@pytest.mark.parametrize("cut", ["one key made", "both made", "one replaced"])
def test_a_rotation_that_was_cut_off_is_finished_by_the_next(tmp_path: Path, cut: str) -> None:
    node = Node(tmp_path / "node", "")
    node.publish()
    folder, before = node.home / "keys", tmp_path / "before"
    shutil.copytree(folder, before)
    new = node.command("rotate", "log").split()[:2]
    after = {name: (folder / name).read_bytes() for name in ("log.ed25519", "log.mldsa44")}
    for name, seed in after.items():  # back to how it was at the cut
        (folder / f"{name}.previous").unlink()
        shutil.copy(before / name, folder / name)
        if cut != "one key made" or name == "log.ed25519":
            (folder / f"{name}.next").write_bytes(seed)
            (folder / f"{name}.next").chmod(0o600)
    if cut == "one replaced":
        shutil.copy(folder / "log.ed25519", folder / "log.ed25519.previous")
        (folder / "log.ed25519.next").replace(folder / "log.ed25519")
    done = node.command("rotate", "log").split()[:2]
    assert done[0] == new[0]
    assert (done == new) is (cut != "one key made")
    node.publish()
    assert "VERIFIED" in verified(node, done)


def test_secrets_change_while_the_node_stands_still(node: Node) -> None:
    known, secret = node.python("-c", KNOWN), (node.home / "keys/identifiers").read_bytes()
    for name in ("identifiers", "authenticators", "django", "activation"):
        node.command("rotate", name)
    assert (node.home / "keys/identifiers").read_bytes() != secret
    assert node.python("-c", KNOWN) == known
    node.python("-c", HALF_WAY)  # cut off between the commit and the change of the file
    node.command("rotate", "identifiers")
    assert node.python("-c", KNOWN) == known
    node.publish()
    assert "All is well." in node.command("check", "--evidence")
