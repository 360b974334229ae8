"""The exchange's administration as an operator's machine uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from commonweal.core.exchange import models, outbox
from commonweal.core.exchange.sides import SideRow, add_sides
from commonweal.core.identity import accounts, service
from commonweal.core.identity.actors import the_node
from commonweal.core.ledger.models import Leaf

pytestmark = pytest.mark.django_db
SUBSCRIPTION = {
    "system": "ALD/GOV/benefits/casework",
    "types": ["registry.person.moved"],
    "purpose": "benefits.assessment",
    "address": "https://hooks.benefits.example/commonweal",
}


class Machine:
    """A client with a token."""

    def __init__(self, role: str) -> None:
        accounts.register_agency(f"town-{role}", {"en": "Town"}, roles=[role])
        token = service.issue_token(the_node("set-up"), "Fleet", f"town-{role}", frozenset({role})).token
        self._client, self._headers = Client(), {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/exchange/{path}", query, headers=self._headers)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._client.post(
            f"/api/exchange/{path}", json.dumps(body), content_type="application/json", headers=self._headers
        )

    def delete(self, path: str) -> Any:
        return self._client.delete(f"/api/exchange/{path}", headers=self._headers)


@pytest.fixture
def operator() -> Machine:
    return Machine("operator")


def test_a_subscription_from_its_beginning_to_its_end(operator: Machine, in_a_federation: None) -> None:
    made = operator.post("subscriptions", SUBSCRIPTION)
    assert made.status_code == 201
    place = f"subscriptions/{made.json()['id']}"
    assert made.json()["secret"].startswith("whsec_")
    kept = operator.get(place).json()
    assert kept == {key: value for key, value in made.json().items() if key != "secret"}
    assert operator.get("subscriptions").json() == [kept]
    assert kept["agency"] == "ALD/GOV/benefits"

    outbox.put("registry.person.moved", None, {})
    outbox.number_events()
    (waiting,) = outbox.take_due()
    outbox.settle(waiting, 1)
    assert operator.get(place).json()["position"] == 1
    assert operator.post(f"{place}/replay", {"position": 0}).json()["position"] == 0
    assert [event.position for event in outbox.next_events(outbox.all_subscriptions()[0])] == [1]

    assert operator.delete(place).status_code == 204
    assert operator.get(place).status_code == 404
    assert operator.get("subscriptions").json() == []


def test_every_change_has_evidence(operator: Machine) -> None:
    before = Leaf.objects.count()
    id_ = operator.post("subscriptions", SUBSCRIPTION).json()["id"]
    operator.post(f"subscriptions/{id_}/replay", {"position": 0})
    operator.delete(f"subscriptions/{id_}")
    assert Leaf.objects.count() == before + 3


def test_what_could_not_be_delivered_is_listed_with_the_reason(operator: Machine, in_a_federation: None) -> None:
    id_ = operator.post("subscriptions", SUBSCRIPTION).json()["id"]
    event = outbox.put("registry.person.moved", None, {})
    outbox.number_events()
    models.Subscription.objects.update(failures=outbox.GIVEN_UP - 1)
    (waiting,) = outbox.take_due()
    outbox.fail(waiting, outbox.next_events(waiting), "status 500")
    (letter,) = operator.get(f"subscriptions/{id_}/dead-letters").json()
    assert (letter["event"], letter["reason"], letter["position"]) == (str(event), "status 500", 1)


def test_exchanges_are_found_by_their_message(operator: Machine) -> None:
    for number in range(3):
        side = SideRow("provided", f"message-{number}", "ALD/GOV/benefits/casework", "ALD/GOV/register/people", "", b"")
        add_sides([side.row(bytes([number]) * 16, bytes(32), permitted=True)])
    assert len(operator.get("exchanges").json()) == 3
    assert len(operator.get("exchanges", limit=2).json()) == 2
    (found,) = operator.get("exchanges", message="message-1").json()
    assert (found["kind"], found["message"], found["permitted"]) == ("provided", "message-1", True)


def test_what_no_database_can_hold_is_refused(operator: Machine) -> None:
    assert operator.get("exchanges", message="a\0b").status_code == 422


def test_a_node_alone_says_so(operator: Machine) -> None:
    found = operator.get("federation").json()
    assert (found["instance"], found["members"], found["problem"]) == (None, [], "")
    assert operator.get("witnesses").json() == {"cosigned": None, "size": None, "witnesses": []}
    assert operator.get("services").json() == []


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("types", ["registry.person.teleported"], 400),
        ("types", [], 422),
        ("purpose", "curiosity", 400),
        ("address", "http://hooks.benefits.example/", 422),
        ("address", "https://user:secret@hooks.benefits.example/", 422),
        ("address", "https://[::1/", 422),
        ("address", "https://hooks.benefits.example:99999/", 422),
        ("address", "file:///etc/passwd", 422),
        ("system", "ALD/GOV/benefits", 422),
        ("system", "ALD/GOV/benefits/..", 400),
        ("most", 0, 422),
    ],
)
def test_a_wrong_field_is_named_with_the_remedy(operator: Machine, field: str, value: Any, status: int) -> None:
    answer = operator.post("subscriptions", SUBSCRIPTION | {field: value})
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["field"] == field
    assert answer.json()["remedy"]
    assert not models.Subscription.objects.exists()


def test_another_role_sees_and_sets_nothing() -> None:
    officer = Machine("tax-officer")
    for path in ("federation", "exchanges", "witnesses", "services", "subscriptions"):
        assert officer.get(path).status_code == 403, path
    assert officer.post("subscriptions", SUBSCRIPTION).status_code == 403
    assert not models.Subscription.objects.exists()


def test_another_role_does_not_learn_whether_a_subscription_exists(operator: Machine) -> None:
    made = operator.post("subscriptions", SUBSCRIPTION).json()["id"]
    officer = Machine("tax-officer")
    for id_ in (made, "0197a1b2-0000-7000-8000-000000000000"):
        assert officer.get(f"subscriptions/{id_}").status_code == 403
        assert officer.post(f"subscriptions/{id_}/replay", {"position": 0}).status_code == 403
        assert officer.delete(f"subscriptions/{id_}").status_code == 403


def test_an_auditor_reads_and_sets_nothing() -> None:
    auditor = Machine("auditor")
    assert auditor.get("exchanges").status_code == 200
    assert auditor.post("subscriptions", SUBSCRIPTION).status_code == 403


def test_a_broken_offer_is_named(operator: Machine, offers_folder: Path) -> None:
    (offers_folder / "people.toml").write_text("member = 3")
    answer = operator.get("services")
    assert answer.status_code == 409
    assert "people.toml" in answer.json()["detail"]


@pytest.fixture
def offers_folder() -> Iterator[Path]:
    folder = settings.COMMONWEAL.home / "offers"
    folder.mkdir()
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
