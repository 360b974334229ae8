"""A made-up population whose households make statistical sense: sizes, ages, couples, children, moves, deaths.

Shares follow the shape of European household statistics (about a third live alone, a fifth of the people are under
18, a fifth over 65), rounded; nobody in it is real. Same seed, same town.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal, TypeVar

FEMALE = (
    "Amina Anna Beatriz Camille Chiara Clara Daniela Elena Elif Emma Fatima Freya Hana Helena Ines Ingrid Iris Jana "
    "Julia Katarina Laila Lea Leonie Lucia Mara Maria Marta Maya Mei Mira Nadia Nora Olga Paula Petra Rania Rosa Salma "
    "Sara Selin Sofia Tamara Teresa Vera Yara Zoe"
).split()
MALE = (
    "Adam Ahmed Ali Andrei Anton Ben Bruno Carlos Daniel David Diego Elias Emil Felix Filip Gabriel Hassan Hugo Ivan "
    "Jakob Jan Jonas Karim Leo Liam Lukas Marco Martin Mateo Max Milan Mohamed Noah Oscar Omar Pablo Paul Peter Rafael "
    "Sami Samuel Simon Stefan Tariq Theo Tomas Victor Yusuf"
).split()
FAMILIES = (
    "Abbas Almeida Andersen Bauer Becker Bernard Castro Cohen Costa Diallo Dubois Eriksen Ferrari Fischer Garcia "
    "Hansen Hoffmann Horvat Ibrahim Jansen Johansson Kaya Keller Khan Kovacs Kowalski Lambert Larsen Lopez Meyer "
    "Moreau Nagy Nguyen Novak Okafor Olsen Osman Papadopoulos Pereira Petrov Popescu Rahman Ricci Rossi Ruiz Santos "
    "Schmidt Silva Smith Sorensen Suzuki Svensson Tahir Toth Vargas Virtanen Wagner Walker Weber Yilmaz Zhang"
).split()
PLACES = (
    "Aldermere",
    "Aldermere",
    "Aldermere",
    "Northwick",
    "Port Salen",
    "Velin",
    "Casablanca",
    "Lagos",
    "Izmir",
    "Kyiv",
)
STREETS = (
    "Abbey Road|Alder Walk|Bakers Row|Bridge Street|Canal Side|Castle Hill|Cherry Lane|Church Street|"
    "Elm Street|Ferry Road|Garden Close|Green Lane|Harbour View|High Street|Hill Rise|Kiln Yard|King Street|"
    "Lark Lane|Library Road|Lime Avenue|Long Acre|Market Square|Meadow Way|Mill Lane|Museum Street|New Road|"
    "North Parade|Oak Avenue|Orchard Road|Park Street|Poplar Drive|Quay Street|River Walk|School Lane|"
    "South Parade|Spring Gardens|Station Road|Tanner Street|Union Street|Vine Street|Water Lane|West Street|"
    "Willow Grove|Windmill Road|Wood Street"
).split("|")
POSTCODES = ("4021", "4022", "4023", "4025", "4027")
TOWN = "Aldermere"
TOGETHER = (("alone", 34), ("couple", 28), ("family", 24), ("one-parent", 8), ("shared", 6))
CHILDREN = ((1, 44), (2, 40), (3, 12), (4, 4))

Sex = Literal["female", "male"]
T = TypeVar("T")


@dataclass(frozen=True)
class Resident:
    """One made-up person; `relations` are (kind, index of the other within the household)."""

    given: str
    family: str
    sex: Sex
    born: date
    birth_place: str
    since: date
    relations: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Household:
    """People who live at one address."""

    street: str
    number: str
    postcode: str
    people: tuple[Resident, ...]


def households(people: int, today: date, random: Random) -> Iterator[Household]:
    """Households with `people` residents in all, give or take the last household's size."""
    homes = _addresses(random)
    made = 0
    while made < people:
        street, number, postcode = next(homes)
        residents = _household(today, random)
        yield Household(street, number, postcode, tuple(residents))
        made += len(residents)


