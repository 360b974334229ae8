# ruff: noqa: E501 - statements of somebody with full access to the database
"""The node's own check names every edited, deleted and re-ordered row."""

from __future__ import annotations

import pytest

from commonweal.core.ledger import audit, entries
from commonweal.core.ledger.leaves import Kind
from commonweal.core.ledger.tiles import LogFolder
from tests.core.ledger.world import World, add_leaves, sql


def check(world: World) -> audit.AuditReport:
    return audit.check(LogFolder(world.log))


@pytest.fixture
def chain(world: World) -> bytes:
    chain, *others = [world.person() for _ in range(4)]
    entries.add_document(Kind.POLICY, b"permit(principal, action, resource);")
    for _ in range(5):
        world.act(chain)
        world.act(others[0], chain, *others[1:])
    add_leaves(300)
    world.publish()
    world.close_epoch()
    world.act(chain)
    world.publish()
    world.act(chain)  # pending
    return chain


def test_an_honest_node_has_no_problems(world: World, chain: bytes) -> None:
    report = check(world)
    assert report.problems == ()
    assert (report.leaves, report.published, report.entries, report.erased) == (313, 313, 27, 0)


def test_an_erased_record_is_counted_and_no_problem(world: World, chain: bytes) -> None:
    sql("DELETE FROM ledger_record WHERE chain = %s AND n = 3", chain)
    (problem,) = check(world).problems
    assert (problem.table, problem.got) == ("ledger_record", "neither")
    world.act(chain, action="erasure.entries.erase", decision="permitted", changed=["ledger/entry/3"])
    world.publish()
    report = check(world)
    assert (report.problems, report.erased) == ((), 1)


def test_a_person_without_any_record_needs_an_act_that_erased_them(world: World, chain: bytes) -> None:
    sql("DELETE FROM ledger_record WHERE chain = %s", chain)
    (problem,) = check(world).problems
    assert problem.row == f"chain {chain.hex()}"
    named = [f"ledger/chain/{chain.hex()}"]
    world.act(world.person(), action="erasure.person.erase", decision="permitted", changed=named)
    world.publish()
    assert check(world).problems == ()


MINE = "WHERE chain = %s AND n = 4"
LEAF = f"(SELECT leaf_id FROM ledger_chain {MINE})"
BOTH = "WHERE idx IN (20, 21)"


@pytest.mark.parametrize(
    ("harm", "table", "named"),
    [
        ("UPDATE ledger_log SET idx = -1 - idx WHERE idx = 3", "log", "idx 3"),
        ("DELETE FROM ledger_log WHERE idx = 3", "log", "idx 3"),
        ("DELETE FROM ledger_log WHERE idx = 312", "log", "idx 312"),
        (f"UPDATE ledger_log SET leaf_id = -leaf_id {BOTH}; UPDATE ledger_log SET leaf_id = (SELECT sum(-leaf_id) FROM "
         f"ledger_log {BOTH}) + leaf_id {BOTH}", "log", "idx 20"),
        (f"UPDATE ledger_leaf SET hash = data WHERE id = {LEAF}", "leaf", "hash"),
        (f"UPDATE ledger_leaf SET data = CAST(substr(data, 1, 33) || x'00' AS BLOB) WHERE id = {LEAF}", "log", "hash of the leaf"),
        (f"DELETE FROM ledger_leaf WHERE id = {LEAF}", "leaf", "log idx"),
        ("DELETE FROM ledger_leaf WHERE id = (SELECT max(leaf_id) FROM ledger_pending)", "leaf", "pending"),
        ("DELETE FROM ledger_pending", "log", "leaf_id"),
        (f"UPDATE ledger_chain SET commitment = CAST(chain || chain AS BLOB) {MINE}", "chain", "commitments in order"),
        (f"UPDATE ledger_chain SET position = position + 9 {MINE}", "chain", "positions"),
        ("UPDATE ledger_chain SET position = 3 - position WHERE position IN (1, 2)", "chain", "commitments in order"),
        (f"UPDATE ledger_chain SET leaf_id = leaf_id + 1 {MINE}", "chain", "commitments in order"),
        (f"UPDATE ledger_chain SET n = 400 {MINE}", "chain", "chain "),
        (f"DELETE FROM ledger_chain {MINE}", "chain", "chain "),
        ("DELETE FROM ledger_chain WHERE leaf_id = (SELECT max(leaf_id) FROM ledger_chain)", "chain", "leaf_id"),
        (f"UPDATE ledger_record SET body = CAST(body || ' ' AS BLOB) {MINE}", "record", "HMAC"),
        (f"UPDATE ledger_record SET key = CAST(chain || chain AS BLOB) {MINE}", "record", "HMAC"),
        (f"UPDATE ledger_record SET act = chain {MINE}", "record", "act"),
        ("UPDATE ledger_record SET chain = (SELECT max(chain) FROM ledger_head), n = 99 " + MINE, "chain", "n 99"),
        ("UPDATE ledger_head SET n = n + 1 WHERE chain = %s", "head", "chain "),
        ("UPDATE ledger_head SET commitment = label WHERE chain = %s", "head", "chain "),
        ("UPDATE ledger_head SET label = commitment WHERE chain = %s", "head", "label"),
        ("DELETE FROM ledger_head WHERE chain = %s", "head", "chain "),
        ("UPDATE ledger_epochhead SET n = n - 1", "epochhead", "root"),
        ("UPDATE ledger_epochhead SET commitment = label", "epochhead", "root"),
        ("DELETE FROM ledger_epochhead WHERE label = (SELECT label FROM ledger_head WHERE chain = %s)", "epochhead", "root"),
        ("UPDATE ledger_document SET body = body || ' ' WHERE kind = 2", "document", "SHA-256"),
        ("UPDATE ledger_document SET kind = 4 WHERE kind = 2", "document", "leaf"),
        ("UPDATE ledger_document SET leaf_id = leaf_id + 1000 WHERE kind = 2", "document", "leaf"),
        ("DELETE FROM ledger_document WHERE kind = 2", "document", "leaf"),
        ("DELETE FROM ledger_document WHERE kind = 3", "document", "leaf"),
        ("UPDATE ledger_checkpoint SET root = (SELECT max(hash) FROM ledger_leaf) WHERE size > 0", "checkpoint", "root"),
        ("DELETE FROM ledger_checkpoint", "checkpoint", "size 313"),
    ],
)  # fmt: skip
def test_every_harm_is_named(world: World, chain: bytes, harm: str, table: str, named: str) -> None:
    for statement in harm.split("; "):
        sql(statement, *([chain] * statement.count("%s")))
    problems = check(world).problems
    assert any(problem.table == f"ledger_{table}" and named in problem.row for problem in problems), problems


