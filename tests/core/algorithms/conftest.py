from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from commonweal.core.algorithms import declared
from commonweal.core.algorithms.values import Algorithm
from commonweal.core.cases.values import Ruling
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from tests.core.algorithms.triage import permit_check


@pytest.fixture(autouse=True)
def node_chain(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "_declared", {})  # the rooms' own are not what is tested here
    open_chain(NODE_CHAIN, NODE_LABEL)
    cache.clear()


@pytest.fixture
def rulings() -> list[Ruling]:
    return []


@pytest.fixture
def check(rulings: list[Ruling]) -> Iterator[Algorithm]:
    with permit_check(rulings) as algorithm:
        yield algorithm