def _addresses(random: Random) -> Iterator[tuple[str, str, str]]:
    number = 1
    while True:
        streets = list(STREETS)
        random.shuffle(streets)
        for street in streets:
            yield street, str(number), POSTCODES[STREETS.index(street) % len(POSTCODES)]
        number += 1


def _household(today: date, random: Random) -> list[Resident]:
    kind = _one_of(TOGETHER, random)
    if kind == "alone":
        return [_adult(random.choice((_age(random, 20, 90), _age(random, 62, 92))), today, random)]
    if kind == "shared":
        return [_adult(_age(random, 19, 34), today, random) for _ in range(random.randint(2, 4))]
    age = _age(random, 22, 88) if kind == "couple" else _age(random, 26, 54)
    first = _adult(age, today, random)
    adults = [first]
    if kind in ("couple", "family"):
        adults.append(_partner(first, age, today, random))
    children = 0 if kind == "couple" else _one_of(CHILDREN, random)
    return _related(adults, _children(children, adults, today, random))


def _related(adults: list[Resident], children: list[Resident]) -> list[Resident]:
    household = [*adults, *children]
    related = []
    for place, resident in enumerate(household):
        if place < len(adults):
            ties = [("spouse", 1 - place)] if len(adults) == 2 else []
            ties += [("child", len(adults) + child) for child in range(len(children))]
        else:
            ties = [("parent", adult) for adult in range(len(adults))]
        related.append(
            Resident(
                resident.given,
                resident.family,
                resident.sex,
                resident.born,
                resident.birth_place,
                resident.since,
                tuple(ties),
            )
        )
    return related


def _adult(age: int, today: date, random: Random, sex: Sex | None = None, family: str = "") -> Resident:
    sex = sex or _sex(random)
    born = _birthday(age, today, random)
    moved_in = born + timedelta(days=365 * 18)
    since = moved_in + (today - moved_in) * random.betavariate(2.2, 1.2)
    given = random.choice(FEMALE if sex == "female" else MALE)
    return Resident(given, family or random.choice(FAMILIES), sex, born, random.choice(PLACES), since)


def _partner(first: Resident, age: int, today: date, random: Random) -> Resident:
    same_sex = random.random() < 0.04
    other: Sex = "male" if first.sex == "female" else "female"
    family = first.family if random.random() < 0.6 else ""
    years = max(20, age + round(random.gauss(0, 3.5)))
    return _adult(years, today, random, first.sex if same_sex else other, family)


def _children(count: int, adults: list[Resident], today: date, random: Random) -> list[Resident]:
    """Children whose first names differ."""
    children: dict[str, Resident] = {}
    while len(children) < count:
        child = _child(adults, today, random)
        children.setdefault(child.given, child)
    return list(children.values())


def _child(adults: list[Resident], today: date, random: Random) -> Resident:
    youngest_parent = max(adult.born for adult in adults)
    oldest = max(0, min(20, (today - youngest_parent).days // 365 - 20))
    born = _birthday(random.randint(0, oldest), today, random)
    sex = _sex(random)
    given = random.choice(FEMALE if sex == "female" else MALE)
    place = TOWN if random.random() < 0.8 else random.choice(PLACES)
    return Resident(given, adults[0].family, sex, born, place, max(born, adults[0].since))


def _sex(random: Random) -> Sex:
    return "female" if random.random() < 0.51 else "male"


def _birthday(age: int, today: date, random: Random) -> date:
    return today - timedelta(days=round(365.25 * age) + random.randint(1, 364))


def _age(random: Random, low: int, high: int) -> int:
    return round(random.triangular(low, high, low + (high - low) * 0.4))


def _one_of(shares: tuple[tuple[T, int], ...], random: Random) -> T:
    return random.choices([value for value, _ in shares], [weight for _, weight in shares])[0]
