"""The directory: enrolment of keys, statements, what may follow what."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commonweal.core.exchange import directory as directories
from commonweal.core.exchange import member_keys, statements
from commonweal.core.exchange.directory import BadDirectory, Directory, Endpoint, FederatedNode, Service, System
from commonweal.core.exchange.member_keys import UnfitKey
from commonweal.core.exchange.statements import BadCode, BadStatement, JoinCode
from commonweal.core.exchange.xroad import MemberId
from commonweal.core.ledger.keys import UnsafeKeys
from commonweal.core.ledger.notes import ed25519_cosigner_vkey, ed25519_vkey
from commonweal.core.ledger.verify import ED25519, VerificationError, VerifierKey

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AUTHORITY = Ed25519PrivateKey.from_private_bytes(bytes(32))
VKEY = member_keys.vkey("ALD/directory", AUTHORITY)
MEMBER = MemberId("ALD", "GOV", "benefits")
OTHER = MemberId("ALD", "GOV", "tax")
CODE = bytes(32)


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def node(origin: str = "b.example/log", address: str = "http://b.example") -> FederatedNode:
    return FederatedNode(
        origin, address, f"{address}/log", (str(ed25519_vkey(origin, key(90))),),
        str(ed25519_cosigner_vkey(f"{origin}/witness", key(91))),
    )  # fmt: skip


def enrolled(
    current: Directory, member: MemberId = MEMBER, number: int = 1, at: FederatedNode | None = None
) -> Directory:
    statement = statements.enrolment(current, at or node(), member, {"en": "Benefits"}, key(number))
    return statements.apply(current, statement, NOW, CODE)


@pytest.fixture
def joined() -> Directory:
    return enrolled(directories.first("ALD", VKEY, NOW))


def test_ed25519_keys_are_enrolled_as_cctv_expects(test_data: Path) -> None:
    cases = json.loads((test_data / "cctv/ed25519/ed25519vectors.json").read_text("utf-8"))
    unfit = {"low_order_A", "low_order_component_A", "non_canonical_A"}
    accepted = {}
    for case in cases:
        try:
            member_keys.check_fit(bytes.fromhex(case["key"]))
            accepted[case["number"]] = True
        except UnfitKey:
            accepted[case["number"]] = False
    assert accepted == {case["number"]: not unfit & set(case["flags"] or ()) for case in cases}
    assert 0 < sum(accepted.values()) < len(cases) == 914


def test_a_directory_is_read_as_it_was_signed(joined: Directory) -> None:
    note = directories.sign(joined, AUTHORITY)
    assert directories.read(note, VKEY) == joined
    with pytest.raises(BadDirectory):
        directories.read(note.replace("Benefits", "Benefitz"), VKEY)
    with pytest.raises(BadDirectory):
        directories.read(note, member_keys.vkey("ALD/directory", key(5)))
    with pytest.raises(BadDirectory):
        directories.read(directories.sign(replace(joined, instance="XYZ"), AUTHORITY), VKEY)


def test_a_directory_that_holds_an_unfit_key_is_refused(joined: Directory) -> None:
    low = VerifierKey(
        str(MEMBER), ED25519, bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
    )
    with pytest.raises((UnfitKey, VerificationError)):
        member_keys.check_fit(low.key)
    member = replace(joined.members[0], keys=(replace(joined.members[0].keys[0], vkey=str(low)),))
    with pytest.raises(BadDirectory):
        directories.read(directories.sign(replace(joined, members=(member,)), AUTHORITY), VKEY)


def test_each_version_names_the_one_before_and_ends(joined: Directory) -> None:
    later = directories.next_version(joined, NOW)
    assert (later.serial, later.previous) == (joined.serial + 1, joined.hash)
    assert joined.usable(NOW)
    assert not joined.usable(NOW + directories.USABLE)
    assert not joined.usable(NOW - timedelta(hours=1))


def test_joining_needs_a_code(joined: Directory) -> None:
    statement = statements.enrolment(joined, node("c.example/log"), OTHER, {}, key(2))
    with pytest.raises(BadStatement, match="code"):
        statements.apply(joined, statement, NOW)
    assert statements.apply(joined, statement, NOW, CODE).member(OTHER)


def test_a_statement_takes_effect_once(joined: Directory) -> None:
    statement = statements.offer(joined, MEMBER, [System("casework")], key(1))
    after = statements.apply(joined, statement, NOW)
    with pytest.raises(BadStatement, match="changed meanwhile"):
        statements.apply(after, statement, NOW)


def test_a_statement_by_another_key_is_refused(joined: Directory) -> None:
    both = enrolled(joined, OTHER, 2, node("c.example/log"))
    for statement in (
        statements.offer(both, MEMBER, [], key(2)),
        statements.rotation(both, MEMBER, key(2), key(3)),
        statements.revocation(both, MEMBER, both.members[0].keys[0].id, key(2)),
    ):
        with pytest.raises(BadStatement):
            statements.apply(both, statement, NOW)


def test_a_key_is_rotated_by_the_old_and_the_new(joined: Directory) -> None:
    after = statements.apply(joined, statements.rotation(joined, MEMBER, key(1), key(3)), NOW)
    old, new = after.members[0].keys
    assert old.revoked
    assert not new.revoked
    with pytest.raises(BadStatement):  # the old key says nothing any more
        statements.apply(after, statements.offer(after, MEMBER, [], key(1)), NOW)
    offered = statements.apply(after, statements.offer(after, MEMBER, [System("x")], key(3)), NOW)
    assert offered.members[0].systems == (System("x"),)
    one_signature = statements._signed(
        joined, MEMBER, {"kind": "rotate", "key": str(member_keys.vkey(str(MEMBER), key(4)))}, [key(1)]
    )
    with pytest.raises(BadStatement):
        statements.apply(joined, one_signature, NOW)


def test_a_key_belongs_to_one_member(joined: Directory) -> None:
    statement = statements.enrolment(joined, node("c.example/log"), OTHER, {}, key(1))
    with pytest.raises(BadDirectory, match="has this key"):
        statements.apply(joined, statement, NOW, CODE)


def test_who_joins_a_node_cannot_move_it(joined: Directory) -> None:
    moved = node(address="http://evil.example")
    statement = statements.enrolment(joined, moved, OTHER, {}, key(2))
    with pytest.raises(BadStatement):
        statements.apply(joined, statement, NOW, CODE)
    assert enrolled(joined, OTHER, 2).nodes == joined.nodes


def test_services_are_found(joined: Directory) -> None:
    service = Service("people", "REST", "People", (Endpoint("GET", "/x"),), ("p",), "/subject")
    after = statements.apply(joined, statements.offer(joined, MEMBER, [System("s", (service,))], key(1)), NOW)
    from commonweal.core.exchange.xroad import service_id

    found = after.service(service_id("ALD/GOV/benefits/s/people"))
    assert found
    assert found[1] == service
    assert after.service(service_id("ALD/GOV/benefits/s/other")) is None


def test_codes_are_read_as_people_copy_them() -> None:
    code = statements.new_code("https://town.example", MEMBER, VKEY)
    text = str(code)
    assert JoinCode.parse(f"  {text.lower()[:0]}{text} ") == code
    letters = text.rpartition("#")[2]
    assert JoinCode.parse(text.replace(letters, letters.lower().replace("-", " "))) == code
    for bad in ("", letters, text[:-1], text.replace("https", "ftp"), text.replace("GOV/", "")):
        with pytest.raises(BadCode):
            JoinCode.parse(bad)


def test_member_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "member-benefits.ed25519"
    made = member_keys.create(path)
    assert member_keys.create(path).private_bytes_raw() == made.private_bytes_raw()
    path.chmod(0o644)
    with pytest.raises(UnsafeKeys, match="chmod 600"):
        member_keys.load(path)
