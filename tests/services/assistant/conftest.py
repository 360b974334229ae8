from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.services.assistant import search
from commonweal.services.assistant.values import NewPage
from tests.walk.cast import own_node
from tests.walk.conftest import browser, cast  # noqa: F401 (fixtures for those who walk)


@pytest.fixture
def room(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A node of the test's own, without guidance."""
    open_chain(NODE_CHAIN, NODE_LABEL)
    with own_node(tmp_path / "node"):
        yield
        search.forget()


PARKING = """# Park near your home

You need a resident parking permit to park in a blue zone. The permit costs 45 euros a year.

## How to apply

Apply online or at the town hall. Bring your registration certificate. You get the permit within 5 working days.
"""
WASTE = """# Bulky waste

The town collects bulky waste such as sofas, mattresses and wardrobes. Order a collection 10 days before.

## What it costs

Two collections a year are free. Each further collection costs 30 euros.
"""
LIBRARY = """# Library card

A library card is free for everyone who lives in the town. Bring an identity card. Children need a parent's signature.
"""


def a_page(slug: str = "parking-permit", source: str = PARKING, *, topic: str = "parking") -> NewPage:
    """A page of guidance, titled by its first line."""
    return NewPage(slug, "en", source.splitlines()[0].removeprefix("# "), source, "register", topic)


PAGES = (a_page(), a_page("bulky-waste", WASTE, topic="waste"), a_page("library-card", LIBRARY, topic="library"))
