"""What members tell the keeper of the directory: to join, to change a key, to revoke one, what they offer.

A statement is a signed note whose text is JSON; a member's key signs it under the member's name. It names the version
of the directory that it changes, so it takes effect once. Joining needs the code that a person handed over.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commonweal.core.clock import stamp
from commonweal.core.exchange import directory as directories
from commonweal.core.exchange import member_keys
from commonweal.core.exchange.directory import BadDirectory, Directory, FederatedNode, Member, MemberKey, System
from commonweal.core.exchange.xroad import Fault, MemberId, member_id
from commonweal.core.ledger import notes
from commonweal.core.ledger.verify import Note, VerificationError, VerifierKey, verify_note

SECRET = 15  # bytes; with the key's hash a whole number of base32 letters


class BadStatement(ValueError):
    """A statement that cannot be accepted; the text says why."""


class BadCode(ValueError):
    """A code that cannot be read, was used, or is too old."""


@dataclass(frozen=True)
class JoinCode:
    """What a person hands over: where the directory is, who is invited, whose key signs it, a secret for one use."""

    address: str
    member: MemberId
    authority: bytes  # first 15 bytes of SHA-256 over the directory's verifier key
    secret: bytes

    def __str__(self) -> str:
        letters = base64.b32encode(self.secret + self.authority).decode()
        grouped = "-".join(letters[at : at + 6] for at in range(0, len(letters), 6))
        return f"{self.address}#{self.member}#{grouped}"

    @classmethod
    def parse(cls, text: str) -> JoinCode:
        """Read a code as it was typed. Raises BadCode."""
        address, member, letters = [*text.strip().split("#"), "", ""][:3]
        try:
            value = base64.b32decode(letters.replace("-", "").replace(" ", "").upper())
            if not address.startswith(("http://", "https://")) or len(value) != 2 * SECRET:
                raise BadCode("this is no code for joining; copy it whole: ADDRESS#MEMBER#LETTERS")
            return cls(address.rstrip("/"), member_id(member), value[SECRET:], value[:SECRET])
        except (ValueError, Fault) as error:
            raise BadCode("this is no code for joining; copy it whole: ADDRESS#MEMBER#LETTERS") from error

    @property
    def key(self) -> bytes:
        """The key that proves the code without showing it, 32 bytes."""
        return sha256(self.secret).digest()


def new_code(address: str, member: MemberId, authority: VerifierKey) -> JoinCode:
    """A fresh code."""
    return JoinCode(address, member, fingerprint(authority), secrets.token_bytes(SECRET))


def fingerprint(authority: VerifierKey) -> bytes:
    """What a code pins of the directory's key."""
    return sha256(str(authority).encode()).digest()[:SECRET]


def proof(code_key: bytes, statement: str) -> str:
    """What shows that the sender of a statement holds the code."""
    return hmac.digest(code_key, statement.encode(), "sha256").hex()


def enrolment(
    current: Directory, node: FederatedNode, member: MemberId, names: Mapping[str, str], key: Ed25519PrivateKey
) -> str:
    """A member asks to join, with its first key."""
    vkey = str(member_keys.vkey(str(member), key))
    content = {"kind": "enrol", "node": asdict(node), "names": dict(names), "key": vkey}
    return _signed(current, member, content, [key])


def rotation(current: Directory, member: MemberId, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> str:
    """A member changes its key: signed with the old and, to show that it is held, with the new one."""
    content = {"kind": "rotate", "key": str(member_keys.vkey(str(member), new))}
    return _signed(current, member, content, [old, new])


def revocation(current: Directory, member: MemberId, keyid: str, key: Ed25519PrivateKey) -> str:
    """A member takes a key out of force; any key of the member that is in force may sign."""
    return _signed(current, member, {"kind": "revoke", "keyid": keyid}, [key])


def offer(current: Directory, member: MemberId, systems: Iterable[System], key: Ed25519PrivateKey) -> str:
    """A member says which systems it has and what they offer."""
    return _signed(current, member, {"kind": "offer", "systems": [asdict(one) for one in systems]}, [key])


def apply(current: Directory, statement: str, now: datetime, code_key: bytes | None = None) -> Directory:
    """The directory after a statement. `code_key` is that of a valid code for this member, when there is one.

    Raises BadStatement, BadDirectory, member_keys.UnfitKey.
    """
    try:
        note = Note.parse(statement)
        content = json.loads(note.text)
        member_name, kind = content["member"], content["kind"]
        if content["directory"] != current.hash:
            raise BadStatement("the directory has changed meanwhile; make the statement anew")
        if kind == "enrol":
            return _enrolled(current, note, content, now, code_key)
        member = next((one for one in current.members if one.id == member_name), None)
        if member is None:
            raise BadStatement(f"{member_name} is not a member")
        _check_signed_by_current_key(note, member)
        changed = {"rotate": _rotate, "revoke": _revoke, "offer": _offer}[kind](note, content, member, now)
    except (VerificationError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, BadStatement | BadDirectory | member_keys.UnfitKey):
            raise
        raise BadStatement(f"the statement cannot be used: {error}") from error
    return directories.with_member(current, changed, now)


def _enrolled(
    current: Directory, note: Note, content: Mapping[str, Any], now: datetime, code_key: bytes | None
) -> Directory:
    if code_key is None:
        raise BadStatement("joining needs a code that is valid for this member")
    key = VerifierKey.parse(content["key"])
    member_keys.check_fit(key.key)
    verify_note(note, [key])
    node = FederatedNode(**{**content["node"], "log_keys": tuple(content["node"]["log_keys"])})
    for text in (*node.log_keys, node.witness_key):
        VerifierKey.parse(text)
    here = next((one for one in current.nodes if one.origin == node.origin), None)
    if here is not None and here != node:  # who joins a node cannot move it: its members say so too
        verify_note(note, [key.parsed for one in current.members if one.node == node.origin for key in one.keys])
    known = next((one for one in current.members if one.id == content["member"]), None)
    if known is not None:
        raise BadStatement(f"{known.id} is a member already; change its key by a statement")
    member = Member(content["member"], content["names"], node.origin, (MemberKey(str(key), stamp(now)),))
    return directories.with_node(current, node, [member], now)


def _rotate(note: Note, content: Mapping[str, Any], member: Member, now: datetime) -> Member:
    new = VerifierKey.parse(content["key"])
    member_keys.check_fit(new.key)
    verify_note(note, [new])
    if new.name != member.id or any(key.parsed.key == new.key for key in member.keys):
        raise BadStatement("the new key must bear the member's name and be another one")
    return directories.rotated(member, MemberKey(str(new), stamp(now)), at=now)


def _revoke(note: Note, content: Mapping[str, Any], member: Member, now: datetime) -> Member:
    return directories.revoked(member, content["keyid"], at=now)


def _offer(note: Note, content: Mapping[str, Any], member: Member, now: datetime) -> Member:
    return directories.offering(member, directories.services_in(content["systems"]))


def _check_signed_by_current_key(note: Note, member: Member) -> None:
    verify_note(note, [key.parsed for key in member.keys if not key.revoked])


def _signed(current: Directory, member: MemberId, content: Mapping[str, Any], keys: Iterable[Ed25519PrivateKey]) -> str:
    text = json.dumps({"member": str(member), "directory": current.hash, **content}, sort_keys=True, indent=1) + "\n"
    return notes.note(text, [notes.sign(text, str(member), key) for key in keys])
