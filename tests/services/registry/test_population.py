"""The made-up population has the shape of a real one."""

from __future__ import annotations

from datetime import date
from random import Random

from commonweal.services.registry.engine.population import households

TODAY = date(2026, 11, 25)


def test_households_make_statistical_sense() -> None:
    homes = list(households(5_000, TODAY, Random(1)))
    people = [person for home in homes for person in home.people]
    ages = [(TODAY - person.born).days / 365.25 for person in people]
    assert 5_000 <= len(people) <= 5_010
    assert 0.28 < sum(len(home.people) == 1 for home in homes) / len(homes) < 0.42
    assert 0.17 < sum(age < 18 for age in ages) / len(ages) < 0.28
    assert 0.10 < sum(age >= 65 for age in ages) / len(ages) < 0.25
    assert max(ages) < 100


def test_parents_are_older_and_relations_go_both_ways() -> None:
    for home in households(500, TODAY, Random(2)):
        for place, person in enumerate(home.people):
            for kind, other in person.relations:
                back = {"parent": "child", "child": "parent", "spouse": "spouse"}[kind]
                assert (back, place) in home.people[other].relations
                if kind == "parent":
                    assert (person.born - home.people[other].born).days > 365 * 16


def test_the_same_seed_gives_the_same_town() -> None:
    assert list(households(50, TODAY, Random(3))) == list(households(50, TODAY, Random(3)))
