"""What nobody needs any more goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from commonweal.core import clock
from commonweal.core.housekeeping import tidy
from commonweal.core.identity import accounts
from commonweal.core.identity.models import Account
from commonweal.core.ledger.models import Once

pytestmark = pytest.mark.django_db


def test_tidy_deletes_what_has_ended() -> None:
    now = clock.now()
    for age in (1, 40):
        Once.objects.create(key=bytes([age]) * 32, act=bytes(16), answer="", created=now - timedelta(days=age))
    for hours in (-1, 1):
        session = SessionStore()
        session.save()
        Session.objects.filter(session_key=session.session_key).update(expire_date=now + timedelta(hours=hours))
    accounts.create_account("kept@x.example", "Kept")
    abandoned = Account.objects.create_user("abandoned@x.example")
    Account.objects.update(created=now - timedelta(days=8))
    tidy.func()
    kept = {bytes(row.key) for row in Once.objects.all()}
    assert bytes([1]) * 32 in kept
    assert bytes([40]) * 32 not in kept
    assert Session.objects.count() == 1
    assert list(Account.objects.values_list("email", flat=True)) == ["kept@x.example"]
    assert not Account.objects.filter(id=abandoned.id).exists()
