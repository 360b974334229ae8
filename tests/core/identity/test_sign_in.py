"""Codes by mail, second steps, enumeration, throttles, sessions, posts, tokens, the demo page."""

from __future__ import annotations

import dataclasses
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from commonweal import cli
from commonweal.core import clock
from commonweal.core.clock import NotADemo
from commonweal.core.identity import checks, models, service
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.refused import Refused
from tests.core.identity.soft_passkey import browser, is_signed_in

pytestmark = pytest.mark.django_db(transaction=True)
SEED = "JBSWY3DPEHPK3PXP"


def app_code() -> str:
    return format_hotp_value(hotp_value(SEED, int(time.time()) // 30))


def add_app(email: str) -> models.Account:
    account = models.Account.objects.get(email=email)
    TOTP.activate(account, SEED)
    RecoveryCodes.activate(account)
    return account


def actor_in(client: Client) -> Actor:
    request = RequestFactory().get("/")
    request.session = client.session
    request.user = models.Account.objects.get(pk=client.session["_auth_user_id"])
    return service.actor_of(request)


def test_a_mail_code_alone_gives_assurance_one(resident: Any, mail_sign_in: Any, evidence: Any) -> None:
    client = browser()
    assert mail_sign_in(client, "ada@example.org").headers["Location"] == "/begin/"
    actor = actor_in(client)
    assert (actor.kind, actor.assurance, actor.fresh, actor.person) == ("resident", 1, True, resident[1])
    assert actor.session != client.session.session_key
    assert evidence(resident[1], "identity.sign-in")[0]["actor"]["assurance"] == 1


def test_presence_is_fresh_for_five_minutes(resident: Any, mail_sign_in: Any) -> None:
    client = browser()
    mail_sign_in(client, "ada@example.org")
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 301
    session.save()
    assert not actor_in(client).fresh


@pytest.mark.parametrize("kind", ["totp", "recovery_codes"])
def test_with_a_second_factor_a_mail_code_alone_does_not_open(resident: Any, mail_sign_in: Any, kind: str) -> None:
    account = add_app("ada@example.org")
    client = browser()
    assert mail_sign_in(client, "ada@example.org").headers["Location"] == "/account/sign-in/second-step/"
    assert not is_signed_in(client)
    recovery = Authenticator.objects.get(user=account, type="recovery_codes").wrap().get_unused_codes()[0]
    client.post("/account/sign-in/second-step/", {"code": app_code() if kind == "totp" else recovery})
    assert is_signed_in(client)
    assert actor_in(client).assurance == 2


def test_seeds_of_apps_are_encrypted(resident: Any) -> None:
    account = add_app("ada@example.org")
    assert SEED not in str(Authenticator.objects.get(user=account, type="totp").data)


def test_failures_are_shown_to_the_owner(resident: Any, mail_sign_in: Any, evidence: Any) -> None:
    client = browser()
    client.post("/account/sign-in/", {"email": "ada@example.org"})
    client.post("/account/sign-in/code/", {"code": "WRONG1"})
    add_app("ada@example.org")
    mail_sign_in(client, "ada@example.org")
    client.post("/account/sign-in/second-step/", {"code": "000000"})
    reasons = [entry["object"] for entry in evidence(resident[1], "identity.sign-in.failed")]
    assert reasons == ["wrong code by e-mail", "wrong code: totp"]


def answers(email: str, path: str) -> list[tuple[int, str, str]]:
    """What somebody sees who asks for a code and then types a wrong one."""
    client, seen = browser(), []
    confirm = "/account/code/" if "sign-up" in path else "/account/sign-in/code/"
    for target, body in ((path, {"email": email}), (confirm, {"code": "WRONG1"}), (confirm, {"code": "WRONG2"})):
        response = client.post(target, body)
        text = response.content.decode().replace(email, "ADDRESS")
        seen.append((response.status_code, response.headers.get("Location", ""), _without_tokens(text)))
    return seen


def _without_tokens(text: str) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", text)


@pytest.mark.parametrize("path", ["/account/sign-in/", "/account/sign-up/", "/account/sign-up/by-mail/"])
def test_known_and_unknown_addresses_look_alike(resident: Any, mailoutbox: list[Any], path: str) -> None:
    assert answers("ada@example.org", path) == answers("eve@example.org", path)
    assert len(mailoutbox) == 2


def test_answers_take_alike_long(resident: Any) -> None:
    def seconds(email: str, body: str) -> float:
        client = browser()
        client.post("/account/sign-in/", {"email": email})
        began = time.monotonic()
        client.post("/account/sign-in/code/", {"code": body})
        return time.monotonic() - began

    known, unknown = seconds("ada@example.org", "WRONG1"), seconds("eve@example.org", "WRONG1")
    assert known >= 0.25
    assert unknown >= 0.25


def test_forged_addresses_do_not_evade_the_throttle(resident: Any) -> None:
    asked = []
    for number in range(40):
        client = browser()
        client.post("/account/sign-in/", {"email": "ada@example.org"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
        asked.append("account_login" in client.session)
    assert sum(asked) <= 3


def test_wrong_codes_of_an_app_are_throttled(resident: Any, mail_sign_in: Any) -> None:
    add_app("ada@example.org")
    client = browser()
    mail_sign_in(client, "ada@example.org")
    for _ in range(6):
        client.post("/account/sign-in/second-step/", {"code": "000000"})
    client.post("/account/sign-in/second-step/", {"code": app_code()})
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "name", ["account_reset_password", "account_change_password", "account_set_password", "account_reauthenticate"]
)
def test_pages_about_passwords_do_not_exist(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_the_session_id_changes_at_sign_in_and_get_does_not_sign_out(resident: Any, mail_sign_in: Any) -> None:
    client = browser()
    client.post("/account/sign-in/", {"email": "ada@example.org"})
    before = client.session.session_key
    mail_sign_in(client, "ada@example.org")
    assert client.session.session_key != before
    client.get("/account/sign-out/")
    assert is_signed_in(client)
    client.post("/account/sign-out/")
    assert not is_signed_in(client)
    assert not models.SignIn.objects.exists()


@pytest.mark.parametrize(
    ("officer", "minutes", "lives"), [(False, 29, True), (False, 30, False), (True, 14, True), (True, 15, False)]
)
def test_idle_sessions_end(
    resident: Any, mail_sign_in: Any, town: str, node: Actor, *, officer: bool, minutes: int, lives: bool
) -> None:
    if officer:
        service.appoint(node, resident[0].id, town, "registrar")
    client = browser()
    mail_sign_in(client, "ada@example.org")
    with clock.pretend(clock.now() + timedelta(minutes=minutes)):
        assert is_signed_in(client) == lives


def test_no_session_lasts_longer_than_twelve_hours(resident: Any, mail_sign_in: Any) -> None:
    client = browser()
    mail_sign_in(client, "ada@example.org")
    began = clock.now()
    for minutes in range(20, 721, 20):
        with clock.pretend(began + timedelta(minutes=minutes)):
            assert is_signed_in(client) == (minutes < 720)


def test_other_sessions_can_be_ended(resident: Any, mail_sign_in: Any, evidence: Any) -> None:
    here, there, elsewhere = browser(), browser(), browser()
    for client in (here, there, elsewhere):
        mail_sign_in(client, "ada@example.org")
    page = here.get("/account/sessions/").content.decode()
    assert page.count("Firefox · Linux") >= 3
    here.post("/account/sessions/", {"session": there.session["sign_in"]})
    assert [is_signed_in(client) for client in (here, there, elsewhere)] == [True, False, True]
    here.post("/account/sessions/")
    assert [is_signed_in(client) for client in (here, elsewhere)] == [True, False]
    assert len(evidence(resident[1], "identity.session.end")) == 2


def test_the_operator_ends_all_sessions_of_an_account(resident: Any, mail_sign_in: Any, evidence: Any) -> None:
    service.create_account("eve@example.org", "Eve")
    ada, again, eve = browser(), browser(), browser()
    for client, address in ((ada, "ada@example.org"), (again, "ada@example.org"), (eve, "eve@example.org")):
        mail_sign_in(client, address)
    assert cli.main(["sign-out", "ada@example.org"]) == 0
    assert [is_signed_in(client) for client in (ada, again, eve)] == [False, False, True]
    assert evidence(resident[1], "identity.session.end")[-1]["rules"] == ["identity.operator-signs-out"]
    assert cli.main(["sign-out", "--everybody"]) == 0
    assert not is_signed_in(eve)
    assert cli.main(["sign-out", "nobody@example.org"]) == 2


def test_nobody_ends_a_session_of_somebody_else(resident: Any, mail_sign_in: Any) -> None:
    service.create_account("eve@example.org", "Eve")
    ada, eve = browser(), browser()
    mail_sign_in(ada, "ada@example.org")
    mail_sign_in(eve, "eve@example.org")
    eve.post("/account/sessions/", {"session": ada.session["sign_in"]})
    assert is_signed_in(ada)


def test_an_only_post_is_chosen_by_itself_and_of_two_one_is_chosen(
    resident: Any, mail_sign_in: Any, town: str, node: Actor, evidence: Any
) -> None:
    service.register_agency("tax", {"en": "Tax office"}, roles=["tax-officer"])
    registrar = service.appoint(node, resident[0].id, town, "registrar")
    client = browser()
    mail_sign_in(client, "ada@example.org")
    assert (actor_in(client).kind, actor_in(client).agency, actor_in(client).roles) == ("officer", town, {"registrar"})
    clerk = service.appoint(node, resident[0].id, "tax", "tax-officer")
    assert actor_in(client).kind == "resident"
    client.post("/account/posts/", {"post": clerk.id})
    assert actor_in(client).agency == "tax"
    client.post("/account/posts/", {"post": "myself"})
    assert actor_in(client).kind == "resident"
    client.post("/account/posts/", {"post": registrar.id})
    service.end_post(node, registrar)
    assert actor_in(client).kind == "resident"
    assert [entry["action"] for entry in evidence(resident[1]) if "post" in entry["action"]] == [
        "identity.post.appoint", "identity.post.appoint", "identity.post.end",
    ]  # fmt: skip
    assert client.post("/account/posts/", {"post": "999"}).status_code == 404


def administrator(agency: str, person: Person | None = None, **changes: Any) -> Actor:
    values: dict[str, Any] = {"assurance": 2, "fresh": True, "roles": frozenset({"administrator"})}
    return Actor("officer", "account:1", "Root", agency, person=person, **(values | changes))


def test_administrators_appoint_in_their_own_agency_only(resident: Any, town: str, node: Actor) -> None:
    account, person = resident
    service.appoint(administrator(town), account.id, town, "registrar")
    for actor in (
        administrator("tax"), administrator(town, assurance=1), administrator(town, fresh=False),
        administrator(town, roles=frozenset({"registrar"})), administrator(town, person=person),
    ):  # fmt: skip
        with pytest.raises(Refused):
            service.appoint(actor, account.id, town, "auditor")
    assert [post.role for post in service.posts_of(account.id)] == ["registrar"]


def test_tokens_act_for_their_agency_until_revoked(town: str, evidence: Any) -> None:
    issued = service.issue_token(administrator(town), "Sensor bridge", town, frozenset({"sensor-writer"}))
    actor = service.actor_of_token(f"Bearer {issued.token}")
    assert actor is not None
    assert (actor.kind, actor.agency, actor.roles, actor.automatic) == ("service", town, {"sensor-writer"}, True)
    assert issued.token not in repr(issued)
    assert issued.token.encode() not in b"".join(bytes(row.token_hash) for row in models.ServiceAccount.objects.all())
    for header in ("", "Bearer", f"Basic {issued.token}", f"Bearer {issued.token}x", "Bearer commonweal_", "Bearer é"):
        assert service.actor_of_token(header) is None
    with pytest.raises(Refused):
        service.revoke_token(administrator("tax"), issued)
    service.revoke_token(administrator(town), issued)
    assert service.actor_of_token(f"Bearer {issued.token}") is None
    assert [entry["action"] for entry in evidence() if "token" in entry["action"]] == [
        "identity.token.issue", "identity.token.revoke", "identity.token.revoke",
    ]  # fmt: skip


def test_demo_sign_in_is_marked_in_page_and_evidence(resident: Any, evidence: Any) -> None:
    account, person = resident
    service.offer_demo_sign_in(account.id, "A resident")
    client = browser()
    assert "demos only" in client.get("/sign-in/demo/").content.decode()
    client.post("/sign-in/demo/", {"account": str(account.id)})
    assert actor_in(client).assurance == 2
    assert evidence(person, "identity.demo-sign-in")[0]["actor"]["name"] == "Ada"
    assert not evidence(person, "identity.sign-in")


def test_demo_sign_in_offers_only_whom_it_lists(resident: Any) -> None:
    client = browser()
    for account in (str(resident[0].id), "nonsense", ""):
        client.post("/sign-in/demo/", {"account": account})
        assert not is_signed_in(client)


def test_demo_sign_in_does_not_exist_elsewhere(resident: Any, settings: Any) -> None:
    service.offer_demo_sign_in(resident[0].id, "A resident")
    client = browser()
    client.post("/sign-in/demo/", {"account": str(resident[0].id)})
    assert is_signed_in(client)
    assert not checks.no_demo_sign_in_elsewhere(databases=["default"])
    settings.COMMONWEAL = dataclasses.replace(settings.COMMONWEAL, demo=False, origin="testford.example/log")
    assert not is_signed_in(client), "a demo session must not survive on a real node"
    fresh = browser()
    assert fresh.get("/sign-in/demo/").status_code == 404
    assert fresh.post("/sign-in/demo/", {"account": str(resident[0].id)}).status_code == 404
    assert [error.id for error in checks.no_demo_sign_in_elsewhere(databases=["default"])] == ["identity.E001"]
    with pytest.raises(NotADemo):
        service.offer_demo_sign_in(resident[0].id, "Again")
    with pytest.raises(NotADemo):
        service.create_account("ben@example.org", "Ben", person=service.create_person())


def test_the_settings_that_sign_in_depends_on_are_strict(settings: Any) -> None:
    assert checks.strict_settings() == []
    settings.MFA_WEBAUTHN_USER_VERIFICATION = "preferred"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert [error.id for error in checks.strict_settings()] == ["identity.E002", "identity.E003"]
