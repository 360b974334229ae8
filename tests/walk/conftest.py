"""One town for each module of tests: made once, and taken down with its public log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

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
