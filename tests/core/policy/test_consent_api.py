"""GovStack's Consent API as the machine of an agency that relies on consents uses it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from commonweal.core.exchange.models import Event
from commonweal.core.identity import accounts, people
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Person, the_node
from commonweal.core.ledger.models import Record
from commonweal.core.policy import service
from commonweal.services.registry.purposes import SURVEY
from tests.town import entry, register, resident

AGREEMENT = "survey.invitation@register"
pytestmark = pytest.mark.django_db


def machine(agency: str, *roles: str) -> dict[str, str]:
    accounts.register_agency(agency, {"en": agency.title()}, roles=roles)
    token = identity.issue_token(the_node("set-up"), "Machine", agency, frozenset(roles))
    return {"Authorization": f"Bearer {token.token}"}


@pytest.fixture
def survey() -> dict[str, str]:
    return machine("register", "registrar")


@pytest.fixture
def mara() -> Person:
    (person,) = register(entry(identifier="70010100000"))
    return person


def get(client: Client, headers: dict[str, str], path: str, **query: Any) -> Any:
    return client.get(f"/api/consent/{path}", query, headers=headers)


def post(client: Client, headers: dict[str, str], path: str, body: Any = None, method: str = "post") -> Any:
    send = getattr(client, method)
    return send(f"/api/consent/{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


def last(person: Person) -> dict[str, Any]:
    return json.loads(bytes(Record.objects.filter(chain=person.chain).latest("n").body))


def ask(client: Client, headers: dict[str, str], who: str, agreement: str = AGREEMENT) -> Any:
    return post(client, headers, f"service/individual/record/data-agreement/{agreement}/?individualId={who}")


@pytest.mark.usefixtures("in_a_federation")
def test_a_consent_is_asked_for_given_by_the_person_verified_and_withdrawn(
    client: Client, survey: dict[str, str], mara: Person
) -> None:
    who = {"individual": {"externalId": "70010100000", "externalIdType": "national"}}
    individual = post(client, survey, "service/individual/", who).json()["individual"]["id"]
    assert last(mara)["action"] == "policy.individual.find"

    asked = ask(client, survey, individual).json()["consentRecord"]
    assert (asked["state"], asked["optIn"], asked["id"]) == ("unsigned", False, "")
    assert last(mara)["action"] == "policy.consent.request"
    record = f"service/individual/record/data-agreement/{AGREEMENT}/"
    assert get(client, survey, record, individualId=individual).status_code == 404

    consent = service.give_consent(resident(mara), mara, SURVEY, "register")
    found = get(client, survey, record, individualId=individual).json()
    assert found["consentRecord"]["id"] == consent
    assert (found["consentRecord"]["state"], found["consentRecord"]["optIn"]) == ("signed", True)
    assert found["consentRecord"]["dataAgreement"]["lawfulBasis"] == "consent"
    assert last(mara)["action"] == "policy.consent.verify"
    assert ask(client, survey, individual).json()["consentRecord"]["id"] == consent, "it stands, so nobody is asked"

    service.withdraw_consent(resident(mara), mara, consent)
    verified = get(client, survey, f"service/verification/consent-record/{consent}/").json()["consentRecord"]
    assert verified["optIn"] is False
    told = [(event.type, event.agency, event.data) for event in Event.objects.filter(person_id=mara.id).order_by("id")]
    data = {"consent": consent, "purpose": "survey.invitation"}
    assert told[-2:] == [("policy.consent.given", "register", data), ("policy.consent.withdrawn", "register", data)]


def test_the_wording_is_kept_and_its_hash_covers_it(client: Client, survey: dict[str, str], mara: Person) -> None:
    consent = service.give_consent(resident(mara), mara, SURVEY, "register")
    found = get(client, survey, f"service/verification/consent-record/{consent}/").json()
    revision = found["revision"]
    assert sha256(revision["serializedSnapshot"].encode()).hexdigest() == revision["serializedHash"]
    assert found["consentRecord"]["dataAgreementRevisionHash"] == revision["serializedHash"]
    said = json.loads(revision["serializedSnapshot"])["objectData"]["purpose"]
    assert said == "To invite you to a survey that you agreed to"


def test_nobody_is_asked_twice_in_a_month(client: Client, survey: dict[str, str], mara: Person) -> None:
    from commonweal.core.cases.models import Notice

    individual = people.pairwise(mara, "register")
    assert [ask(client, survey, individual).status_code for _ in range(3)] == [200] * 3
    assert Notice.objects.filter(person_id=mara.id).count() == 1


def test_a_machine_cannot_decide_for_a_person_and_the_person_sees_that_it_tried(
    client: Client, survey: dict[str, str], mara: Person
) -> None:
    consent = service.give_consent(resident(mara), mara, SURVEY, "register")
    path = f"service/individual/record/consent-record/{consent}/"
    for opt_in, action in ((False, "policy.consent.withdraw"), (True, "policy.consent.give")):
        refused = post(client, survey, path, {"consentRecord": {"optIn": opt_in}}, "put")
        assert refused.status_code == 403
        assert (last(mara)["action"], last(mara)["decision"]) == (action, "refused")
    found = get(client, survey, f"service/verification/consent-record/{consent}/").json()
    assert found["consentRecord"]["optIn"] is True


def test_other_agencies_learn_nothing(client: Client, mara: Person) -> None:
    consent = service.give_consent(resident(mara), mara, SURVEY, "register")
    tax = machine("tax", "tax-officer")
    who = {"individual": {"externalId": "70010100000", "externalIdType": "national"}}
    assert post(client, tax, "service/individual/", who).status_code == 403
    for path in ("service/verification/consent-records/", f"service/verification/consent-record/{consent}/",
                 f"audit/consent-record/{consent}/", "audit/consent-records/"):  # fmt: skip
        assert get(client, tax, path).status_code == 403, path
    individual = people.pairwise(mara, "tax")
    assert ask(client, tax, individual).status_code == 403
    assert get(client, {}, "service/verification/consent-records/").status_code == 401


def test_an_auditor_sees_every_consent_and_everyone_learns_of_it(client: Client, mara: Person) -> None:
    consent = service.give_consent(resident(mara), mara, SURVEY, "register")
    auditor = machine("oversight", "auditor")
    (record,) = get(client, auditor, "audit/consent-records/").json()["consentRecords"]
    assert record["id"] == consent
    assert last(mara)["action"] == "policy.consent.audit"
    assert get(client, auditor, f"audit/consent-record/{consent}/").json()["consentRecord"]["id"] == consent


def test_what_is_declared_elsewhere_can_be_read_and_not_written(client: Client, survey: dict[str, str]) -> None:
    agreement = get(client, survey, f"config/data-agreement/{AGREEMENT}/").json()
    assert agreement["dataAgreement"]["controller"]["id"] == "register"
    policy = get(client, survey, "config/policy/1/").json()
    assert policy["policy"]["url"].endswith(policy["policy"]["version"])
    for unknown in ("config/data-agreement/invalid_id/", "config/policy/2/"):
        assert get(client, survey, unknown).status_code == 400
    refused = post(client, survey, "config/data-agreement/", agreement)
    assert refused.status_code == 403
    assert refused.json()["remedy"]
    assert post(client, survey, f"config/data-agreement/{AGREEMENT}/", method="delete").status_code == 403


def test_every_operation_and_shape_of_the_standard_is_there(client: Client, test_data: Path) -> None:
    path = test_data / "govstack/consent/api/consent-openapi.yaml"
    if not path.is_file():
        pytest.skip(f"no {path}")
    theirs = yaml.safe_load(path.read_text())
    ours = client.get("/api/consent/openapi.json").json()
    operations = {(path, method) for path, found in theirs["paths"].items() for method in found}
    prefix = "/api/consent"
    mine = {(path.removeprefix(prefix), method) for path, found in ours["paths"].items() for method in found}
    assert operations == mine
    assert len(operations) == 42
    for path, method in operations:
        expected = {one["name"] for one in theirs["paths"][path][method].get("parameters", [])}
        assert expected <= {one["name"] for one in ours["paths"][prefix + path][method]["parameters"]}, (path, method)
        assert theirs["paths"][path][method]["operationId"] == ours["paths"][prefix + path][method]["operationId"]
    described, standard = ours["components"]["schemas"], theirs["components"]["schemas"]
    for name in ("Individual", "Policy", "Revision", "ConsentRecord", "Signature", "Webhook", "DataAgreement"):
        assert set(standard[name]["required"]) <= set(described[name]["required"]), name
        assert set(described[name]["properties"]) <= set(standard[name]["properties"]), name