def test_history_cut_off_and_chained_anew_is_named_from_outside(world: World, chain: bytes) -> None:
    """The last rows of every table go, and all that is left agrees with itself: the published log does not."""
    for statement in (
        "DELETE FROM ledger_log WHERE idx >= 310",
        "DELETE FROM ledger_pending",
        "DELETE FROM ledger_document WHERE leaf_id NOT IN (SELECT leaf_id FROM ledger_log)",
        "DELETE FROM ledger_leaf WHERE id NOT IN (SELECT leaf_id FROM ledger_log)",
        "DELETE FROM ledger_chain WHERE leaf_id NOT IN (SELECT leaf_id FROM ledger_log)",
        "DELETE FROM ledger_record WHERE NOT EXISTS (SELECT 1 FROM ledger_chain c WHERE c.chain = ledger_record.chain "
        "AND c.n = ledger_record.n)",
        "UPDATE ledger_head SET (n, commitment) = (SELECT n, commitment FROM ledger_chain c WHERE c.chain = "
        "ledger_head.chain ORDER BY n DESC LIMIT 1)",
        "DELETE FROM ledger_epochhead",
        "DELETE FROM ledger_checkpoint WHERE size > 310",
    ):
        sql(statement)
    assert [str(problem) for problem in check(world).problems] == [
        *(f"ledger_log idx {idx}: expected a row, as published, got none" for idx in (310, 311, 312)),
        "ledger_checkpoint size 313: expected a row, as published, got none",
    ]


def test_a_damaged_public_file_is_named(world: World, chain: bytes) -> None:
    (world.log / "tile/0/000").write_bytes(bytes(8192))
    assert [(problem.table, problem.row) for problem in check(world).problems] == [("log folder", "hash of tile/0/000")]


@pytest.mark.parametrize(
    ("harm", "row"),
    [
        ("UPDATE identity_person SET head_secret = %s WHERE chain = %s", "label"),
        ("UPDATE identity_person SET chain = %s WHERE chain = %s", "label"),
        ("DELETE FROM identity_person WHERE head_secret <> %s AND chain = %s", "a person"),
    ],
)
def test_a_person_who_was_given_another_chain_or_secret_is_named(
    world: World, chain: bytes, harm: str, row: str
) -> None:
    sql(harm, b"z" * (16 if "SET chain" in harm else 32), chain)
    assert any(row in f"{problem.row} {problem.expected}" for problem in check(world).problems)


def test_two_people_with_each_others_chains_are_named(world: World, chain: bytes) -> None:
    other = world.person()
    world.act(other)
    world.publish()
    for old, new in ((chain, b"t" * 16), (other, chain), (b"t" * 16, other)):
        sql("UPDATE identity_person SET chain = %s WHERE chain = %s", new, old)
    assert {problem.row.rpartition(": ")[2] for problem in check(world).problems} >= {"label", "subject"}
