"""On PostgreSQL the node runs under a role that cannot change or delete evidence, as docs/operating.md tells it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from commonweal.core.ledger.privileges import INSERT_ONLY
from tests.operations.installed import ACTS, ERASE, NAMES, Node
from tests.postgres import Server

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("server", ["postgresql"], indirect=True)]


@pytest.fixture
def node(server: Server, tmp_path: Path) -> Node:
    """No demo: there the role matters."""
    return Node(tmp_path / "node", server.create("town"), "log.role.example/2026")


def test_the_nodes_own_role_cannot_change_evidence_and_the_node_lacks_nothing(node: Node) -> None:
    assert "the database role can change evidence (ledger_record, ledger_chain" in node.command("check", code=1)
    for _ in range(2):  # again after an upgrade
        node.command("grant", "commonweal")
    owner = node.environment["DATABASE_URL"]
    node.environment["DATABASE_URL"] = owner.replace("postgres@", "commonweal@")
    assert "database role" not in node.command("check", code=1)
    node.python("-c", ACTS)
    node.publish()
    with psycopg.connect(node.environment["DATABASE_URL"], autocommit=True) as connection:
        for table in INSERT_ONLY:
            column = connection.execute(f"SELECT * FROM {table} LIMIT 1").description[0].name  # type: ignore[index]
            for statement in (
                f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}",
            ):  # fmt: skip
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
    node.python("-c", ERASE)
    assert "Ola" in node.python("-c", NAMES)
    assert "Mara" not in node.python("-c", NAMES)
    node.publish()
    assert "All is well." in node.command("check", "--evidence")
    node.command("init")  # nothing to migrate: that needs no owner


def test_only_the_owner_of_the_tables_can_grant(node: Node) -> None:
    node.command("grant", "commonweal")
    node.environment["DATABASE_URL"] = node.environment["DATABASE_URL"].replace("postgres@", "commonweal@")
    assert "Connect as the owner" in node.command("grant", "somebody", code=1)
