"""What is deleted when its time has come: ended sessions, idempotency keys, finished tasks."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django_tasks import task

from commonweal.core import clock
from commonweal.core.ledger.models import Once

KEYS_KEPT = timedelta(days=30)


@task()
def tidy() -> None:
    """Delete what nobody needs any more."""
    now = clock.now()
    ended: list[QuerySet[Session] | QuerySet[Once]] = [
        Session.objects.filter(expire_date__lt=now),
        Once.objects.filter(created__lt=now - KEYS_KEPT),
    ]
    for rows in ended:
        rows.delete()
