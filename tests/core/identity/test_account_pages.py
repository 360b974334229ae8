"""The account's pages: they open in every language, ask for presence, and change nothing without evidence."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from commonweal.core.identity import models, service
from tests.core.identity.soft_passkey import browser, is_signed_in
from tests.core.identity.test_sign_in import actor_in, add_app, app_code

pytestmark = pytest.mark.django_db(transaction=True)
OPEN = ["/account/sign-in/", "/account/sign-up/", "/account/sign-up/by-mail/", "/account/recovery/", "/sign-in/demo/",
        "/account/inactive/"]  # fmt: skip
SIGNED_IN = ["/account/", "/account/address/", "/account/passkeys/add/", "/account/app/add/", "/account/app/remove/",
             "/account/recovery-codes/", "/account/recovery-codes/new/", "/account/recovery-codes/download/",
             "/account/sessions/", "/account/connect/", "/account/posts/", "/account/sign-out/",
             "/account/confirm/code/"]  # fmt: skip


@pytest.fixture
def strong(resident: Any, mail_sign_in: Any) -> Client:
    """Signed in with two factors."""
    add_app("ada@example.org")
    client = browser()
    mail_sign_in(client, "ada@example.org")
    client.post("/account/sign-in/second-step/", {"code": app_code()})
    return client


@pytest.fixture
def weak(resident: Any, mail_sign_in: Any) -> Client:
    """Signed in with a code by mail, some time ago."""
    client = browser()
    mail_sign_in(client, "ada@example.org")
    long_ago(client)
    return client


def long_ago(client: Client) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_every_page_opens(strong: Client, language: str) -> None:
    stranger = browser()
    for path in OPEN:
        assert stranger.get(path, {"lang": language}).status_code == 200, path
    for path in SIGNED_IN:
        expected = 302 if path == "/account/app/add/" else 200
        assert strong.get(path, {"lang": language}).status_code == expected, path
        assert browser().get(path).status_code in ((200, 302) if path == "/account/sign-out/" else (302,)), path


@pytest.mark.parametrize(
    "path", ["/account/passkeys/add/", "/account/app/add/", "/account/address/", "/account/recovery-codes/new/"]
)
def test_presence_is_asked_for(weak: Client, path: str, code_in: Any) -> None:
    asked = weak.get(path)
    assert asked.headers["Location"].startswith("/account/confirm/mail/?next=")
    weak.get(asked.headers["Location"])
    confirmed = weak.post(asked.headers["Location"], {"code": code_in()})
    assert confirmed.headers["Location"] == path
    assert actor_in(weak).fresh
    assert weak.get(path).status_code == 200


def test_presence_takes_the_strongest_that_there_is(strong: Client) -> None:
    long_ago(strong)
    assert strong.get("/account/passkeys/add/").headers["Location"].startswith("/account/confirm/code/")
    assert strong.get("/account/confirm/mail/").headers["Location"] == "/account/"


def test_a_mailed_code_serves_three_tries(weak: Client, code_in: Any) -> None:
    weak.get("/account/confirm/mail/")
    for _ in range(3):
        weak.post("/account/confirm/mail/", {"code": "WRONG1"})
    weak.post("/account/confirm/mail/", {"code": code_in()})
    assert not actor_in(weak).fresh


def test_an_app_is_added_and_removed(resident: Any, mail_sign_in: Any, evidence: Any, mailoutbox: list[Any]) -> None:
    client = browser()
    mail_sign_in(client, "ada@example.org")
    secret = client.get("/account/app/add/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post("/account/app/add/", {"code": code}).headers["Location"] == "/account/recovery-codes/"
    assert "added" in mailoutbox[-1].body
    assert client.post("/account/recovery-codes/new/").status_code == 302
    assert client.post("/account/app/remove/").headers["Location"] == "/account/"
    assert not Authenticator.objects.exists(), "recovery codes go with the last method"
    changes = [(entry["action"], entry["object"]) for entry in evidence(resident[1]) if "method" in entry["action"]]
    assert changes == [
        ("identity.method.add", "totp"), ("identity.method.add", "recovery-codes"), ("identity.method.remove", "totp"),
    ]  # fmt: skip


def test_an_address_is_changed_with_evidence_and_notice(
    resident: Any, mail_sign_in: Any, code_in: Any, evidence: Any, mailoutbox: list[Any]
) -> None:
    client = browser()
    mail_sign_in(client, "ada@example.org")
    client.post("/account/address/", {"action_add": "", "email": "new@example.org"})
    client.post("/account/code/", {"code": code_in()})
    assert {mail.to[0] for mail in mailoutbox[-2:]} == {"ada@example.org", "new@example.org"}
    client.post("/account/address/", {"action_primary": "", "email": "new@example.org"})
    client.post("/account/address/", {"action_remove": "", "email": "ada@example.org"})
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("new@example.org", True, True)]
    assert models.Account.objects.get().email == "new@example.org"
    assert {mail.to[0] for mail in mailoutbox[-2:]} == {"ada@example.org", "new@example.org"}
    assert len(evidence(resident[1], "identity.email.change")) == 3


def test_signing_up_by_mail_gives_assurance_one(code_in: Any) -> None:
    client = browser()
    client.post("/account/sign-up/by-mail/", {"email": "zoe@example.org"})
    client.post("/account/code/", {"code": code_in()})
    assert is_signed_in(client)
    assert (actor_in(client).assurance, actor_in(client).person) == (1, None)


def test_an_abandoned_sign_up_can_be_taken_up_again(mail_sign_in: Any, code_in: Any, mailoutbox: list[Any]) -> None:
    browser().post("/account/sign-up/", {"email": "zoe@example.org"})
    cache.clear()
    again = browser()
    again.post("/account/sign-up/", {"email": "zoe@example.org"})
    assert "Sign in here" in mailoutbox[-1].body
    client = browser()
    mail_sign_in(client, "zoe@example.org")
    assert is_signed_in(client)


@pytest.fixture
def boss(town: str, node: Any, mail_sign_in: Any) -> Client:
    """The town's administrator, just signed in with two factors."""
    account = service.create_account("boss@example.org", "Boss")
    service.appoint(node, account.id, town, "administrator")
    add_app("boss@example.org")
    client = browser()
    mail_sign_in(client, "boss@example.org")
    client.post("/account/sign-in/second-step/", {"code": app_code()})
    return client


