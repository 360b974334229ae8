"""Acting for others, the counter, data under seal, emergencies, objections, erasure, and everything that is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from commonweal.core import clock
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Person, the_node
from commonweal.core.investigations import service as investigations
from commonweal.core.ledger import sealed
from commonweal.core.ledger.entries import open_chain
from commonweal.core.mandates import service as mandates
from commonweal.core.policy import service as policy
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import EMERGENCY
from tests import town
from tests.walk.cast import Cast, sign_in
from tests.walk.scenes import Scene

OFFICERS = {"counter-officer": "register", "guardianship-officer": "register", "erasure-officer": "register",
            "investigator": "tax", "supervisor": "benefits"}  # fmt: skip
LATE = {"last_day-day": "1", "last_day-month": "6", "last_day-year": "2099"}


def scenes(cast: Cast) -> list[Scene]:
    """In the order in which they must be played."""
    open_chain(sealed.SEALED_CHAIN, sealed.SEALED_LABEL)
    for role, agency in OFFICERS.items():
        _appoint(cast, role, agency)
    mara = cast.people["resident"]
    _mandates(cast, mara)
    _hard_lives(mara, cast.people["newcomer"])
    return [*people(), *officers(mara)]


def people() -> list[Scene]:
    """What residents see."""
    return [
        Scene("acting for others", "resident", "/your-data/acting/"),
        Scene("acting for others, nobody", "newcomer", "/your-data/acting/"),
        Scene("acting for others, in a post", "registrar", "/your-data/acting/"),
        Scene("give a power of attorney", "resident", "/your-data/acting/give/"),
        Scene("give a power of attorney, empty", "resident", "/your-data/acting/give/", {}, error=True),
        Scene("your data, for another", "attorney", "/your-data/"),
        Scene("own entry, for another", "attorney", "/registry/mine/"),
        Scene("own entry, for another, ended", "former attorney", "/registry/mine/", status=403),
        Scene("limits", "resident", "/your-data/limits/"),
        Scene("limits, in force", "newcomer", "/your-data/limits/"),
        Scene("limits, empty", "resident", "/your-data/limits/", {}, error=True),
        Scene("everything", "resident", "/your-data/everything/"),
        Scene("everything, long", "long", "/your-data/everything/"),
        Scene("everything, not connected", "unconnected resident", "/your-data/everything/"),
        Scene("acts for another, security", "attorney", "/account/"),
    ]


def officers(mara: Person) -> list[Scene]:
    """What officers see."""
    return [
        Scene("counter", "counter-officer", "/counter/"),
        Scene("counter, empty", "counter-officer", "/counter/", {}, error=True),
        Scene("a guardian", "guardianship-officer", "/counter/guardians/"),
        Scene("a guardian, empty", "guardianship-officer", "/counter/guardians/", {}, error=True),
        Scene("erase", "erasure-officer", "/erasure/"),
        Scene("erase, nobody", "erasure-officer", "/erasure/", {"value": "nobody"}, error=True),
        Scene("erase, propose", "erasure-officer", f"/erasure/{mara.id}/"),
        Scene("erase, empty", "erasure-officer", f"/erasure/{mara.id}/", {}, error=True),
        Scene("under seal", "investigator", "/investigations/"),
        Scene("under seal, empty", "investigator", "/investigations/", {}, error=True),
        Scene("under seal, an order", "investigator", "/investigations/orders/?order=Gs+12"),
        Scene("under seal, no order", "supervisor", "/investigations/orders/"),
        Scene("under seal, no such order", "supervisor", "/investigations/orders/?order=Gs+99"),
        Scene("under seal, longer", "investigator", "/investigations/sealed/1/?order=Gs+12"),
        Scene("under seal, longer, empty", "investigator", "/investigations/sealed/1/?order=Gs+12", {}, error=True),
        Scene("an emergency", "benefit-officer", f"/registry/people/{mara.id}/emergency/"),
        Scene("an emergency, empty", "benefit-officer", f"/registry/people/{mara.id}/emergency/", {}, error=True),
        Scene("emergencies to review", "supervisor", "/cases/"),
    ]


def _appoint(cast: Cast, role: str, agency: str) -> None:
    known = accounts.agency(agency)
    accounts.register_agency(agency, known.names, known.contact, roles=[*known.roles, role])
    (person,) = town.register(town.entry(role.title().replace("-", ""), "Officer"))
    account = accounts.create_account(f"{role}@testford.example", role.title().replace("-", ""), person=person)
    identity.appoint(the_node("set-up"), account.id, agency, role)
    cast.clients[role], cast.accounts[role], cast.people[role] = sign_in(account), account, person


def _mandates(cast: Cast, mara: Person) -> None:
    """Two who act for Mara, one of them no longer; and a child of hers."""
    herself = town.resident(mara, session="mandates")
    born = clock.now().date() - timedelta(days=3_000)
    (child,) = town.register(town.entry("Kim", born=born))
    registry.relate(town.REGISTRAR, mara, "child", child, born)
    mandates.grant(herself, mara, ["registry"], clock.now() + timedelta(days=90))
    for name in ("attorney", "former attorney"):
        (person,) = town.register(town.entry(name.title(), "Bell"))
        account = accounts.create_account(
            f"{name.replace(' ', '-')}@mail.example", f"{name.title()} Bell", person=person
        )
        client = sign_in(account)
        mandate, code = mandates.grant(herself, mara, [], None)
        client.post("/your-data/acting/", {"code": code})
        client.post("/your-data/acting/", {"begin": mandate})
        cast.clients[name], cast.accounts[name], cast.people[name] = client, account, person
        if name.startswith("former"):
            mandates.end(herself, mandate)
    helper = replace(town.officer("counter-officer", "register", "Cora Counter"), session="counter")
    mandates.assist(helper, mara, "A wrong birth place")


def _hard_lives(mara: Person, newcomer: Person) -> None:
    """Something under seal, an emergency, an objection and a restriction."""
    investigator = town.officer("investigator", "tax", "Iris Investigator")
    day = clock.now().date() + timedelta(days=90)
    investigations.read(investigator, mara, "registry", "Gs 12", day)
    registry.read(town.BENEFIT_OFFICER, mara, EMERGENCY, emergency="She fainted at our desk.")
    policy.ask_restriction(town.resident(mara, session="limits"), mara, "registry", "My address is wrong.")
    policy.object_to(town.resident(newcomer, session="limits"), newcomer, "tax.assessment", "I moved away.")
