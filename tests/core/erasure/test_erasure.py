"""Erasing entries and people: nothing links any more, everything still verifies, a restore brings nobody back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection

from commonweal.core.erasure import service, tombstones
from commonweal.core.identity import people
from commonweal.core.identity.actors import the_node
from commonweal.core.identity.models import Account, ExternalIdentifier
from commonweal.core.identity.models import Person as PersonRow
from commonweal.core.ledger.models import Chain, Head, Record
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import KEEPING
from tests.town import REGISTRAR, TAX_OFFICER, entry, officer, register, resident

pytestmark = pytest.mark.django_db(transaction=True)

ERASER = officer("erasure-officer", "register", "Eve Eraser")
NODE = the_node("erasure")


@pytest.fixture(autouse=True)
def _no_stones() -> None:
    tombstones.path().unlink(missing_ok=True)


def everything_stored() -> str:
    """Every value of every table, as text."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value) for value in row]
    return "\n".join(found)


def test_an_erased_entry_leaves_its_place_and_its_reason() -> None:
    (mara,) = register(entry())
    registry.read(REGISTRAR, mara, KEEPING)
    service.erase_entries(NODE, mara, [2], "unlawful", case="C-1")
    assert list(Record.objects.filter(chain=mara.chain).order_by("n").values_list("n", flat=True)) == [1, 3]
    assert list(Chain.objects.filter(chain=mara.chain).order_by("n").values_list("n", flat=True)) == [1, 2, 3]
    body = json.loads(bytes(Record.objects.get(chain=mara.chain, n=3).body))
    assert (body["object"], body["changed"]) == ("rule:unlawful", ["ledger/entry/2"])
    with pytest.raises(service.NothingToErase):
        service.erase_entries(NODE, mara, [2], "unlawful", case="C-1")


def test_no_officer_erases_alone() -> None:
    (mara,) = register(entry())
    for actor in (ERASER, REGISTRAR, TAX_OFFICER, resident(mara), the_node("tidy")):
        with pytest.raises(Refused):
            service.erase_entries(actor, mara, [1], "request")
        with pytest.raises(Refused):
            service.erase_person(actor, mara, "request")
    with pytest.raises(ValueError, match="rule"):
        service.erase_person(NODE, mara, "because", case="C-1")


def test_nobody_is_erased_while_a_case_about_them_is_open() -> None:
    (mara,) = register(entry())
    registry.ask_correction(resident(mara), mara, "family", "Okafor-Bell", "I married")
    with pytest.raises(ValueError, match=r"C-.*Decide them first"):
        service.propose(ERASER, mara, [], "request", "She asked for it")
    assert people.with_chain(mara.chain) == mara


def test_nobody_is_erased_twice() -> None:
    (mara,) = register(entry())
    service.erase_person(NODE, mara, "request", case="C-1")
    with pytest.raises(service.NothingToErase):
        service.erase_person(NODE, mara, "request", case="C-1")


def test_nothing_of_an_erased_person_can_be_linked() -> None:
    mara, ola = register(entry(), entry("Ola", "Bell", identifier="OLA-1"))
    registry.ask_correction(resident(mara), mara, "family", "Okafor-Bell", "I married")
    people.add_identifier(mara, "national", "840327-12345678")
    Account.objects.create_user("mara@mail.example", name="Mara Okafor", person_id=mara.id)
    service.erase_person(NODE, mara, "request", case="C-1")
    stored = everything_stored()
    for trace in ("Mara", "Okafor", "mara@", str(mara.id), mara.id.hex, "840327"):
        assert trace not in stored
    assert Head.objects.filter(chain=mara.chain).exists()
    assert Chain.objects.filter(chain=mara.chain).exists()
    assert people.with_chain(mara.chain) is None
    assert people.identify("national", "OLA-1") == ola
    assert not ExternalIdentifier.objects.filter(person_id=mara.id).exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the SQLite file's own bytes")
def test_the_database_file_forgets_too() -> None:
    (mara,) = register(entry("Quetzalina", "Unforgettable"))
    registry.ask_correction(resident(mara), mara, "family", "Unforgettable-Bell", "papers")
    key = bytes(Record.objects.filter(chain=mara.chain).latest("n").key)
    service.erase_person(NODE, mara, "request", case="C-1")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = Path(connection.settings_dict["NAME"]).read_bytes()
    for trace in (b"Quetzalina", b"Unforgettable", mara.id.hex.encode(), key):
        assert trace not in content


def test_a_restored_backup_does_not_bring_anybody_back() -> None:
    mara, ola = register(entry(), entry("Ola"))
    registry.read(REGISTRAR, ola, KEEPING)
    backup = [(row.id, row.chain, row.head_secret) for row in PersonRow.objects.all()]
    records = list(Record.objects.values())
    service.erase_person(NODE, mara, "request", case="C-1")
    service.erase_entries(NODE, ola, [2], "expired", case="C-1")
    for id_, chain, secret in backup:
        PersonRow.objects.get_or_create(id=id_, defaults={"chain": chain, "head_secret": secret})
    for values in records:
        Record.objects.get_or_create(id=values["id"], defaults=values)
    assert people.with_chain(mara.chain) is not None
    assert service.erase_again() == 2
    assert people.with_chain(mara.chain) is None
    assert not Record.objects.filter(chain=mara.chain).exists()
    assert not Record.objects.filter(chain=ola.chain, n=2).exists()
    assert service.erase_again() == 0


def test_a_person_takes_everything_that_is_held() -> None:
    (mara,) = register(entry(identifier="A-1"))
    registry.ask_correction(resident(mara), mara, "family", "Okafor-Bell", "I married")
    held = service.export(resident(mara), mara)
    text = json.dumps(held)
    assert set(held["rooms"]) >= {"identity", "ledger", "policy", "portal", "registry"}
    for known in ("Okafor-Bell", "A-1", "Lagos", "registry.correction.ask"):
        assert known in text
    with pytest.raises(Refused):
        service.export(REGISTRAR, mara)


def test_every_room_that_names_a_person_hands_over_and_erases() -> None:
    """A model with a person_id belongs to a room with person_data.py, so that a new room cannot forget."""
    from django.apps import apps

    from commonweal.core.erasure.rooms import keeping_personal_data

    known = {room for room, _ in keeping_personal_data()}
    keeping: set[str] = {
        model._meta.app_label
        for model in apps.get_models()
        if model.__module__.startswith("commonweal.") and any(field.name == "person_id" for field in model._meta.fields)
    }
    assert keeping <= known
