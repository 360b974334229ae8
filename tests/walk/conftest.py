"""Towns and browsers for the tests that walk through them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, sync_playwright

from commonweal.core.portal import build_styles
from tests.core.portal import page_checks
from tests.walk.cast import Cast, assemble, own_node


@pytest.fixture(scope="module")
def passing_town(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A town in one transaction that is rolled back when the module ends, as Django's TestCase does it."""
    with django_db_blocker.unblock(), own_node(tmp_path_factory.mktemp("node")):
        around = transaction.atomic()
        around._from_testcase = True  # durable transactions are allowed inside
        with around:
            yield assemble()
            transaction.set_rollback(True)


@pytest.fixture
def cast(transactional_db: None, tmp_path: Path) -> Iterator[Cast]:
    """A town that stands, for servers and browsers."""
    build_styles.build()
    with own_node(tmp_path):
        yield assemble()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = page_checks.launch(playwright)
        yield chromium
        chromium.close()
