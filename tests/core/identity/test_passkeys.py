"""What a passkey's answer must show, over HTTP, with an authenticator that misbehaves on purpose."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commonweal.core.identity import models, service
from commonweal.core.identity.actors import Person
from tests.core.identity.soft_passkey import SoftPasskey, browser, challenge, is_signed_in, send, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def sign_up(client: Client, code_in: Any, passkey: SoftPasskey, **twist: Any) -> Any:
    client.post("/account/sign-up/", {"email": "ada@example.org"})
    assert client.post("/account/code/", {"code": code_in()}).headers["Location"] == "/account/sign-up/passkey/"
    options = client.get("/account/sign-up/passkey/").context["js_data"]["creation_options"]
    credential = passkey.register(json.loads(json.dumps(dict(options), default=dict)), **twist)
    return client.post("/account/sign-up/passkey/", {"name": "Phone", "credential": json.dumps(credential)})


@pytest.fixture
def passkey(code_in: Any) -> SoftPasskey:
    """A passkey of a new account that is connected to a person, signed out."""
    made = SoftPasskey()
    client = browser()
    assert sign_up(client, code_in, made).status_code == 302
    client.post("/account/sign-out/")
    models.Account.objects.update(person_id=service.create_person().id)
    return made


@pytest.fixture
def owner(passkey: SoftPasskey) -> Person:
    person = models.Account.objects.get().person
    assert person is not None
    return person.value()


def test_signs_in_with_assurance_two(passkey: SoftPasskey, owner: Person, evidence: Any) -> None:
    client = browser()
    assert sign_in(client, passkey).headers["Location"] == "/begin/"
    assert is_signed_in(client)
    entry = evidence(owner, "identity.sign-in")[0]
    assert entry["actor"]["kind"] == "resident"
    assert entry["actor"]["assurance"] == 2
    assert entry["decision"] == "permitted"


@pytest.mark.parametrize(
    ("twist", "reason"),
    [
        ({"verified": False}, "no user verification"),
        ({"origin": "http://evil.example"}, "other origin"),
        ({"origin": "http://sub.localhost"}, "other origin"),
        ({"origin": "https://localhost"}, "other origin"),
        ({"cross_origin": True}, "cross-origin frame"),
        ({"other_challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "unknown or used challenge"),
        ({"counter": 0}, "counter did not grow"),
        ({"counter": 1}, "counter did not grow"),
        ({"forged": True}, "wrong signature or unknown passkey"),
    ],
)
def test_each_fault_is_refused_logged_and_shown_to_the_owner(
    passkey: SoftPasskey, owner: Person, evidence: Any, caplog: Any, *, twist: dict[str, Any], reason: str
) -> None:
    client = browser()
    with caplog.at_level(logging.WARNING, "commonweal.security"):
        response = sign_in(client, passkey, **twist)
    assert response.headers["Location"] == "/account/sign-in/"
    assert not is_signed_in(client)
    assert [record.fields["reason"] for record in caplog.records if record.name == "commonweal.security"] == [reason]
    failed = evidence(owner, "identity.sign-in.failed")
    assert [entry["object"] for entry in failed] == [f"passkey: {reason}"]
    assert failed[0]["automatic"]


def test_an_answer_serves_once(passkey: SoftPasskey) -> None:
    client = browser()
    credential = passkey.answer(challenge(client))
    assert send(client, credential).headers["Location"] == "/begin/"
    client.post("/account/sign-out/")
    send(client, credential)
    assert not is_signed_in(client)
    other = browser()
    challenge(other)
    send(other, credential)
    assert not is_signed_in(other)


def test_a_failed_answer_uses_the_challenge_up(passkey: SoftPasskey) -> None:
    client = browser()
    options = challenge(client)
    send(client, passkey.answer(options, forged=True))
    send(client, passkey.answer(options))
    assert not is_signed_in(client)


def test_authenticators_without_a_counter_stay_usable(passkey: SoftPasskey) -> None:
    row = Authenticator.objects.get()
    row.data["counter"] = 0
    row.save()
    for _ in range(2):
        client = browser()
        sign_in(client, passkey, counter=0)
        assert is_signed_in(client)


@pytest.mark.parametrize("twist", [{"verified": False}, {"cross_origin": True}, {"origin": "http://evil.example"}])
def test_a_passkey_is_not_made_under_these_conditions(code_in: Any, twist: dict[str, Any]) -> None:
    client = browser()
    assert sign_up(client, code_in, SoftPasskey(), **twist).status_code == 200
    assert not Authenticator.objects.exists()
    assert not is_signed_in(client)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {
        "id": JSON, "rawId": JSON, "type": st.just("public-key") | JSON,
        "response": st.dictionaries(
            st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]), JSON, max_size=4
        ),
    }
)  # fmt: skip


@given(credential=JSON | FIELDS)
@example(credential={"id": 10**15, "rawId": 10**15, "type": "public-key", "response": {"signature": 10**15}})
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nonsense_is_refused_without_a_crash(credential: Any) -> None:
    cache.clear()
    client = browser()
    challenge(client)
    assert send(client, credential).status_code == 302
    assert not is_signed_in(client)


def test_passkeys_are_added_and_removed_with_evidence_and_notice(
    passkey: SoftPasskey, owner: Person, evidence: Any, mailoutbox: list[Any]
) -> None:
    client = browser()
    sign_in(client, passkey)
    second = SoftPasskey()
    options = client.get("/account/passkeys/add/").context["js_data"]["creation_options"]
    assert options["publicKey"]["authenticatorSelection"]["userVerification"] == "required"
    credential = second.register(json.loads(json.dumps(dict(options), default=dict)))
    added = client.post("/account/passkeys/add/", {"name": "Key", "credential": json.dumps(credential)})
    assert added.headers["Location"] == "/account/recovery-codes/"
    assert "added" in mailoutbox[-1].body
    first = Authenticator.objects.filter(type="webauthn").earliest("pk")
    assert client.post(f"/account/passkeys/{first.pk}/remove/").status_code == 302
    assert "removed" in mailoutbox[-1].body
    actions = [entry["action"] for entry in evidence(owner)]
    assert actions == ["identity.sign-in", "identity.method.add", "identity.method.remove"]
    assert not is_signed_in(browser())
    client.post("/account/sign-out/")
    sign_in(client, passkey)
    assert not is_signed_in(client)
    sign_in(client, second)
    assert is_signed_in(client)
