"""The directory as this node holds it: the newest version is the newest document of its kind in the node's log.

Nothing here opens an act; `service.py` does.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import lru_cache

import httpcore
from django.db import connection

from commonweal.config.node import Node
from commonweal.core.exchange import directory as directories
from commonweal.core.exchange import member_keys, models
from commonweal.core.exchange.directory import BadDirectory, Directory, FederatedNode
from commonweal.core.exchange.membership import Membership
from commonweal.core.exchange.statements import BadCode, JoinCode, new_code
from commonweal.core.exchange.witness import witness_name
from commonweal.core.exchange.xroad import MemberId
from commonweal.core.ledger import keys as log_keys
from commonweal.core.ledger.entries import add_document
from commonweal.core.ledger.leaves import Kind
from commonweal.core.ledger.notes import ed25519_cosigner_vkey
from commonweal.core.ledger.verify import VerifierKey

INVITATION = timedelta(days=7)
RENEWED = timedelta(days=1)
TIMEOUT = {"timeout": {"connect": 5.0, "read": 20.0, "write": 20.0, "pool": 5.0}}
LARGEST = 50_000_000
UNREACHED = (  # ValueError, UnsupportedProtocol: another node's address may be anything
    httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError,
    OverflowError,
)  # fmt: skip
_NEWEST = "SELECT hash, body FROM ledger_document WHERE kind = %s ORDER BY leaf_id DESC LIMIT 1"


class Unreachable(OSError):
    """Another node does not answer, or not as it should; the text says what it said."""


def newest_note() -> str | None:
    """The signed note of the newest directory, or None."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [Kind.DIRECTORY])
        row = cursor.fetchone()
    return _note(bytes(row[1])) if row else None


def newest(membership: Membership) -> Directory:
    """The newest directory. Raises BadDirectory when there is none, or it was edited."""
    note = newest_note()
    if note is None:
        raise BadDirectory("this node holds no directory yet: run commonweal join")
    return _read(note, str(membership.authority))


@lru_cache(maxsize=8)
def _read(note: str, authority: str) -> Directory:
    return directories.read(note, VerifierKey.parse(authority))


def _note(body: bytes) -> str:
    found: str = json.loads(body)["note"]
    return found


def store(note: str) -> None:
    """Make a signed directory the newest; its hash becomes a leaf."""
    document = {"version": 1, "kind": "directory", "note": note}
    add_document(Kind.DIRECTORY, json.dumps(document, sort_keys=True, ensure_ascii=False).encode())


def check_follows(old: Directory | None, new: Directory, now: datetime) -> None:
    """Raise BadDirectory unless the new version may take the place of the old one."""
    if not new.usable(now):
        raise BadDirectory(f"version {new.serial} of the directory was usable until {new.expires}")
    if old and (new.serial < old.serial or (new.serial == old.serial and new.hash != old.hash)):
        raise BadDirectory(f"version {new.serial} of the directory would take the place of {old.serial}")


def signed(membership: Membership, new: Directory) -> str:
    """A version signed by the federation's key, which this node holds. Raises UnsafeKeys."""
    return directories.sign(new, member_keys.load(membership.node.keys / "directory.ed25519"))


def this_node(node: Node, address: str) -> FederatedNode:
    """What the directory says of this installation. Makes its witness key."""
    keys = log_keys.load(node.keys, node.origin)
    witness = ed25519_cosigner_vkey(witness_name(node), member_keys.create(node.keys / "witness.ed25519"))
    vkeys = tuple(str(key) for key in keys.vkeys)
    return FederatedNode(node.origin, address, f"{node.address}/log", vkeys, str(witness))


def invite(membership: Membership, member: MemberId, now: datetime) -> JoinCode:
    """A code with which this member can join once, within a week."""
    code = new_code(membership.authority_address, member, membership.authority)
    models.Invitation.objects.create(key=code.key, member=str(member), expires=now + INVITATION)
    return code


def open_invitations(member: str, now: datetime) -> list[bytes]:
    """The keys of codes that are valid for a member."""
    rows = models.Invitation.objects.filter(member=member, used=None, expires__gt=now)
    return [bytes(key) for key in rows.values_list("key", flat=True)]


def use_up(key: bytes, now: datetime) -> None:
    """Note that a code was used. Raises BadCode when somebody was faster."""
    if not models.Invitation.objects.filter(key=key, used=None).update(used=now):
        raise BadCode("this code was used already")


def fetch_directory(address: str) -> str:
    """The signed directory that a node serves. Raises Unreachable."""
    return request("GET", f"{address}/exchange/directory")


def send_statement(address: str, statement: str, proof: str = "") -> str:
    """Hand a statement to the keeper of the directory; the new directory. Raises Unreachable."""
    return request("POST", f"{address}/exchange/statements", statement, {"commonweal-proof": proof})


def request(method: str, address: str, content: str = "", headers: dict[str, str] | None = None) -> str:
    """Ask another node for a text. Raises Unreachable with what it said."""
    sent = {"content-type": "text/plain; charset=utf-8"} | (headers or {})
    try:
        with (
            httpcore.ConnectionPool() as pool,
            pool.stream(
                method,
                address,
                headers=[(name.encode(), value.encode()) for name, value in sent.items()],
                content=content.encode(),
                extensions=TIMEOUT,
            ) as answer,
        ):
            body = b""
            for piece in answer.iter_stream():
                body += piece
                if len(body) > LARGEST:
                    raise Unreachable(f"{address} answers with more than {LARGEST} bytes")
    except UNREACHED as error:
        raise Unreachable(f"{address} does not answer: {error!r}") from error
    text = body.decode("utf-8", "replace")
    if answer.status != 200:
        raise Unreachable(f"{address} answers {answer.status}: {text[:300]}")
    return text
