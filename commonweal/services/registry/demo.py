"""The register's part of the demo town: who lives there, and half a year of use by four agencies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from random import Random

from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor, the_node
from commonweal.core.policy import service as policy
from commonweal.core.policy.actions import Purpose
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.portal import service as portal
from commonweal.core.portal.uses import Narrowing
from commonweal.demo.world import Townsperson, World
from commonweal.services.registry import service
from commonweal.services.registry.engine.population import TOWN, Household, households
from commonweal.services.registry.purposes import BENEFITS, KEEPING, SCHOOL, SURVEY, TAX
from commonweal.services.registry.values import Address, NewEntry

PEOPLE = 5_000
CHUNK = 1_000


def populate(world: World) -> None:
    """Enter everyone, household by household, with their relations."""
    with clock.pretend(world.begins - timedelta(days=1)):
        chunk: list[Household] = []
        for household in households(PEOPLE, world.begins.date(), world.random):
            if sum(len(home.people) for home in chunk) + len(household.people) > CHUNK:
                _enter(world, chunk)
                chunk = []
            chunk.append(household)
        _enter(world, chunk)


def plan(world: World) -> None:
    """Half a year: assessments, benefits, schools, moves, deaths, corrections, residents who look, and refusals."""
    heroine = _heroine(world)
    favoured = partial(_often, world, heroine)
    _resident_sign_ins(world, heroine)
    _tax(world)
    _times(world, 1_500, lambda: _benefits(world, favoured()))
    _times(world, 450, lambda: _school(world))
    _times(world, 350, lambda: _move(world))
    _times(world, 35, lambda: _death(world))
    _times(world, 250, lambda: _keeping(world, favoured()))
    _times(world, 120, lambda: _correction(world, favoured()))
    _times(world, 600, lambda: _visit(world, favoured()))
    _times(world, 60, lambda: _survey(world, favoured()))
    _times(world, 110, lambda: _refusal(world, favoured()))


def _enter(world: World, homes: list[Household]) -> None:
    entries: list[NewEntry] = []
    ties: list[tuple[int, str, int]] = []
    today = world.begins.date()
    for home in homes:
        first = len(entries)
        for place, who in enumerate(home.people):
            entries.append(
                NewEntry(
                    who.given,
                    who.family,
                    who.born,
                    who.birth_place,
                    home.street,
                    home.number,
                    home.postcode,
                    TOWN,
                    who.since,
                    identifier=_national(who.born, world.random),
                    sex=who.sex,
                )
            )
            ties += [(first + place, kind, first + other) for kind, other in who.relations if kind != "child"]
    people = service.register(the_node("load"), entries, ties=ties)
    known = [
        Townsperson(person, f"{new.given} {new.family}", (today - new.born).days / 365.25)
        for person, new in zip(people, entries, strict=True)
    ]
    related = {one for one, _, _ in ties} | {other for _, _, other in ties}
    for place, someone in enumerate(known):
        someone.alone = place not in related
    for child, kind, parent in ties:
        if kind == "parent":
            known[parent].children.append(known[child])
    world.people += known


def _national(born: date, random: Random) -> str:
    return f"{born:%y%m%d}-{random.randrange(10**8):08d}"


def _heroine(world: World) -> Townsperson:
    """A mother or father of two in the middle of life, whose record is worth reading."""
    return next(
        someone
        for someone in world.people
        if not someone.employed and 35 <= someone.age <= 45 and len(someone.children) == 2
    )


def _often(world: World, heroine: Townsperson) -> Townsperson:
    return heroine if world.random.random() < 0.02 else world.adult()


def _resident_sign_ins(world: World, heroine: Townsperson) -> None:
    quiet = next(someone for someone in reversed(world.people) if someone.age > 70)
    for someone, label in ((heroine, "resident with two children"), (quiet, "resident, retired")):
        email = f"{someone.name.lower().replace(' ', '.')}@mail.example"
        account = accounts.create_account(email, someone.name, person=someone.person)
        identity.offer_demo_sign_in(account.id, label)


def _times(world: World, count: int, happens: Callable[[], None]) -> None:
    for _ in range(count):
        happens()


def _tax(world: World) -> None:
    """Assessments by machine over three nights; a weekly look at what changed."""
    machine = world.machines["Assessment run"]
    adults = [someone for someone in world.people if someone.age >= 18]
    for someone in world.random.sample(adults, min(2_400, len(adults))):
        night = (world.begins + timedelta(days=world.random.choice((61, 62, 63)))).replace(hour=2)
        at = night + timedelta(seconds=world.random.randint(0, 9_000))
        world.events.append((at, partial(service.read, machine, someone.person, TAX)))
    position = [0]
    for week in range(1, 26):
        at = (world.begins + timedelta(weeks=week)).replace(hour=4, minute=30)
        world.events.append((at, partial(_read_feed, machine, position)))


def _read_feed(machine: Actor, position: list[int]) -> None:
    found = service.changes(machine, TAX, position[0], 200)
    position[0] = found[-1].position if found else position[0]


def _benefits(world: World, someone: Townsperson) -> None:
    case = f"B-{world.random.randint(2_000, 9_999)}"
    at, officer = world.sometime(), world.officer("benefit-officer")
    if world.random.random() < 0.15:
        world.events.append((at, partial(_search, officer, someone, BENEFITS, case)))
    world.events.append(
        (at + timedelta(minutes=2), partial(service.read, officer, someone.person, BENEFITS, case=case))
    )


def _search(officer: Actor, someone: Townsperson, purpose: Purpose, case: str = "") -> None:
    with suppress(service.TooMany):
        service.search(officer, someone.name, purpose, case=case)


def _school(world: World) -> None:
    parent = world.adult()
    for child in parent.children:
        if child.age < 16:
            world.events.append(
                (world.sometime(0.2, 0.6), partial(service.read, world.officer("school-officer"), child.person, SCHOOL))
            )


def _move(world: World) -> None:
    at = world.sometime()
    someone = next(someone for someone in iter(world.adult, None) if someone.alone)
    home = next(iter(households(1, at.date(), world.random)))
    address = Address(home.street, str(world.random.randint(2, 60)), home.postcode, TOWN, at.date())
    world.events.append((at, partial(service.move, world.officer("registrar"), someone.person, address)))


def _death(world: World) -> None:
    old = [someone for someone in world.random.sample(world.people, 400) if someone.age > 75]
    if old:
        at = world.sometime()
        world.events.append(
            (
                at,
                partial(service.record_death, world.officer("registrar"), old[0].person, at.date() - timedelta(days=2)),
            )
        )


def _keeping(world: World, someone: Townsperson) -> None:
    at, officer = world.sometime(), world.officer("registrar")
    world.events.append((at, partial(_search, officer, someone, KEEPING)))
    world.events.append((at + timedelta(minutes=1), partial(service.read, officer, someone.person, KEEPING)))


def _correction(world: World, someone: Townsperson) -> None:
    """A correction as a case: most are decided within days, some rejections appealed against, a few left lying."""
    asked, visit = world.sometime(), f"visit-{len(world.events)}"
    proposed = world.random.choice(("Northwick", "Port Salen", "Velin", "Old Aldermere"))
    first, second = world.random.sample(world.officers["registrar"], 2)
    found: list[str] = []

    def happens(days: float, work: Callable[[str], None]) -> None:
        if (at := asked + timedelta(days=days)) < world.ends:
            world.events.append((at, partial(_for_each, work, found)))

    world.events.append((asked, partial(_ask, someone, proposed, visit, found)))
    if world.random.random() < 0.05:
        return  # nobody has taken it
    taken = world.random.randint(1, 14)
    happens(taken, partial(_take, first))
    if world.random.random() < 0.05:
        return  # taken, and left lying
    accept = world.random.random() < 0.7
    if world.random.random() < 0.15:
        happens(taken + 0.1, lambda case: cases.ask(first, case, "Please send us a copy of your birth certificate."))
        happens(taken + 2, lambda case: cases.reply(someone.signed_in(visit), case, "I have sent it by post."))
    happens(taken + 5, partial(_decide, first, accept))
    if not accept and world.random.random() < 0.5:
        happens(taken + 9, lambda case: cases.appeal(someone.signed_in(visit), case, "The copy was clear."))
        if world.random.random() < 0.6:
            happens(taken + 15, partial(_take, second))
            happens(taken + 15.1, partial(_decide, second, world.random.random() < 0.5))


def _ask(someone: Townsperson, proposed: str, visit: str, found: list[str]) -> None:
    with suppress(ValueError):  # the register says it already
        asked = service.ask_correction(
            someone.signed_in(visit), someone.person, "birth_place", proposed, "My birth certificate says so."
        )
        found.append(service.cases_of([asked])[asked.id])


def _for_each(work: Callable[[str], None], found: list[str]) -> None:
    for case in found:
        work(case)


def _take(officer: Actor, case: str) -> None:
    cases.claim(officer, case)
    cases.read(officer, case)


def _decide(officer: Actor, accept: bool, case: str) -> None:
    if accept:
        cases.decide(officer, case, "accepted", "Your birth certificate shows it. We have changed your entry.")
    else:
        cases.decide(officer, case, "rejected", "We could not read your birth certificate. Please send it again.")


def _visit(world: World, someone: Townsperson) -> None:
    at, resident = world.sometime(), someone.signed_in(f"visit-{len(world.events)}")
    if world.random.random() < 0.6:
        world.events.append((at, partial(service.read, resident, someone.person, OWN_ACCESS)))
    world.events.append((at + timedelta(minutes=1), partial(portal.uses_of, resident, someone.person, 1, Narrowing())))


def _survey(world: World, someone: Townsperson) -> None:
    """Consent, an invitation by machine, and for some a withdrawal before the next invitation is refused."""
    at, resident = world.sometime(0.1, 0.7), someone.signed_in(f"visit-{len(world.events)}")
    machine, consent = world.machines["Town survey"], list[str]()
    world.events.append(
        (at, lambda: consent.append(policy.give_consent(resident, someone.person, SURVEY, machine.agency)))
    )
    invite = partial(_invite, machine, someone, consent)
    world.events.append((at + timedelta(days=7), invite))
    if world.random.random() < 0.3:
        world.events.append(
            (at + timedelta(days=20), lambda: policy.withdraw_consent(resident, someone.person, consent[0]))
        )
    world.events.append((at + timedelta(days=30), invite))


def _invite(machine: Actor, someone: Townsperson, consent: list[str]) -> None:
    service.read(machine, someone.person, SURVEY, consent=consent[0])


def _refusal(world: World, someone: Townsperson) -> None:
    """Somebody tries what the rules do not allow."""
    officer, purpose = world.random.choice(
        (
            (world.officer("benefit-officer"), BENEFITS),  # without a case
            (world.officer("tax-officer"), KEEPING),
            (world.officer("school-officer"), KEEPING),
            (world.machines["Assessment run"], BENEFITS),
        )
    )
    world.events.append((world.sometime(), partial(service.read, officer, someone.person, purpose)))
