from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.installed import Node
from tests.postgres import Server


@pytest.fixture
def node(server: Server | None, tmp_path: Path) -> Node:
    """An installed node on each engine."""
    return Node(tmp_path / "node", server.create("town") if server else "")
