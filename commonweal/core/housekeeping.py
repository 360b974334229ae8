"""What is deleted when its time has come: ended sessions, idempotency keys, accounts that were never confirmed."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django_tasks import task

from commonweal.core import clock
from commonweal.core.identity import accounts
from commonweal.core.ledger.models import Once

KEYS_KEPT = timedelta(days=30)


@task()
def tidy() -> None:
    """Delete what nobody needs any more."""
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    Once.objects.filter(created__lt=now - KEYS_KEPT).delete()
    accounts.forget_abandoned(now)
