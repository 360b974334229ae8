"""People, what they are called elsewhere, and what each agency calls them."""

from __future__ import annotations

import uuid

import pytest
from cryptography.exceptions import InvalidTag

from commonweal.core.identity import models, service
from commonweal.core.ledger.models import Head

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_people_each_with_a_chain_of_their_own() -> None:
    people = service.create_people(2_300)
    assert len({person.id for person in people}) == len({person.chain for person in people}) == 2_300
    assert len({person.label for person in people}) == 2_300
    heads = {bytes(chain): bytes(label) for chain, label in Head.objects.values_list("chain", "label")}
    assert all(heads[person.chain] == person.label for person in people)
    chosen = [people[7].id, people[2_000].id, people[7].id]
    assert service.people(chosen) == [people[7], people[2_000], people[7]]
    assert service.person(people[3].id) == people[3]


def test_an_unknown_person_is_named() -> None:
    missing = uuid.uuid4()
    with pytest.raises(service.UnknownPerson, match=str(missing)):
        service.person(missing)
    with pytest.raises(service.UnknownPerson, match=str(missing)):
        service.people([service.create_person().id, missing])


def test_identifiers_are_found_but_not_readable_in_the_database() -> None:
    ada, ben = service.create_people(2)
    service.add_identifier(ada, "national", "880214-123")
    service.add_identifier(ada, "national", " 880214-123 ")
    service.add_identifiers([(ben, "national", "900101-777"), (ben, "tax", "880214-123")])
    assert service.identify("national", "880214-123") == ada
    assert service.identify("tax", "880214-123") == ben
    assert service.identify("national", "880214-124") is None
    assert service.identifiers(ben) == {"national": "900101-777", "tax": "880214-123"}
    rows = models.ExternalIdentifier.objects.all()
    assert len(rows) == 3
    assert not any(b"880214" in bytes(row.value) + bytes(row.index) for row in rows)


def test_an_identifier_belongs_to_one_person_and_a_failed_batch_writes_nothing() -> None:
    ada, ben = service.create_people(2)
    service.add_identifier(ada, "national", "1")
    with pytest.raises(service.IdentifierTaken):
        service.add_identifiers([(ben, "national", "2"), (ben, "national", "1")])
    assert service.identify("national", "2") is None


def test_an_encrypted_value_does_not_move_to_another_person() -> None:
    ada, ben = service.create_people(2)
    service.add_identifier(ada, "national", "1")
    models.ExternalIdentifier.objects.update(person_id=ben.id)
    with pytest.raises(InvalidTag):
        service.identifiers(ben)


def test_agencies_cannot_join_what_they_call_people() -> None:
    ada, ben = service.create_people(2)
    names = {service.pairwise(person, agency) for person in (ada, ben) for agency in ("tax", "health")}
    assert len(names) == 4
    assert service.pairwise(ada, "tax") == service.pairwise(ada, "tax")
    assert all(len(name) == 43 for name in names)
