"""The door: evidence with every use, refusals, idempotency, bulk, consent, and what must never happen."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from commonweal.core import clock
from commonweal.core.act import NestedAct, act, forbid_open_act
from commonweal.core.identity.actors import ANONYMOUS, Actor, Person
from commonweal.core.identity.people import create_people, create_person
from commonweal.core.ledger.models import Chain, Document, Head, Leaf, Pending, Record
from commonweal.core.policy import published
from commonweal.core.policy.actions import Undeclared
from commonweal.core.policy.models import ConsentRecord
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING, SURVEY, TAX
from commonweal.services.registry.values import Address, NewEntry

pytestmark = pytest.mark.django_db(transaction=True)

REGISTRAR = Actor("officer", "officer:1", "Ada Registrar", "register", frozenset({"registrar"}), 2, True)
TAX_OFFICER = Actor("officer", "officer:2", "Tom Tax", "tax", frozenset({"tax-officer"}), 2, True)


def new_entry(given: str = "Mara") -> NewEntry:
    return NewEntry(
        given, "Okafor", date(1984, 3, 27), "Lagos", "Mill Lane", "12", "4021", "Testford", date(2010, 1, 1)
    )


def resident(person: Person) -> Actor:
    return Actor("resident", f"person:{person.id.hex}", "Mara Okafor", person=person, assurance=2, session="s1")


@pytest.fixture
def mara() -> Person:
    return registry.register(REGISTRAR, [new_entry()])[0]


def bodies(person: Person) -> list[dict[str, Any]]:
    return [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=person.chain).order_by("n")]


def test_every_use_leaves_a_record_a_commitment_and_a_pending_leaf(mara: Person) -> None:
    entry = registry.read(REGISTRAR, mara, KEEPING)
    assert str(entry.name) == "Mara Okafor"
    record = Record.objects.get(chain=mara.chain, n=2)
    chain = Chain.objects.get(chain=mara.chain, n=2)
    leaf = Leaf.objects.get(id=chain.leaf_id)
    body = json.loads(bytes(record.body))
    assert body["action"] == "registry.person.read"
    assert body["purpose"] == "registry.keeping"
    assert body["basis"] == "legal_obligation"
    assert body["rules"] == ["registry.keeping"]
    assert body["policy"] == published.version_in_force().hex()
    assert body["disclosed"] == [f"registry/{field}" for field in entry.fields]
    assert body["previous"] == Chain.objects.get(chain=mara.chain, n=1).commitment.hex()
    assert hmac.digest(bytes(record.key), bytes(record.body), "sha256") == bytes(chain.commitment)
    assert bytes(leaf.data) == b"\x01\x01" + hashlib.sha256(b"\x00" + bytes(chain.commitment)).digest()
    assert Pending.objects.filter(leaf_id=leaf.id).exists()
    assert Head.objects.get(chain=mara.chain).n == 2


def test_the_record_names_nothing_that_was_seen(mara: Person) -> None:
    registry.read(REGISTRAR, mara, KEEPING)
    everything = b"".join(bytes(body) for body in Record.objects.values_list("body", flat=True))
    assert b"Okafor" not in everything
    assert b"Mill Lane" not in everything


def test_a_purpose_sees_only_its_fields(mara: Person) -> None:
    entry = registry.read(TAX_OFFICER, mara, TAX)
    assert entry.name
    assert entry.address
    assert entry.born is None
    assert entry.relations is None


def test_a_refusal_is_evidence_and_gives_nothing(mara: Person) -> None:
    with pytest.raises(Refused) as refusal:
        registry.read(TAX_OFFICER, mara, KEEPING)
    assert str(refusal.value.ask)
    last = bodies(mara)[-1]
    assert last["decision"] == "refused"
    assert last["actor"]["id"] == "officer:2"
    assert "disclosed" not in last


def test_a_forbid_names_its_rule_in_the_readers_language(mara: Person) -> None:
    own = Actor("officer", "officer:3", "Mara", "register", frozenset({"registrar"}), 2, True, person=mara)
    with pytest.raises(Refused) as refusal:
        registry.read(own, mara, KEEPING)
    assert refusal.value.rules == ("registry.no-officer-in-own-case",)
    assert "own entry" in str(refusal.value.reason)


def test_nobodys_refusal_reaches_the_security_log_only(mara: Person) -> None:
    before = Record.objects.count()
    with pytest.raises(Refused):
        registry.read(ANONYMOUS, mara, KEEPING)
    assert Record.objects.count() == before


def test_an_error_in_the_body_of_a_changing_act_leaves_nothing(mara: Person) -> None:
    before = len(bodies(mara))

    class Boom(Exception):
        pass

    with pytest.raises(Boom), act(REGISTRAR, "registry.person.update", subject=mara, purpose=KEEPING):
        from commonweal.services.registry import records

        records.move(mara, Address("Elm Street", "1", "4021", "Testford", date(2020, 1, 1)))
        raise Boom
    assert len(bodies(mara)) == before
    assert str(registry.read(REGISTRAR, mara, KEEPING).address).startswith("12 Mill Lane")


def test_a_key_makes_an_act_happen_once(mara: Person) -> None:
    first = registry.ask_correction(resident(mara), mara, "family", "Okafor-Bell", "I married", key="form-1")
    count = len(bodies(mara))
    again = registry.ask_correction(resident(mara), mara, "family", "Okafor-Bell", "I married", key="form-1")
    assert again.id == first.id
    assert len(bodies(mara)) == count


def test_looking_at_ones_own_data_is_one_entry_a_session(mara: Person) -> None:
    for _ in range(3):
        registry.read(resident(mara), mara, OWN_ACCESS)
    assert [body["action"] for body in bodies(mara)].count("registry.person.read") == 1


def test_acts_do_not_nest_and_no_remote_call_inside(mara: Person) -> None:
    with act(REGISTRAR, "registry.person.read", subject=mara, purpose=KEEPING):
        with pytest.raises(NestedAct):
            registry.read(REGISTRAR, mara, KEEPING)
        with pytest.raises(NestedAct):
            forbid_open_act("a call to another node")
    forbid_open_act("a call to another node")


def test_undeclared_actions_do_not_exist(mara: Person) -> None:
    with pytest.raises(Undeclared), act(REGISTRAR, "registry.person.steal", subject=mara, purpose=KEEPING):
        pass


def test_a_bulk_act_is_one_leaf_with_an_entry_for_each() -> None:
    leaves = Leaf.objects.count()
    people = registry.register(REGISTRAR, [new_entry(f"P{i}") for i in range(25)])
    assert Leaf.objects.count() == leaves + 1
    assert Chain.objects.filter(leaf_id=Leaf.objects.latest("id").id).count() == 25
    assert {body["act"] for person in people for body in bodies(person)} == {bodies(people[0])[0]["act"]}
    with pytest.raises(ValueError, match="1 to 1000"):
        registry.register(REGISTRAR, [new_entry()] * 1_001)


def test_two_writers_on_one_person_share_one_dense_chain(mara: Person) -> None:
    def read_ten_times() -> None:
        for _ in range(10):
            registry.read(REGISTRAR, mara, KEEPING)
        connection.close()

    threads = [Thread(target=read_ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = list(Chain.objects.filter(chain=mara.chain).order_by("n").values_list("n", flat=True))
    assert numbers == list(range(1, 42))


def test_consent_is_checked_again_when_the_act_commits(mara: Person) -> None:
    consent = ConsentRecord.objects.create(
        person_id=mara.id, purpose=SURVEY.name, agency="survey", given=timezone.now()
    )
    machine = Actor("service", "service:1", "Panel", "survey", frozenset({"survey"}), 2, automatic=True)
    assert registry.read(machine, mara, SURVEY, consent=str(consent.id)).name
    with (
        pytest.raises(Refused),
        act(machine, "registry.person.read", subject=mara, purpose=SURVEY, consent=str(consent.id)),
    ):
        ConsentRecord.objects.update(withdrawn=timezone.now())
    assert bodies(mara)[-1]["decision"] == "refused"
    with pytest.raises(Refused):
        registry.read(machine, mara, SURVEY, consent=str(consent.id))


def test_an_error_in_a_rule_denies(mara: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = published.in_force().texts | {
        "registry": published.in_force().texts["registry"] + '@id("registry.broken") @says("x") '
        'forbid(principal, action == Action::"registry.person.read", resource) when { principal.nothing == 1 };'
    }
    monkeypatch.setattr(published, "collect", lambda rooms: texts)
    published.publish()
    with pytest.raises(Refused) as refusal:
        registry.read(REGISTRAR, mara, KEEPING)
    assert refusal.value.rules == ("core.evaluation-error",)
    monkeypatch.undo()
    published.publish()
    assert registry.read(REGISTRAR, mara, KEEPING)


def test_the_rules_in_force_are_a_published_document() -> None:
    version = published.version_in_force()
    document = Document.objects.get(hash=version)
    assert hashlib.sha256(bytes(document.body)).digest() == version
    assert bytes(Leaf.objects.get(id=document.leaf_id).data) == b"\x01\x02" + version


def test_the_clock_moves_only_in_a_demo(settings: Any) -> None:
    import dataclasses

    settings.COMMONWEAL = dataclasses.replace(settings.COMMONWEAL, demo=False)
    with pytest.raises(clock.NotADemo), clock.pretend(timezone.now()):
        pass


def test_people_without_a_chain_do_not_exist_in_bulk() -> None:
    people = create_people(3)
    assert len({person.chain for person in people}) == 3
    assert Head.objects.filter(chain__in=[person.chain for person in people], n=0).count() == 3
    assert create_person().chain not in {person.chain for person in people}


def test_a_refused_bulk_act_is_one_entry_of_the_node_and_none_of_the_many() -> None:
    people = registry.register(REGISTRAR, [new_entry(f"P{i}") for i in range(25)])
    before = Record.objects.count()
    with pytest.raises(Refused), act(TAX_OFFICER, "registry.person.search", subject=people, purpose=KEEPING):
        pass
    assert Record.objects.count() == before + 1
    assert all(len(bodies(person)) == 1 for person in people)


def test_people_of_whom_something_was_shown_beside_the_subject_learn_it(mara: Person) -> None:
    child = registry.register_birth(REGISTRAR, mara, new_entry("Ife"))
    registry.read(REGISTRAR, mara, KEEPING)
    last = bodies(child)[-1]
    assert (last["beside"], last["disclosed"]) == (True, ["act/mention"])
    assert "beside" not in bodies(mara)[-1]
    count = len(bodies(child))
    registry.read(resident(mara), mara, OWN_ACCESS)
    assert len(bodies(child)) == count


def test_an_edited_policy_is_not_obeyed(mara: Person) -> None:
    version = published.version_in_force()
    document = Document.objects.get(hash=version)
    genuine = bytes(document.body)
    Document.objects.filter(hash=version).update(body=genuine.replace(b"registrar", b"tax-officer"))
    published.rules_at.cache_clear()
    with pytest.raises(published.NoRules, match="edited"):
        registry.read(REGISTRAR, mara, KEEPING)
    Document.objects.filter(hash=version).update(body=genuine)
    assert registry.read(REGISTRAR, mara, KEEPING)
