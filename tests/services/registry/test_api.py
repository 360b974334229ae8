"""The register's API as another agency's machine uses it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from commonweal.core.identity import accounts, service
from commonweal.core.identity.actors import the_node
from commonweal.core.ledger.models import Record
from tests.town import entry, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def tax() -> dict[str, str]:
    """The header of a machine of the tax office."""
    accounts.register_agency("tax", {"en": "Tax Office"}, roles=["tax-officer"])
    token = service.issue_token(the_node("set-up"), "Assessment run", "tax", frozenset({"tax-officer"}))
    return {"Authorization": f"Bearer {token.token}"}


@pytest.fixture
def benefits() -> dict[str, str]:
    accounts.register_agency("benefits", {"en": "Benefits Office"}, roles=["benefit-officer"])
    token = service.issue_token(the_node("set-up"), "Claims", "benefits", frozenset({"benefit-officer"}))
    return {"Authorization": f"Bearer {token.token}"}


def changes(client: Client, headers: dict[str, str], **query: Any) -> Any:
    return client.get("/api/registry/changes", {"purpose": "tax.assessment"} | query, headers=headers)


def test_a_machine_follows_the_feed_and_reads_what_its_purpose_needs(client: Client, tax: dict[str, str]) -> None:
    (person,) = register(entry())
    (change,) = changes(client, tax).json()
    assert change["kind"] == "registered"
    answer = client.get(f"/api/registry/people/{change['id']}", {"purpose": "tax.assessment"}, headers=tax)
    found = answer.json()
    assert answer.status_code == 200
    assert found["names"][0]["family_name"] == "Okafor"
    assert found["date_of_birth"] is None
    last = json.loads(bytes(Record.objects.filter(chain=person.chain).latest("n").body))
    assert (last["automatic"], last["agency"], last["action"]) == (True, "tax", "registry.person.read")


def test_two_agencies_have_different_ids_and_cannot_use_each_others(
    client: Client, tax: dict[str, str], benefits: dict[str, str]
) -> None:
    register(entry())
    (change,) = changes(client, tax).json()
    body = {"name": "Okafor", "purpose": "benefits.assessment", "case": "B-1"}
    (found,) = client.post("/api/registry/search", body, content_type="application/json", headers=benefits).json()
    assert found["id"] != change["id"]
    query = {"purpose": "tax.assessment"}
    assert client.get(f"/api/registry/people/{found['id']}", query, headers=tax).status_code == 404


def test_every_no_is_a_problem_that_says_what_to_do(client: Client, tax: dict[str, str]) -> None:
    register(entry())
    (change,) = changes(client, tax).json()
    person = f"/api/registry/people/{change['id']}"
    for answer, status, field in (
        (client.get(person, {"purpose": "tax.assessment"}), 401, None),
        (client.get(person, {"purpose": "x"}, headers={"Authorization": "Bearer commonweal_nothing"}), 401, None),
        (client.get(person, {"purpose": "nosiness"}, headers=tax), 400, "purpose"),
        (client.get(person, {"purpose": "registry.keeping"}, headers=tax), 403, None),
        (client.get(person, headers=tax), 422, "purpose"),
        (client.get("/api/registry/people/abc", {"purpose": "tax.assessment"}, headers=tax), 404, "person_id"),
        (changes(client, tax, after="x"), 422, "after"),
        (client.get("/api/registry/nothing", headers=tax), 404, None),
    ):
        problem = answer.json()
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        assert problem["status"] == status
        assert problem.get("field") == field
        assert problem["detail"]


def test_a_session_opens_no_api(client: Client) -> None:
    account = accounts.create_account("a@b.example", "A")
    from commonweal.core.identity.models import Account

    client.force_login(
        Account.objects.get(id=account.id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert changes(client, {}).status_code == 401


def test_the_description_is_open(client: Client) -> None:
    description = client.get("/api/registry/openapi.json").json()
    assert description["openapi"].startswith("3.")
    assert set(description["paths"]) >= {"/api/registry/changes", "/api/registry/search"}
