"""Signing in without a device, on a demo node only. The node's log origin decides; no setting can."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

from commonweal.core.clock import NotADemo
from commonweal.core.identity import models

METHOD = "demo"


def used_in(records: list[dict[str, Any]]) -> bool:
    """Whether this session was begun on the demo page. Raises NotADemo when there can be none."""
    used = any(record["method"] == METHOD for record in records)
    if used:
        only_on_a_demo()
    return used


def only_on_a_demo() -> None:
    """Raises NotADemo unless the node's log origin is a demo origin."""
    if not settings.COMMONWEAL.demo:
        raise NotADemo("demo sign-in exists only on a node whose origin begins with 'demo.'")


def offer(account: UUID, label: str) -> None:
    """Put an account on the demo page. Raises NotADemo."""
    only_on_a_demo()
    models.DemoSignIn.objects.update_or_create(account_id=account, defaults={"label": label})


def offered() -> list[models.DemoSignIn]:
    """The accounts on the demo page, in the order they were offered. Raises NotADemo."""
    only_on_a_demo()
    return list(models.DemoSignIn.objects.select_related("account__person").order_by("account__created", "account_id"))


def offered_account(account: str) -> models.Account | None:
    """The account with this id, when the demo page offers it. Raises NotADemo."""
    return next((row.account for row in offered() if str(row.account_id) == account), None)
