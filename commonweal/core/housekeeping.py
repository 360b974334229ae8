"""What happens when its time has come: seals open, regular cases too, and what nobody needs any more is deleted."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django_tasks import task

from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.erasure import service as erasure
from commonweal.core.identity import accounts
from commonweal.core.investigations import service as investigations
from commonweal.core.ledger.models import Once

KEYS_KEPT = timedelta(days=30)


@task()
def tidy() -> None:
    """Open what is due, and delete what nobody needs any more."""
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    Once.objects.filter(created__lt=now - KEYS_KEPT).delete()
    accounts.forget_abandoned(now)
    investigations.open_due()
    cases.open_recurring()
    erasure.expire_daily()
