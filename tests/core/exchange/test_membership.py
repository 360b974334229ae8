"""A node in no federation keeps no events; one whose settings are broken says so instead of failing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from commonweal.core import clock
from commonweal.core.exchange import membership, outbox, person_data
from commonweal.core.exchange.models import Event
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import the_node
from tests.town import entry, register
from tests.walk.cast import own_node, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with own_node(tmp_path / "node"):
        yield tmp_path / "node"


@pytest.mark.parametrize("joined", [False, True])
def test_only_a_member_keeps_events(home: Path, joined: bool) -> None:
    if joined:
        (home / membership.FILE).touch()
    register(entry())
    assert Event.objects.exists() == joined


def test_events_go_after_thirty_days_even_if_nobody_gave_them_a_place(home: Path) -> None:
    (home / membership.FILE).touch()
    (mara,) = register(entry())
    kept = person_data.held(mara)["events"]
    assert len(kept) == 1
    person_data.expire(clock.now() + outbox.KEPT - timedelta(minutes=1))
    assert person_data.held(mara)["events"] == kept
    person_data.expire(clock.now() + outbox.KEPT + timedelta(minutes=1))
    assert not person_data.held(mara)["events"]


def test_broken_settings_are_named_to_operators(home: Path) -> None:
    accounts.register_agency("oversight", {"en": "Town Oversight"}, {}, roles=["operator"])
    (person,) = register(entry())
    account = accounts.create_account("olu@testford.example", "Olu Operator", person=person)
    identity.appoint(the_node("set-up"), account.id, "oversight", "operator")
    browser = sign_in(account)
    (home / membership.FILE).write_text('instance = "ALD"\n')
    page = browser.get(reverse("exchange:exchanges"))
    assert page.status_code == 200
    assert "The exchange cannot be used: exchange.toml: `address` is missing" in page.content.decode()


def test_broken_settings_do_not_tell_a_resident_that_nobody_used_their_data(home: Path) -> None:
    (mara,) = register(entry())
    browser = sign_in(accounts.create_account("mara@testford.example", "Mara Okafor", person=mara))
    (home / membership.FILE).write_text('instance = "ALD"\n')
    page = browser.get(reverse("exchange:elsewhere"))
    assert page.status_code == 503
    assert "The other offices cannot be asked at the moment" in page.content.decode()
    assert "Nobody has used" not in page.content.decode()
