"""Sessions, forged forms, redirects and parameters, tried as an attacker would (ASVS V2, V3, V6, V7, V15, V16)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from commonweal.core.cases.models import ChosenChannel
from commonweal.core.identity import service
from commonweal.core.identity.actors import Person
from commonweal.core.identity.models import Account, SignIn
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.core.portal import service as portal
from commonweal.core.portal.guards import guard_of
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING
from tests import town
from tests.walk.addresses import addresses
from tests.walk.cast import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
COOKIE = settings.SESSION_COOKIE_NAME
SIGNED_BY_OTHERS = ("witness/", "exchange/")
"""Addresses that other nodes post to: a signature or a proof is what counts there."""
NOBODYS = "assistant/frame/"
"""In no one's name, whoever is signed in (tests/services/assistant/test_frame.py)."""


@pytest.fixture(autouse=True)
def node_chain(transactional_db: None) -> None:
    open_chain(NODE_CHAIN, NODE_LABEL)
    cache.clear()


@pytest.fixture
def mara() -> Person:
    (person,) = town.register(town.entry())
    return person


@pytest.fixture
def at_home(mara: Person) -> Client:
    return sign_in(service.create_account("mara@example.org", "Mara", person=mara))


def with_session(key: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = key
    return client


def opens(client: Client) -> bool:
    return client.get("/your-data/").status_code == 200


def test_a_session_is_long_random_and_kept_here(at_home: Client, mara: Person) -> None:
    key = at_home.cookies[COOKIE].value
    assert len(key) >= 26, "36 letters and digits: at least 128 bits"
    keys = {Client().get("/account/sign-in/").cookies.get(COOKIE) for _ in range(3)}
    assert key not in keys
    assert opens(with_session(key))
    assert not opens(with_session("a" * len(key)))


def test_a_session_that_somebody_planted_is_not_taken_up(mara: Person) -> None:
    planted = "plantedplantedplantedplanted1234"
    account = service.create_account("mara@example.org", "Mara", person=mara)
    service.offer_demo_sign_in(account.id, "for tests")
    client = with_session(planted)
    client.post("/sign-in/demo/", {"account": str(account.id)})
    assert opens(client)
    assert client.cookies[COOKIE].value != planted
    assert not opens(with_session(planted))


def test_a_session_is_over_after_signing_out_whoever_kept_it(at_home: Client) -> None:
    key = at_home.cookies[COOKIE].value
    assert opens(with_session(key))
    at_home.post("/account/sign-out/")
    assert not opens(with_session(key))


def test_signing_out_clears_what_the_browser_kept(at_home: Client) -> None:
    assert '"cache"' in at_home.post("/account/sign-out/")["Clear-Site-Data"]


def test_sessions_of_a_closed_account_end(at_home: Client) -> None:
    assert opens(at_home)
    Account.objects.filter(email="mara@example.org").update(is_active=False)
    assert not opens(at_home)


def test_a_session_whose_row_was_ended_ends(at_home: Client) -> None:
    SignIn.objects.all().delete()
    assert not opens(at_home)


@pytest.mark.parametrize("address", ["/your-data/", "/account/", "/inbox/", "/registry/mine/", "/nothing-here/"])
def test_each_page_of_somebody_signed_in_offers_to_sign_out(at_home: Client, address: str) -> None:
    assert "/account/sign-out/" in at_home.get(address).content.decode()


def test_a_mailed_code_is_over_after_ten_minutes(
    mara: Person, mailoutbox: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    assert settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT <= 600
    service.create_account("mara@example.org", "Mara", person=mara)
    client, now = Client(), time.time()
    client.post("/account/sign-in/", {"email": "mara@example.org"})
    code = next(line for line in mailoutbox[-1].body.split() if line.isupper() and len(line) >= 6)  # type: ignore[attr-defined]
    monkeypatch.setattr(time, "time", lambda: now + 601)
    client.post("/account/sign-in/code/", {"code": code})
    monkeypatch.undo()
    assert not opens(client)


@pytest.mark.parametrize("address", ["/account/sign-in/", "/account/sign-up/", "/account/recovery/"])
def test_nobody_is_asked_for_a_password_or_a_secret_question(address: str) -> None:
    page = Client().get(address).content.decode().lower()
    assert 'type="password"' not in page
    assert "maiden" not in page
    assert "secret question" not in page


def test_no_account_is_there_before_anybody_signed_up() -> None:
    assert not Account.objects.exists()
    assert not hasattr(Account, "is_superuser")


def test_nothing_begins_a_session_without_a_form(mara: Person) -> None:
    account = service.create_account("mara@example.org", "Mara", person=mara)
    service.offer_demo_sign_in(account.id, "for tests")
    client = Client()
    for address in ("/", "/your-data/", "/account/sign-in/", f"/sign-in/demo/?account={account.id}"):
        client.get(address)
    assert not opens(client)
    assert not SignIn.objects.exists()


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(mara: Person, there: str) -> None:
    account = service.create_account("mara@example.org", "Mara", person=mara)
    service.offer_demo_sign_in(account.id, "for tests")
    client = Client()
    answer = client.post(f"/sign-in/demo/?next={there}", {"account": str(account.id), "next": there})
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert answer["Location"].startswith("/")
    for page in ("/account/sign-in/", "/account/sign-up/"):
        shown = client.get(page, {"next": there}).content.decode()
        assert f'href="{there}' not in shown
        assert f'action="{there}' not in shown


def test_every_form_needs_its_token_and_machines_need_theirs() -> None:
    """Whatever skips the token of forms takes a machine's token, or another node's signature, or acts for nobody."""
    skipping = [found for found in addresses() if getattr(found.view, "csrf_exempt", False)]
    for found in skipping:
        guard = guard_of(found.view)
        assert guard is not None
        described = re.fullmatch(r"api/\w+/(openapi\.json)?", found.route)
        nobodys = found.route.startswith(NOBODYS)
        assert guard.machines or described or nobodys or found.route.startswith(SIGNED_BY_OTHERS), found.route
    assert len(skipping) >= 3


@pytest.mark.parametrize(
    "address", ["/account/sign-out/", "/inbox/channel/", "/registry/mine/correct/", "/account/sessions/"]
)
def test_a_form_without_its_token_changes_nothing(at_home: Client, address: str) -> None:
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = at_home.cookies
    answer = forged.post(address, {"name": "sms", "address": "1"}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert opens(at_home)
    assert not ChosenChannel.objects.exists()


def test_a_parameter_counts_only_where_it_belongs(mara: Person) -> None:
    """What a form asks for is not taken from the address, and of two the last counts, as everywhere in Django."""
    account = service.create_account("mara@example.org", "Mara", person=mara)
    service.offer_demo_sign_in(account.id, "for tests")
    client = Client()
    client.post(f"/sign-in/demo/?account={account.id}")
    assert not opens(client)
    client.post("/sign-in/demo/", {"account": [str(account.id), "nobody"]})
    assert not opens(client)


def test_no_field_that_a_form_does_not_have_is_written(at_home: Client, mara: Person) -> None:
    (other,) = town.register(town.entry(given="Ola"))
    more = {"person_id": str(other.id), "person": str(other.id), "is_active": "", "email": "x@example.org"}
    at_home.post("/inbox/channel/", {"name": "sms", "address": "0123", "language": "fr", "key": "k"} | more)
    assert list(ChosenChannel.objects.values_list("person_id", flat=True)) == [mara.id]
    assert Account.objects.get().email == "mara@example.org"


INJECTIONS = ["' OR '1'='1", "%' OR 1=1 --", "Okafor'; DROP TABLE registry_entry; --", "{{7*7}}${7*7}", "Ok%", "Okafo_"]


@pytest.mark.parametrize("words", INJECTIONS)
def test_words_that_look_like_commands_find_nobody(mara: Person, words: str) -> None:
    assert registry.search(town.REGISTRAR, words, KEEPING) in ([], ())
    assert len(registry.search(town.REGISTRAR, "Okafor", KEEPING)) == 1


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ settings.SECRET_KEY }}{% debug %}"]
)
def test_words_that_look_like_markup_are_shown_as_words(at_home: Client, mara: Person, words: str) -> None:
    registry.ask_correction(town.resident(mara), mara, "birth_place", words, words)
    page = at_home.get("/inbox/").content.decode() + at_home.get("/registry/mine/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert settings.SECRET_KEY not in page


@pytest.mark.parametrize(
    "name", ["../keys/django", "..%2Fkeys%2Fdjango", "/etc/passwd", "tile/../../node.toml", "x" * 5_000]
)
def test_no_path_leads_out_of_the_public_log(name: str) -> None:
    (settings.COMMONWEAL.home / "log").mkdir(exist_ok=True)
    answer = Client(raise_request_exception=False).get(f"/log/{name}")
    assert answer.status_code == 404


def test_a_fault_tells_the_visitor_nothing(at_home: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise KeyError("SECRET in postgresql://owner:word@db")

    monkeypatch.setattr(portal, "use_of", fail)
    at_home.raise_request_exception = False
    answer = at_home.get("/your-data/uses/1/")
    assert answer.status_code == 500
    told = answer.content.decode()
    assert not [word for word in ("SECRET", "Traceback", "KeyError", "postgresql", ".py") if word in told]


def test_what_is_too_large_is_not_read(at_home: Client) -> None:
    at_home.raise_request_exception = False
    assert at_home.post("/inbox/channel/", {"address": "x" * 2_200_000}).status_code in (400, 413)
    assert at_home.post("/inbox/channel/", {f"f{n}": "" for n in range(400)}).status_code == 400
    assert not ChosenChannel.objects.exists()


def test_a_line_of_the_log_is_one_line_whatever_is_sent(at_home: Client) -> None:
    for file in settings.COMMONWEAL.logs.glob("security-*"):
        Path(file).unlink()
    Client().get("/api/registry/changes?x=%0A%7B%22forged%22:1%7D", headers={"Authorization": "Bearer a\\n{forged}"})
    (file,) = settings.COMMONWEAL.logs.glob("security-*")
    lines = file.read_text().splitlines()
    assert len(lines) == 1
    assert "forged" not in lines[0]
    assert '"time": "20' in lines[0]
    assert '+00:00"' in lines[0]


def test_no_address_holds_what_signs_somebody_in() -> None:
    """Recovery's cancelling link alone carries a token: it can only make an account safer."""
    tokens = [
        found.route for found in addresses() if any(word in found.route for word in ("token", "secret", "session"))
    ]
    assert [route for route in tokens if "<" in route] == ["account/recovery/<str:token>/"]
    assert reverse("identity_sessions") == "/account/sessions/"


def test_sessions_are_over_by_themselves(at_home: Client) -> None:
    from commonweal.core import clock

    with clock.pretend(clock.now() + timedelta(minutes=31)):
        assert not opens(at_home)
