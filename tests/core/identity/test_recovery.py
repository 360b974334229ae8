"""Losing every device, and connecting an account to a person: never an easier way in than the account's own."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from commonweal.core import clock
from commonweal.core.identity import models, service
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.identity.flows import recovery
from commonweal.core.refused import Refused
from tests.core.identity.soft_passkey import SoftPasskey, browser, is_signed_in, sign_in
from tests.core.identity.test_sign_in import actor_in, add_app

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = Actor("officer", "account:9", "Olga", "town", frozenset({"identity-officer"}), 2, True)


@pytest.fixture(autouse=True)
def office(town: str) -> None:
    """The agency that OFFICER works at."""


def make_new_passkey(client: Client) -> SoftPasskey:
    passkey = SoftPasskey()
    options = client.get("/account/sign-up/passkey/").context["js_data"]["creation_options"]
    credential = passkey.register(json.loads(json.dumps(dict(options), default=dict)))
    client.post("/account/sign-up/passkey/", {"name": "New", "credential": json.dumps(credential)})
    return passkey


def by_delay(client: Client) -> str:
    return str(client.post("/account/sign-in/recovery/", {"by_delay": "yes"}).headers["Location"])


def ask(email: str = "ada@example.org") -> str:
    page = browser().post("/account/recovery/", {"email": email})
    assert page.status_code == 200
    return str(re.sub(r'csrfmiddlewaretoken" value="[^"]+', "", page.content.decode()).replace(email, "ADDRESS"))


def cancel_link(mailoutbox: list[Any]) -> str:
    found = re.search(r"http://localhost:8000(/account/recovery/[\w-]+/)", mailoutbox[-1].body)
    assert found, mailoutbox[-1].body
    return found.group(1)


def test_recovery_opens_after_the_delay_and_ends_with_a_passkey(
    resident: Any, mail_sign_in: Any, evidence: Any, mailoutbox: list[Any]
) -> None:
    account = add_app("ada@example.org")
    ask()
    cancel_link(mailoutbox)
    early = browser()
    mail_sign_in(early, "ada@example.org")
    assert by_delay(early) == "/account/sign-in/recovery/"
    assert not is_signed_in(early)
    with clock.pretend(clock.now() + recovery.DELAY):
        client = browser()
        mail_sign_in(client, "ada@example.org")
        assert by_delay(client) == "/account/sign-up/passkey/"
        assert not is_signed_in(client), "a mail code and a delay do not open the account; only the new passkey does"
        assert Authenticator.objects.filter(user=account, type="totp").exists()
        passkey = make_new_passkey(client)
        assert is_signed_in(client)
        assert actor_in(client).assurance == 2
    assert [row.type for row in Authenticator.objects.filter(user=account)] == ["webauthn"]
    assert "new passkey" in mailoutbox[-1].body
    assert [entry["action"] for entry in evidence(resident[1]) if "recovery" in entry["action"]] == [
        "identity.recovery.ask", "identity.recovery.complete",
    ]  # fmt: skip
    again = browser()
    sign_in(again, passkey)
    assert is_signed_in(again)


def test_the_notice_can_cancel_it(resident: Any, mail_sign_in: Any, evidence: Any, mailoutbox: list[Any]) -> None:
    add_app("ada@example.org")
    ask()
    link = cancel_link(mailoutbox)
    owner = browser()
    assert "This was not me" in owner.get(link).content.decode()
    assert recovery.waiting(models.Account.objects.get()), "looking at the link cancels nothing"
    owner.post(link)
    assert owner.get(link).status_code == 404
    with clock.pretend(clock.now() + recovery.DELAY):
        thief = browser()
        mail_sign_in(thief, "ada@example.org")
        thief.post("/account/sign-in/recovery/", {"by_delay": "yes"})
        assert thief.get("/account/sign-up/passkey/").status_code == 302
    assert len(evidence(resident[1], "identity.recovery.cancel")) == 1


def test_cancelling_at_the_last_moment_still_counts(resident: Any, mail_sign_in: Any, mailoutbox: list[Any]) -> None:
    add_app("ada@example.org")
    ask()
    link = cancel_link(mailoutbox)
    with clock.pretend(clock.now() + recovery.DELAY):
        thief = browser()
        mail_sign_in(thief, "ada@example.org")
        thief.post("/account/sign-in/recovery/", {"by_delay": "yes"})
        browser().post(link)
        make_new_passkey(thief)
        assert not is_signed_in(thief)
    assert Authenticator.objects.filter(type="totp").exists()
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_using_a_device_cancels_it(resident: Any, mail_sign_in: Any) -> None:
    account = add_app("ada@example.org")
    ask()
    client = browser()
    mail_sign_in(client, "ada@example.org")
    code = Authenticator.objects.get(user=account, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post("/account/sign-in/second-step/", {"code": code})
    assert recovery.waiting(account) is None


def test_asking_looks_alike_for_known_unknown_and_officers(resident: Any, node: Actor, mailoutbox: list[Any]) -> None:
    add_app("ada@example.org")
    officer = service.create_account("olga@example.org", "Olga")
    add_app("olga@example.org")
    service.appoint(node, officer.id, "town", "registrar")
    pages = {ask(email) for email in ("ada@example.org", "olga@example.org", "eve@example.org")}
    assert len(pages) == 1
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"], ["olga@example.org"], ["eve@example.org"]]
    assert not models.RecoveryRequest.objects.filter(account_id=officer.id).exists()


def test_asking_is_throttled(resident: Any, mailoutbox: list[Any]) -> None:
    add_app("ada@example.org")
    for number in range(6):
        browser().post("/account/recovery/", {"email": "ada@example.org"}, HTTP_X_FORWARDED_FOR=f"10.1.1.{number}")
    assert len(mailoutbox) == 3


def test_a_code_given_in_person_recovers_at_once(resident: Any, mail_sign_in: Any, evidence: Any) -> None:
    person = resident[1]
    add_app("ada@example.org")
    letter = service.issue_activation_code(OFFICER, person, in_person=False)
    client = browser()
    mail_sign_in(client, "ada@example.org")
    client.post("/account/sign-in/recovery/", {"code": letter})
    assert client.get("/account/sign-up/passkey/").status_code == 302, "a letter is not an in-person check"
    code = service.issue_activation_code(OFFICER, person, in_person=True)
    client.post("/account/sign-in/recovery/", {"code": code})
    make_new_passkey(client)
    assert is_signed_in(client)
    assert evidence(person, "identity.recovery.complete")[0]["object"] == "in-person"


def test_somebody_elses_code_recovers_nothing(resident: Any, mail_sign_in: Any) -> None:
    add_app("ada@example.org")
    code = service.issue_activation_code(OFFICER, service.create_person(), in_person=True)
    client = browser()
    mail_sign_in(client, "ada@example.org")
    client.post("/account/sign-in/recovery/", {"code": code})
    assert client.get("/account/sign-up/passkey/").status_code == 302


def connect(client: Client, code: str) -> bool:
    return "is connected</h1>" in client.post("/account/connect/", {"code": code}).content.decode()


@pytest.fixture
def eve(mail_sign_in: Any) -> Client:
    """Signed in, with an account that is connected to nobody."""
    service.create_account("eve@example.org", "Eve")
    client = browser()
    mail_sign_in(client, "eve@example.org")
    return client


def test_a_code_connects_once(eve: Client, mail_sign_in: Any, evidence: Any, mailoutbox: list[Any]) -> None:
    person = service.create_person()
    code = service.issue_activation_code(OFFICER, person, in_person=False)
    stored = b"".join(bytes(row.code_hash) for row in models.ActivationCode.objects.all())
    assert code.replace("-", "").encode() not in stored
    assert connect(eve, f" {code.lower()} ")
    assert actor_in(eve).person == person
    assert "connected" in mailoutbox[-1].body
    assert [entry["action"] for entry in evidence(person)] == ["identity.activation.issue", "identity.account.connect"]
    service.create_account("zoe@example.org", "Zoe")
    zoe = browser()
    mail_sign_in(zoe, "zoe@example.org")
    assert not connect(zoe, code)


def test_codes_expire_after_thirty_days_and_a_new_one_voids_the_old(eve: Client, mail_sign_in: Any) -> None:
    person = service.create_person()
    old = service.issue_activation_code(OFFICER, person, in_person=False)
    new = service.issue_activation_code(OFFICER, person, in_person=False)
    assert not connect(eve, old)
    with clock.pretend(clock.now() + timedelta(days=30)):
        late = browser()
        mail_sign_in(late, "eve@example.org")
        assert not connect(late, new)
    assert connect(eve, new)


def test_only_an_in_person_code_replaces_an_account(
    resident: Any, mail_sign_in: Any, eve: Client, mailoutbox: list[Any]
) -> None:
    account, person = resident
    before = browser()
    mail_sign_in(before, "ada@example.org")
    assert not connect(eve, service.issue_activation_code(OFFICER, person, in_person=False))
    assert connect(eve, service.issue_activation_code(OFFICER, person, in_person=True))
    assert not is_signed_in(before)
    assert models.Account.objects.get(pk=account.id).person is None
    assert [mail.to for mail in mailoutbox[-2:]] == [["eve@example.org"], ["ada@example.org"]]


def test_guessing_is_throttled(eve: Client) -> None:
    person = service.create_person()
    for _ in range(5):
        assert not connect(eve, "0000000000")
    code = service.issue_activation_code(OFFICER, person, in_person=False)
    assert not connect(eve, code)


@pytest.mark.parametrize("who", ["clerk", "weak", "self", "resident"])
def test_who_may_issue_codes(who: str, resident: Any) -> None:
    person: Person = resident[1]
    actors = {
        "clerk": Actor("officer", "account:9", "Carl", "town", frozenset({"registrar"}), 2, True),
        "weak": Actor("officer", "account:9", "Olga", "town", frozenset({"identity-officer"}), 1, True),
        "self": Actor("officer", "account:9", "Ada", "town", frozenset({"identity-officer"}), 2, True, person=person),
        "resident": Actor("resident", "account:9", "Ada", assurance=2, fresh=True, person=person),
    }
    with pytest.raises(Refused):
        service.issue_activation_code(actors[who], person, in_person=True)
    assert not models.ActivationCode.objects.exists()


def test_an_officer_issues_a_code_on_the_page(resident: Any, mail_sign_in: Any, node: Actor) -> None:
    person = service.create_person()
    service.add_identifier(person, "national", "880214-123")
    officer = service.create_account("olga@example.org", "Olga")
    service.appoint(node, officer.id, "town", "identity-officer")
    add_app("olga@example.org")
    client = browser()
    mail_sign_in(client, "olga@example.org")
    code = Authenticator.objects.get(user_id=officer.id, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post("/account/sign-in/second-step/", {"code": code})
    page = client.post("/identity/codes/", {"scheme": "national", "value": "880214-123", "in_person": "on"})
    shown = re.search(r"<strong>(\w{5}-\w{5})</strong>", page.content.decode())
    assert shown, page.content.decode()
    unknown = client.post("/identity/codes/", {"scheme": "national", "value": "1"})
    assert "Nobody is registered" in unknown.content.decode()
    resident_client = browser()
    mail_sign_in(resident_client, "ada@example.org")
    assert resident_client.get("/identity/codes/").status_code == 403
