"""What hostile guests tried: keys used twice, numbers too large, forged forms, secrets in addresses."""

from __future__ import annotations

import base64
import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from prometheus_client import REGISTRY

from commonweal.config.logs import JsonLines
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import Channel
from commonweal.core.cases.worklist import Narrowing
from commonweal.core.identity import accounts, service
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.core.portal import service as portal
from commonweal.services.registry import service as registry
from commonweal.services.registry.values import Address
from tests import town
from tests.core.cases import errand
from tests.core.cases.errand import officer
from tests.walk.cast import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
ADA, OLU = officer("Ada"), officer("Olu")
TAXER = town.officer("tax-officer", "tax", "Tim Tax")


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
    """Mara, signed in."""
    client = sign_in(service.create_account("mara@example.org", "Mara", person=mara))
    client.raise_request_exception = False
    return client


@pytest.fixture
def machine() -> dict[str, str]:
    accounts.register_agency("benefits", {"en": "Benefits Office"}, roles=["benefit-officer"])
    token = service.issue_token(the_node("set-up"), "Claims", "benefits", frozenset({"benefit-officer"}))
    return {"Authorization": f"Bearer {token.token}"}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Every line of the log, as the node writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def whole_database() -> dict[str, list[Any]]:
    """Every row of every table."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


def security_lines() -> list[dict[str, Any]]:
    files = settings.COMMONWEAL.logs.glob("security-*.jsonl")
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


# Keys

Act = Callable[[str], object]
Made = Callable[[Person, Actor], Act]


def in_a_case(*before: Callable[[str], object], then: Callable[[str, str], object]) -> Made:
    def made(person: Person, me: Actor) -> Act:
        case = errand.ask(person)
        for step in before:
            step(case)
        return lambda text: then(case, text)

    return made


def taken(case: str) -> None:
    cases.claim(ADA, case)


def rejected(case: str) -> None:
    cases.decide(ADA, case, "rejected", "No paper shows it.")


def an_answer(person: Person, me: Actor) -> Act:
    asked = portal.ask(me, person, 1, "Why?").id
    return lambda text: portal.answer(town.REGISTRAR, asked, text, key="k")


KEYED: dict[str, Made] = {
    "claim": in_a_case(then=lambda case, text: cases.claim(ADA, case, key="k")),
    "release": in_a_case(taken, then=lambda case, text: cases.release(ADA, case, key="k")),
    "ask": in_a_case(taken, then=lambda case, text: cases.ask(ADA, case, text, key="k")),
    "hand over": in_a_case(
        taken, then=lambda case, text: cases.hand_over(ADA, case, "officer:registrar", text, key="k")
    ),
    "decide": in_a_case(taken, then=lambda case, text: cases.decide(ADA, case, "rejected", text, key="k")),
    "reply": lambda person, me: in_a_case(then=lambda case, text: cases.reply(me, case, text, key="k"))(person, me),
    "appeal": lambda person, me: in_a_case(
        taken, rejected, then=lambda case, text: cases.appeal(me, case, text, key="k")
    )(person, me),
    "channel": lambda person, me: lambda text: cases.choose_channel(me, person, Channel("sms", text, "fr"), key="k"),
    "question": lambda person, me: lambda text: portal.ask(me, person, 1, text, key="k"),
    "answer": an_answer,
    "move": lambda person, me: lambda text: registry.move(
        town.REGISTRAR, person, Address(text, "1", "4021", "Testford", date(2020, 1, 1)), key="k"
    ),
    "rename": lambda person, me: lambda text: registry.rename(
        town.REGISTRAR, person, text, "Okafor", date(2020, 1, 1), key="k"
    ),
    "birth": lambda person, me: lambda text: registry.register_birth(
        town.REGISTRAR, person, town.entry(given=text, born=date(2020, 1, 1)), key="k"
    ),
    "death": lambda person, me: lambda text: registry.record_death(
        town.REGISTRAR, person, date(2020, 1, len(text)), key="k"
    ),
    "correction": lambda person, me: lambda text: registry.ask_correction(
        me, person, "birth_place", text, "So", key="k"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYED)
def test_a_key_used_again_changes_nothing_whatever_is_sent_with_it(
    name: str, mara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "colleagues", lambda actor, case: [("officer:registrar", "Ada Registrar")])
    do = KEYED[name](mara, town.resident(mara))
    do("First")
    before = whole_database()
    do("Something else")
    assert whole_database() == before


def test_second_eyes_use_a_key_once(mara: Person) -> None:
    with errand.permits([]) as permit:
        case = errand.apply_for(permit, mara, "one")
        cases.claim(ADA, case)
        cases.decide(ADA, case, "accepted", "Yes", key="k")
        before = whole_database()
        cases.decide(ADA, case, "rejected", "No", key="k")
        assert whole_database() == before
        cases.claim(OLU, case)
        cases.confirm(OLU, case, False, "Not yet", key="k")
        before = whole_database()
        cases.confirm(OLU, case, True, key="k")
        assert whole_database() == before


def test_the_key_of_another_step_decides(mara: Person) -> None:
    case = errand.ask(mara)
    cases.claim(ADA, case, key="k")
    cases.decide(ADA, case, "accepted", "Yes", key="k")
    assert cases.my_case(town.resident(mara), case).outcome == "accepted"


def test_the_key_of_another_case_decides(mara: Person) -> None:
    both = [errand.ask(mara), errand.ask(mara, "given", "Maria")]
    for case in both:
        cases.claim(ADA, case, key="k")
        cases.decide(ADA, case, "accepted", "Yes", key="k")
    assert {cases.my_case(town.resident(mara), case).outcome for case in both} == {"accepted"}


def test_the_second_answer_to_a_question_is_refused(mara: Person) -> None:
    asked = portal.ask(town.resident(mara), mara, 1, "Why?").id
    portal.answer(town.REGISTRAR, asked, "First")
    before = whole_database()
    with pytest.raises(portal.Answered):
        portal.answer(town.officer("registrar", "register", "Olu"), asked, "Second")
    assert whole_database() == before


# Logs


def test_a_secret_in_an_address_reaches_no_log(written: io.StringIO) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/account/recovery/SECRETTOKEN123/").status_code == 403
    assert "SECRETTOKEN123" not in written.getvalue()
    assert "account/recovery/<str:token>/" in written.getvalue()


def test_a_fault_is_logged_without_address_and_words(
    at_home: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "mara@example.org in SECRET"

    def fail(*args: object) -> None:
        raise KeyError(words)

    monkeypatch.setattr(portal, "use_of", fail)
    assert at_home.get("/your-data/uses/777333/?q=SECRET").status_code == 500
    (line,) = (json.loads(line) for line in written.getvalue().splitlines() if "django.request" in line)
    assert (line["route"], line["status"]) == ("your-data/uses/<int:n>/", 500)
    assert line["error"].endswith("builtins.KeyError")
    assert "portal/pages.py" in line["error"]
    assert not [word for word in ("SECRET", "777333", "example.org") if word in written.getvalue()]


@pytest.mark.parametrize("logger", ["django.security.csrf", "django.security.SuspiciousOperation", "django.server"])
def test_django_itself_never_gets_an_address_into_a_line(logger: str) -> None:
    record = logging.LogRecord(logger, logging.WARNING, "x", 1, "Forbidden (%s): %s", ("why", "/SECRET/"), None)
    assert "SECRET" not in JsonLines().format(record)


def test_whoever_is_turned_away_is_noted_without_data(at_home: Client, mara: Person) -> None:
    for file in settings.COMMONWEAL.logs.glob("security-*"):
        Path(file).unlink()
    Client().get("/api/registry/changes?purpose=x", headers={"Authorization": "Bearer commonweal_SECRET"})
    at_home.get("/identity/staff/")
    at_home.get("/cases/")
    Client(enforce_csrf_checks=True).post("/account/recovery/SECRET/")
    Client().get("/", headers={"host": "SECRET.example.org"})
    found = [(line["kind"], line["route"]) for line in security_lines() if line["message"] == "turned away"]
    assert found == [
        ("bad token", "api/registry/changes"),
        ("not allowed", "identity/staff/"),
        ("not allowed", "cases/"),
        ("forged form", "account/recovery/<str:token>/"),
        ("foreign host", "(none)"),
    ]
    assert "SECRET" not in json.dumps(security_lines())
    assert mara.id.hex not in json.dumps(security_lines())


def test_invented_methods_are_one_in_the_measurements(client: Client) -> None:
    client.generic("INVENTED", "/")
    labels = {sample.labels.get("method") for family in REGISTRY.collect() for sample in family.samples}
    assert "INVENTED" not in labels
    assert "other" in labels


# Numbers and answers that no table holds


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("?page=²", 200),
        ("?page=999999999", 404),
        ("history.json?start=²", None),
        ("history.json?stop=²", None),
        ("history.json?stop=" + "9" * 5_000, None),
        ("uses/" + "9" * 30 + "/", 404),
        ("uses/" + "9" * 30 + "/receipt.json", 404),
        ("uses/" + "9" * 30 + "/ask/", 404),
        ("uses/0/receipt.json", 404),
        ("uses/0/", 404),
    ],
    ids=lambda value: str(value)[:20],
)
def test_odd_numbers_are_no_fault(at_home: Client, address: str, status: int | None) -> None:
    answer = at_home.get("/your-data/" + address)
    assert answer.status_code == (status or answer.status_code) < 500


@pytest.mark.parametrize("due", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_place_in_the_list_outside_time_is_the_beginning(due: str, mara: Person) -> None:
    case = errand.ask(mara)
    after = base64.urlsafe_b64encode(f"{due}|{'0' * 32}".encode()).decode()
    assert [line.id for line in cases.worklist(ADA, Narrowing(), after).lines] == [case]


@pytest.mark.parametrize("sent", ["[" * 5_000, "9" * 5_000, "[" * 900 + "]" * 900, "{"], ids=lambda sent: sent[:2])
def test_an_endless_passkey_answer_is_a_bad_one(sent: str) -> None:
    client = Client(raise_request_exception=False)
    client.get("/account/sign-in/passkey/")
    bad = client.post("/account/sign-in/passkey/", {"credential": "{}"})
    answer = client.post("/account/sign-in/passkey/", {"credential": sent})
    assert (answer.status_code, answer.get("Location")) == (bad.status_code, bad.get("Location"))
    assert answer.status_code < 500


# Nothing personal is kept


@pytest.mark.parametrize("address", ["/your-data/", "/your-data/history.json", "/your-data/uses/99/", "/status/", "/"])
def test_what_is_shown_to_somebody_known_is_kept_nowhere(at_home: Client, address: str) -> None:
    assert "no-store" in at_home.get(address)["Cache-Control"]


def test_what_a_machine_reads_is_kept_nowhere(client: Client, machine: dict[str, str]) -> None:
    answer = client.get("/api/registry/changes", {"purpose": "benefits.assessment"}, headers=machine)
    assert answer["Cache-Control"] == "no-store"
    assert "Cache-Control" not in client.get("/").headers


# What people and machines write


@pytest.mark.parametrize("case", [" ", "\u00a0", "B\0", "B\u202e1", "B" * 60_000])
def test_a_case_must_be_readable(client: Client, machine: dict[str, str], mara: Person, case: str) -> None:
    body = {"name": "Okafor", "purpose": "benefits.assessment", "case": case}
    answer = client.post("/api/registry/search", body, content_type="application/json", headers=machine)
    assert (answer.status_code in (400, 422), answer.json()["field"]) == (True, "case")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("case", [" ", "B\0", "B" * 61])
def test_a_case_on_a_page_must_be_readable(at_home: Client, mara: Person, case: str) -> None:
    assert at_home.get(f"/registry/people/{mara.id}/", {"case": case}).status_code == 400


@pytest.mark.parametrize(
    ("field", "proposed"),
    [("born", "2000-W01-1"), ("born", "20000101"), ("given", "Ma\u202era"), ("given", "Ma\0ra"), ("given", "M\u2066")],
)
def test_a_correction_must_be_what_it_seems(mara: Person, field: Any, proposed: str) -> None:
    with pytest.raises(ValueError, match=r"year-month-day|invisible signs"):
        registry.ask_correction(town.resident(mara), mara, field, proposed, "So")
    with pytest.raises(ValueError, match="invisible signs"):
        registry.ask_correction(town.resident(mara), mara, "given", "Maria", "\u202eSo")


def test_what_cannot_be_read_is_a_problem(client: Client, machine: dict[str, str]) -> None:
    answer = client.post("/api/registry/search", "{", content_type="application/json", headers=machine)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert {"type", "title", "status", "detail", "remedy"} <= set(answer.json())
