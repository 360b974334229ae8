"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.postgres import NoPostgreSQL, Server

hypothesis.settings.register_profile("tests", deadline=None)  # how fast anything is, benchmarks say
hypothesis.settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: at the end, many workers share what is left."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture
def in_a_federation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that keeps events, because others could be told of them."""
    monkeypatch.setattr("commonweal.core.exchange.membership.joined", lambda _node: True)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of outside test data; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("COMMONWEAL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set COMMONWEAL_TEST_DATA")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """Each engine in turn: None where a node keeps its SQLite file, or a PostgreSQL server of the test's own."""
    if request.param == "sqlite":
        yield None
        return
    try:
        started = Server()
    except NoPostgreSQL as reason:
        pytest.skip(str(reason))
    yield started
    started.stop()
