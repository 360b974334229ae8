"""What tampering looks like, tried on copies: the published log, a record of evidence, and a second history.

For the page of a demo node. Nothing of the node itself is changed: the log is copied and the copy damaged; a record is
changed in memory; the witnesses are asked to cosign another tree under this log's name, signed with its real key, and
refuse.
"""

from __future__ import annotations

import hmac
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from commonweal.config.node import Node
from commonweal.core.exchange import cosigning
from commonweal.core.ledger import keys, leaves, verify
from commonweal.core.ledger.leaves import Kind
from commonweal.core.ledger.verify import Checkpoint, Note, VerificationError, VerifierKey


@dataclass(frozen=True)
class Attempt:
    """What was tried, how it was found out, and the finding in the checker's own words."""

    tried: str
    found: str
    words: str


def attempts(node: Node) -> list[Attempt]:
    """Try each, and say what came of it."""
    return [_flipped(node), _rewritten(), *_forked(node)]


def _flipped(node: Node) -> Attempt:
    """One bit of one published entry."""
    with tempfile.TemporaryDirectory(prefix="commonweal-copy-") as folder:
        copy = Path(folder) / "log"
        shutil.copytree(node.log, copy)
        size = Checkpoint.parse(Note.parse((copy / "checkpoint").read_text("utf-8")).text).size
        bundle = copy / verify.tile_path("entries", 0, verify.tile_width(0, 0, size))
        content = bytearray(bundle.read_bytes())
        content[-1] ^= 1
        bundle.write_bytes(content)
        fetch = verify.open_log(str(copy))
        vkeys = [VerifierKey.parse(line) for line in fetch("vkeys").decode().splitlines()]
        return Attempt(
            _("An entry in the public log is changed: one bit of a copy"),
            _("Whoever checks the log finds it"),
            _finding(lambda: verify.verify_log(fetch, vkeys)),
        )


def _rewritten() -> Attempt:
    """Somebody else's name in the newest record that is in the log."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.body, r.key, c.commitment FROM ledger_record r JOIN ledger_chain c ON c.chain = r.chain "
            "AND c.n = r.n WHERE c.leaf_id IN (SELECT leaf_id FROM ledger_log) ORDER BY r.id DESC LIMIT 1"
        )
        body, key, commitment = (bytes(value) for value in cursor.fetchone())
    changed = body.replace(b'"decision":"permitted"', b'"decision":"refused"')
    if changed == body:
        changed = body.replace(b'"decision":"refused"', b'"decision":"permitted"')
    got = hmac.digest(key, changed, "sha256")
    return Attempt(
        _("The decision in a record of evidence is changed"),
        _("The person’s own device and the auditor’s check find it"),
        str(VerificationError("commitment of the record", commitment, got)),
    )


def _forked(node: Node) -> list[Attempt]:
    """Another last entry, of the same size, signed with the log's real key: what each witness answers."""
    witnesses = cosigning.of_node(node)
    if witnesses is None:
        return []
    signer = keys.load(node.keys, node.origin)
    real = Checkpoint.parse(Note.parse((node.log / "checkpoint").read_text("utf-8")).text)
    other = replace(real, root=verify.leaf_hash(leaves.leaf_bytes(Kind.ACT, bytes(32))))
    tried = _("A second history is signed with the log’s real key and shown to a witness")
    said = witnesses.answers_to(other, signer.sign(other))
    return [Attempt(tried, _("%(witness)s refuses") % {"witness": name}, word) for name, word in said.items()]


def _finding(check: object) -> str:
    try:
        check()  # type: ignore[operator]
    except VerificationError as error:
        return str(error)
    raise AssertionError("a changed log was taken for good")
