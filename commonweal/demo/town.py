"""Fills the demo town: agencies, people, officers, then months of use. Runs the real path for everything it shows."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from random import Random
from types import ModuleType

from django.conf import settings
from tqdm import tqdm

from commonweal.config.node import Node
from commonweal.core import clock
from commonweal.core.identity import accounts, service
from commonweal.core.identity.actors import Actor, the_node
from commonweal.core.refused import Refused
from commonweal.demo.world import World

SEED = 2026
MONTHS = timedelta(days=180)
AGENCIES = {
    "register": {
        "en": "Population Register Office",
        "fr": "Service du registre de la population",
        "es": "Oficina del Registro de Población",
        "ar": "مكتب سجل السكان",
    },
    "benefits": {
        "en": "Benefits Office",
        "fr": "Service des prestations",
        "es": "Oficina de Prestaciones",
        "ar": "مكتب الإعانات",
    },
    "tax": {"en": "Tax Office", "fr": "Service des impôts", "es": "Oficina de Impuestos", "ar": "مكتب الضرائب"},
    "elections": {
        "en": "Election Office",
        "fr": "Bureau électoral",
        "es": "Oficina Electoral",
        "ar": "مكتب الانتخابات",
    },
    "schools": {"en": "Schools Office", "fr": "Service scolaire", "es": "Oficina de Escuelas", "ar": "مكتب المدارس"},
}
OVERSIGHT = {"en": "Town Oversight", "fr": "Contrôle municipal", "es": "Supervisión municipal", "ar": "الرقابة البلدية"}
# role -> agency, and how many hold it
STAFF = {
    "registrar": ("register", 3),
    "identity-officer": ("register", 1),
    "benefit-officer": ("benefits", 4),
    "tax-officer": ("tax", 2),
    "school-officer": ("schools", 2),
    "counter-officer": ("register", 1),
    "guardianship-officer": ("register", 1),
    "enquiry-officer": ("register", 2),
    "guidance-editor": ("register", 1),
    "erasure-officer": ("register", 2),
    "supervisor": ("benefits", 1),
    "investigator": ("tax", 2),
    "data-protection-officer": ("oversight", 1),
    "auditor": ("oversight", 1),
    "operator": ("oversight", 1),
    "election-officer": ("elections", 1),
    "polling-officer": ("elections", 1),
}
NEEDS_TWO = {"erasure-officer", "investigator"}  # one proposes, the other confirms: the demo lets you be both

MACHINES = (("Assessment run", "tax", "tax-officer"), ("Town survey", "register", "survey"))  # name, agency, role


def fill_if_empty(node: Node) -> None:
    """Fill the town unless it is there. Only on a node with a demo origin."""
    if not node.demo:
        print(f"{node.name} is a real node ({node.origin}): the demo town was not loaded.", file=sys.stderr)
        return
    if accounts.agencies():
        return
    now = datetime.now(UTC)
    world = World(now - MONTHS, now - timedelta(hours=1), Random(SEED), {}, {})
    _agencies()
    demos = _demos()
    print("Filling the demo town: 5,000 people, half a year of use ...", file=sys.stderr, flush=True)
    with tqdm(unit=" steps", total=len(demos) + 1, disable=not sys.stderr.isatty()) as bar:
        for demo in demos:
            demo.populate(world)
            bar.update()
        _staff(world)
        for demo in demos:
            demo.plan(world)
        bar.total += len(world.events)
        bar.update()
        for instant, happens in sorted(world.events, key=lambda event: event[0]):
            with clock.pretend(instant), suppress(Refused):  # refusals are part of a town's life, and evidence
                happens()
            bar.update()
    _sign_ins(node)


def _demos() -> list[ModuleType]:
    modules = [f"{module}.demo" for module in settings.SERVICES.values()]
    return [import_module(module) for module in modules if find_spec(module)]


def _agencies() -> None:
    for code, names in (AGENCIES | {"oversight": OVERSIGHT}).items():
        roles = {role for role, (agency, _) in STAFF.items() if agency == code}
        roles |= {role for _, agency, role in MACHINES if agency == code}
        accounts.register_agency(code, names, {"email": f"{code}@aldermere.example"}, roles=sorted(roles))


def _staff(world: World) -> None:
    """Officers are residents of the town who hold a post."""
    workers = iter([someone for someone in world.people if 25 <= someone.age < 60])
    setting_up = the_node("set-up")
    with clock.pretend(world.begins):
        for role, (agency, count) in STAFF.items():
            for place in range(count):
                someone = next(workers)
                someone.employed = True
                account = accounts.create_account(
                    f"{role}-{place + 1}@aldermere.example", someone.name, person=someone.person
                )
                service.appoint(setting_up, account.id, agency, role)
                actor = Actor("officer", f"account:{account.id.hex}", someone.name, agency, frozenset({role}), 2, True)
                world.officers.setdefault(role, []).append(actor)
                if place == 0 or role in NEEDS_TWO:
                    office = AGENCIES.get(agency, OVERSIGHT)["en"]
                    service.offer_demo_sign_in(account.id, f"{role.replace('-', ' ')}, {office}")
        for name, agency, role in MACHINES:
            token = service.issue_token(setting_up, name, agency, frozenset({role}))
            world.machines[name] = Actor(
                "service", f"service:{token.id.hex}", name, agency, frozenset({role}), 2, automatic=True
            )


def _sign_ins(node: Node) -> None:
    """Note who can sign in without a device, for `commonweal up` to print."""
    lines = [f"  {offer.name:<26} {offer.label}" for offer in service.demo_offers()]
    (node.home / "demo-sign-ins.txt").write_text("\n".join(lines) + "\n", "utf-8")
