from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.exchange import federation


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """The PostgreSQL server of both nodes, when the tests run on PostgreSQL."""
    if os.environ.get("COMMONWEAL_TEST_ENGINE") != "postgresql":
        yield None
        return
    from tests.postgres import Server

    server = Server()
    yield server
    server.stop()


def databases(server: Any, name: str) -> tuple[str, str]:
    """An address for each node: "" for SQLite."""
    return (server.create(f"{name}_register"), server.create(f"{name}_benefits")) if server else ("", "")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, server: Any) -> Iterator[federation.Federation]:
    """Two joined nodes, shared by the tests that do them no harm."""
    made = federation.make(tmp_path_factory.mktemp("federation"), databases(server, "town"))
    yield made
    made.stop()
