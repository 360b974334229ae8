from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from commonweal.core.identity.actors import Person
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.core.ledger.models import Record

Evidence = Callable[..., list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def node_chain(transactional_db: None) -> None:
    open_chain(NODE_CHAIN, NODE_LABEL)
    cache.clear()


@pytest.fixture
def evidence() -> Evidence:
    """The records about a person, oldest first, of one action or of all."""

    def read(person: Person, action: str = "") -> list[dict[str, Any]]:
        bodies = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=person.chain).order_by("n")]
        return [body for body in bodies if action in ("", body["action"])]

    return read