def test_an_administrator_appoints_and_ends(boss: Client, resident: Any, evidence: Any) -> None:
    unknown = boss.post("/identity/staff/", {"email": "eve@example.org", "role": "registrar"})
    assert "create one first" in unknown.content.decode()
    boss.post("/identity/staff/", {"email": "ada@example.org", "role": "registrar"})
    post = service.posts_of(resident[0].id)[0]
    assert (post.agency, post.role) == ("town", "registrar")
    assert boss.post("/identity/staff/", {"end": "999"}).status_code == 404
    boss.post("/identity/staff/", {"end": post.id})
    assert service.posts_of(resident[0].id) == []
    assert [entry["actor"]["name"] for entry in evidence(resident[1]) if "post" in entry["action"]] == ["Boss", "Boss"]


def test_an_administrator_issues_and_revokes_secrets(boss: Client) -> None:
    page = boss.post("/identity/machines/", {"name": "Bridge", "role": "sensor-writer"}).content.decode()
    token = re.search(r"commonweal_[\w-]{43}", page)
    assert token
    assert service.actor_of_token(f"Bearer {token[0]}")
    assert token[0] not in boss.get("/identity/machines/").content.decode()
    boss.post("/identity/machines/", {"revoke": service.service_accounts("town")[0].id.hex})
    assert service.actor_of_token(f"Bearer {token[0]}") is None


def test_administrators_pages_are_for_administrators_who_are_present(boss: Client, weak: Client) -> None:
    for path in ("/identity/staff/", "/identity/machines/"):
        assert weak.get(path).status_code == 403
        assert browser().get(path).headers["Location"].startswith("/account/sign-in/")
        assert boss.get(path).status_code == 200
    long_ago(boss)
    assert boss.get("/identity/staff/").headers["Location"].startswith("/account/confirm/")
