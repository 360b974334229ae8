from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.exchange import federation


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[federation.Federation]:
    """Two joined nodes, shared by the tests that do them no harm."""
    folder: Path = tmp_path_factory.mktemp("federation")
    made = federation.make(folder)
    yield made
    made.stop()
