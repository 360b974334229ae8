"""Entries under seal: no trace before their day, their original proof after it, alarms when they are late."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonweal.core import clock
from commonweal.core.act import act
from commonweal.core.erasure import service as erasure
from commonweal.core.housekeeping import tidy
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.investigations import service
from commonweal.core.ledger import epochs, sealed
from commonweal.core.ledger import person_data as ledger_data
from commonweal.core.ledger import service as ledger
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chains
from commonweal.core.ledger.models import Record
from commonweal.core.ledger.models import Sealed as SealedRow
from commonweal.core.ledger.verify import VerificationError, VerifierKey, verify_history, verify_log
from commonweal.core.portal import oversight, uses
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING
from tests.core.ledger.conftest import Device
from tests.core.ledger.conftest import device as device  # noqa: PLC0414 - the browser of the ledger's tests
from tests.town import REGISTRAR, entry, officer, register, resident
from tests.walk.cast import own_node, publish

pytestmark = pytest.mark.django_db(transaction=True)
IRIS = officer("investigator", "police", "Iris Investigator")
SECOND = Actor("officer", "officer:second", "Sven Second", "police", frozenset({"investigator"}), 2, True)
SUPERVISOR = officer("supervisor", "police")


@pytest.fixture(autouse=True)
def node(tmp_path: Path) -> Iterator[Path]:
    with own_node(tmp_path):
        open_chains([(NODE_CHAIN, NODE_LABEL), (sealed.SEALED_CHAIN, sealed.SEALED_LABEL)])
        publish()
        yield tmp_path


def day(days: int) -> Any:
    return clock.now().date() + timedelta(days=days)


def look(person: Person, days: int = 30, actor: Actor = IRIS) -> dict[str, Any]:
    return service.read(actor, person, "registry", "Gs 12/26", day(days))


def keys(node: Path) -> list[VerifierKey]:
    return [VerifierKey.parse(line) for line in (node / "log/vkeys").read_text().splitlines()]


def fetch(node: Path) -> Any:
    return lambda path: (node / "log" / path).read_bytes()


def open_all(days: int = 31) -> None:
    with clock.pretend(clock.now() + timedelta(days=days)):
        service.open_due()


def test_an_investigator_sees_and_nobody_is_told() -> None:
    (mara,) = register(entry())
    assert look(mara)["names"]
    assert [row.n for row in Record.objects.filter(chain=mara.chain)] == [1]
    assert sealed.waiting() == sealed.Waiting(1, day(30))


def test_a_seal_needs_the_role_the_purpose_an_order_and_a_day_within_a_year() -> None:
    (mara,) = register(entry())
    for actor in (REGISTRAR, SUPERVISOR, resident(mara)):
        with pytest.raises(Refused):
            look(mara, actor=actor)
    with pytest.raises(Refused):
        service.read(IRIS, mara, "registry", "", day(30))
    for days in (0, -1, 400):
        with pytest.raises(ValueError, match="seal ends"):
            look(mara, days)
    with pytest.raises(Refused), act(IRIS, service.READ, subject=mara, purpose=service.INVESTIGATION, case="Gs 12/26"):
        pass  # without a seal there is no rule for it


def test_a_seal_hides_no_attempt_of_those_who_may_not_seal() -> None:
    (mara,) = register(entry())
    with pytest.raises(Refused):
        look(mara, actor=REGISTRAR)
    assert json.loads(bytes(Record.objects.filter(chain=mara.chain).latest("n").body))["decision"] == "refused"
    with (
        pytest.raises(Refused),
        act(
            IRIS,
            "registry.person.update",
            subject=mara,
            purpose=service.INVESTIGATION,
            case="Gs 1",
            sealed_until=day(9),
        ),
    ):
        pass
    assert Record.objects.filter(chain=mara.chain).count() == 2
    assert json.loads(bytes(Record.objects.get(chain=sealed.SEALED_CHAIN).body))["decision"] == "refused"


def test_on_its_day_it_joins_the_record_with_its_original_leaf(node: Path, device: Device) -> None:
    (mara,) = register(entry())
    look(mara)
    publish()
    index = ledger.checkpoint().size
    registry.read(REGISTRAR, mara, KEEPING)
    open_all(29)
    assert Record.objects.filter(chain=mara.chain).count() == 2
    open_all()
    publish()
    history = ledger.history(mara.chain, proofs=True).as_json()
    joined = history["entries"][2]
    assert joined["sealed"]["index"] < index <= joined["index"]
    assert verify_history(history, keys(node)).ok
    assert device.check(node / "log", ledger.history(mara.chain).as_json())["ok"]
    assert verify_history(ledger.receipt(mara.chain, 3).as_json(), keys(node)).ok
    (use, *_) = uses.newest(mara, 1)
    assert (use.who, use.action, use.sealed_until) == ("Iris Investigator", service.READ, day(30))
    assert sealed.waiting() == sealed.Waiting(0, None)
    assert ledger.check().ok, ledger.check().problems
    (opened,) = erasure.export(resident(mara), mara)["rooms"]["ledger"]["opened"]
    assert opened["case"] == "Gs 12/26"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda entry: entry.pop("sealed"),
        lambda entry: entry["sealed"].update(body=entry["sealed"]["body"].replace("Iris", "Ivan")),
        lambda entry: entry["sealed"].update(key="00" * 32),
        lambda entry: entry["sealed"].update(index=entry["index"]),
        lambda entry: entry["sealed"].update(index=0),
        lambda entry: entry["sealed"].update(index=None),
    ],
)
def test_both_verifiers_catch_a_joined_entry_that_was_tampered_with(node: Path, device: Device, tamper: Any) -> None:
    (mara,) = register(entry())
    look(mara)
    publish()
    open_all()
    publish()
    history = ledger.history(mara.chain).as_json()
    assert verify_history(history, keys(node), fetch(node)).ok
    changed = copy.deepcopy(history)
    tamper(changed["entries"][1])
    found = {finding.code for finding in verify_history(changed, keys(node), fetch(node)).findings}
    assert found == {"sealed"}
    assert {finding["code"] for finding in device.check(node / "log", changed)["findings"]} == {"sealed"}
    moved = copy.deepcopy(history)
    moved["entries"][0]["sealed"] = moved["entries"][1]["sealed"]
    assert not verify_history(moved, keys(node), fetch(node)).ok


def test_a_second_officer_prolongs_and_the_first_cannot() -> None:
    (mara,) = register(entry())
    look(mara)
    with pytest.raises(Refused):
        service.prolong(IRIS, "Gs 12/26", 1, day(60))
    with pytest.raises(service.NotSealed):
        service.prolong(SECOND, "Gs 13/26", 1, day(60))
    service.prolong(SECOND, "Gs 12/26", 1, day(60))
    open_all(31)
    assert Record.objects.filter(chain=mara.chain).count() == 1
    assert [one.until for one in service.of_order(SUPERVISOR, "Gs 12/26")] == [day(60), day(60), day(60)][
        : len(service.of_order(SUPERVISOR, "Gs 12/26"))
    ]
    assert ledger.check().ok, ledger.check().problems
    open_all(61)
    actions = [use.action for use in uses.newest(mara, 9)]
    assert {service.READ, service.PROLONG} <= set(actions)


def test_what_is_late_alarms_the_auditor_the_operator_and_the_verifier(node: Path) -> None:
    (mara,) = register(entry())
    look(mara, 5)
    assert epochs.close()
    publish()
    report = verify_log(fetch(node), keys(node))
    assert (report.sealed, report.sealed_until) == (1, day(5).isoformat())
    late = clock.now() + timedelta(days=7)
    with clock.pretend(late):
        assert oversight.overview().sealed_late == 1
        assert any("under seal" in worry for worry in oversight.status().worries)
        assert any("sealed still" in str(problem) for problem in ledger.check().problems)
        registry.read(REGISTRAR, mara, KEEPING)
        assert epochs.close()
        publish()
    with pytest.raises(VerificationError, match="under seal"):
        verify_log(fetch(node), keys(node))
    with clock.pretend(late):
        tidy.func()
        assert oversight.overview().sealed_late == 0
        assert epochs.close()
        publish()
    assert verify_log(fetch(node), keys(node)).sealed == 0


def test_the_audit_names_a_seal_that_was_made_longer_or_dropped_by_hand() -> None:
    (mara,) = register(entry())
    look(mara)
    publish()
    assert ledger.check().ok
    SealedRow.objects.update(until=day(300))
    assert [problem.table for problem in ledger.check().problems] == ["ledger_sealed"]
    SealedRow.objects.all().delete()
    assert [problem.table for problem in ledger.check().problems] == ["ledger_sealed"]


def test_what_was_opened_can_be_erased_and_what_is_sealed_outlives_the_person_unopened() -> None:
    mara, ola = register(entry(), entry("Ola"))
    look(mara)
    look(ola, 60)
    publish()
    open_all()
    erasure.erase_entries(the_node("erasure"), mara, [2], "unlawful", case="C-1")
    assert not Record.objects.filter(chain=sealed.SEALED_CHAIN, n=1).exists()
    erasure.erase_person(the_node("erasure"), ola, "request", case="C-2")
    assert Record.objects.filter(chain=sealed.SEALED_CHAIN, n=2).exists()
    publish()
    assert ledger.check().ok, ledger.check().problems
    open_all(61)
    assert not Record.objects.filter(chain=sealed.SEALED_CHAIN).exists()
    publish()
    assert ledger.check().ok, ledger.check().problems


def observed(person: Person, browser: Client) -> dict[str, Any]:
    """Everything that a person can see of their record: pages, history, receipt, epoch, export."""
    pages = {path: browser.get(path).content.decode() for path in ("/your-data/", "/your-data/uses/1/")}
    history = browser.get("/your-data/download.json").json()
    receipt = browser.get("/your-data/uses/1/receipt.json").json()
    heads = {label: (n, commitment) for label, n, commitment in epochs.published_heads()}
    rest = ("checkpoint", "vkeys", "epoch", "consistency", "entries")  # of the whole log, which others grow too
    told = [{name: one[name] for name in ("n", "body", "key", "index", "path")} for one in history["entries"]]
    return {
        "pages": {path: re.sub(r'value="[A-Za-z0-9]{64}"', "", text) for path, text in pages.items()},
        "history": {name: part for name, part in history.items() if name not in rest},
        "entries": told,
        "receipt": {name: part for name, part in receipt.items() if name not in rest},
        "epoch": heads.get(person.label),
        "head": history["epoch"] and history["epoch"]["head"] and history["epoch"]["head"]["n"],
        "export": ledger_data.held(person),
    }


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["open", "sealed", "refused", "other"]), min_size=2, max_size=7))
def test_until_its_day_nothing_that_the_person_can_see_changes(node: Path, steps: list[str]) -> None:
    mara, ola = register(entry(), entry("Ola", number="99"))  # who live apart: neither is named beside the other
    account = accounts.create_account(f"{mara.id}@mail.example", "Mara", person=mara)
    identity.offer_demo_sign_in(account.id, "resident")
    browser = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    with override_settings(RATELIMIT_ENABLE=False):
        browser.post("/sign-in/demo/", {"account": str(account.id)})
    browser.get("/your-data/download.json")
    browser.get("/your-data/")

    def settle() -> dict[str, Any]:
        epochs.close()
        publish()
        return observed(mara, browser)

    before = settle()
    for step in steps:
        if step == "open":
            registry.read(REGISTRAR, mara, KEEPING)
            before = settle()
        elif step == "sealed":
            look(mara)
        elif step == "refused":
            with pytest.raises(Refused), act(
                IRIS, "registry.person.update", subject=mara, purpose=service.INVESTIGATION, case="Gs 1",
                sealed_until=day(9),
            ):  # fmt: skip
                pass
        else:
            registry.read(REGISTRAR, ola, KEEPING)
        after = settle()
        assert {name: after[name] for name in after if after[name] != before[name]} == {}
