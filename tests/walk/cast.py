"""A small town with every role in it, and one resident, Zephyrine, whose data the others must not reach.

Everything is made through `service.py` functions and the demo sign-in, as the demo town is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client, override_settings
from django.test.client import ClientHandler

from commonweal.config import node as nodes
from commonweal.core import clock
from commonweal.core.cases import service as cases
from commonweal.core.cases.values import Notice
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor, Person, the_node
from commonweal.core.identity.models import DemoSignIn, SignIn
from commonweal.core.identity.values import Account
from commonweal.core.ledger import service as ledger
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.core.policy import service as policy
from commonweal.core.portal import service as portal
from commonweal.services.assistant import service as assistant
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import BENEFITS, SURVEY
from commonweal.services.registry.values import NewEntry
from tests import town

AGENCIES = {
    "register": "Population Register Office",
    "benefits": "Benefits Office",
    "tax": "Tax Office",
    "schools": "Schools Office",
    "oversight": "Town Oversight",
}
OFFICERS = {
    "registrar": "register",
    "identity-officer": "register",
    "benefit-officer": "benefits",
    "tax-officer": "tax",
    "school-officer": "schools",
    "auditor": "oversight",
    "operator": "oversight",
    "enquiry-officer": "register",
    "guidance-editor": "register",
}
EXTRA_ROLES = {"register": {"survey"}, "tax": {"benefit-officer"}}  # a machine's, and a misfit's
MISFITS = frozenset(
    {"former registrar", "idle registrar", "registrar by mail alone", "benefit officer of the tax office"}
)
TOKENS = ("tax machine", "survey machine", "operator machine", "revoked machine")
CORRECTION, EXPLANATION, QUESTION = "Quincebury", "My midwife wrote it down.", "Why did you look at my lodgings?"
NOTICE = "Who was the midwife?"
ASKED = "May I keep bees in Obsidian Row?"
SECRETS = ("Zephyrine", "Quillfeather", "Obsidian Row", CORRECTION, EXPLANATION, QUESTION, NOTICE, ASKED)
"""Of Zephyrine's data, what no page may show to anybody whom the table of access does not name."""


@dataclass(frozen=True)
class Zephyrine:
    """The resident whose objects the others try to reach: her ids, as an address or a form would name them."""

    person: Person
    account: Account
    client: Client
    n: int
    question: str
    case: str
    notice: str
    passkey: int
    session: str
    consent: str
    talk: str
    national: str = "901112-77"


@dataclass(frozen=True)
class Cast:
    """Everybody: `clients` are signed in browsers by role, `tokens` the machines' bearer tokens."""

    zephyrine: Zephyrine
    clients: dict[str, Client]
    people: dict[str, Person]
    accounts: dict[str, Account]
    posts: dict[str, int]
    tokens: dict[str, str]


def assemble() -> Cast:
    """Found the town."""
    cache.clear()
    open_chain(NODE_CHAIN, NODE_LABEL)
    for code, name in AGENCIES.items():
        roles = sorted({role for role, agency in OFFICERS.items() if agency == code} | EXTRA_ROLES.get(code, set()))
        accounts.register_agency(code, {"en": name}, {"email": f"{code}@testford.example"}, roles=roles)
    zephyrine = _zephyrine()
    cast = Cast(zephyrine, {"anonymous": browser()}, {}, {}, {}, _tokens())
    _admit(cast, "resident", "Mara", "Okafor", portal_visit=True)
    stranger = accounts.create_account("stranger@mail.example", "Sam Stranger")
    cast.clients["unconnected resident"] = sign_in(stranger)
    cast.accounts["unconnected resident"] = stranger
    for role, agency in OFFICERS.items():
        _appoint(cast, role, role, agency)
    _fall_out_of_office(cast)
    publish()
    return cast


def own_node(folder: Path) -> override_settings:
    """Settings for a node of its own in `folder`, so that each town's public log fits its tables."""
    return override_settings(
        COMMONWEAL=nodes.create(folder, "Testford", "demo.testford.example/log", "http://localhost:8000", nodes.ROOMS)
    )


def publish() -> None:
    """Place and publish everything that waits for the log."""
    ledger.create_keys()
    sequencer = ledger.sequencer()
    while sequencer.step() is not None:
        pass
    sequencer.close()


HANDLER = ClientHandler(enforce_csrf_checks=False)  # one for all: it looks for the static files when it is first asked


def browser() -> Client:
    """Somebody's browser."""
    client = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    client.handler = HANDLER
    return client


def sign_in(account: Account) -> Client:
    """A browser that is signed in to the account, by way of the demo page."""
    client = browser()
    identity.offer_demo_sign_in(account.id, "for tests")
    answer = client.post("/sign-in/demo/", {"account": str(account.id)})
    assert answer.status_code == 302, answer.content.decode()
    return client


def _admit(cast: Cast, role: str, given: str, family: str, *, portal_visit: bool = False) -> None:
    """Somebody with an entry in the register and an account that is connected to it."""
    (person,) = town.register(town.entry(given, family))
    account = accounts.create_account(f"{role.replace(' ', '-')}@testford.example", f"{given} {family}", person=person)
    cast.people[role], cast.accounts[role] = person, account
    cast.clients[role] = sign_in(account)
    if portal_visit:
        cast.clients[role].get("/your-data/")


def _appoint(cast: Cast, name: str, role: str, agency: str) -> None:
    """An officer: a resident who holds a post."""
    _admit(cast, name, name.title().replace(" ", "").replace("-", ""), "Officer")
    cast.posts[name] = identity.appoint(the_node("set-up"), cast.accounts[name].id, agency, role).id


def _fall_out_of_office(cast: Cast) -> None:
    """Officers who are not what they seem: out of post, away too long, weakly signed in, or in the wrong agency."""
    for name in ("former registrar", "idle registrar", "registrar by mail alone"):
        _appoint(cast, name, "registrar", "register")
    _appoint(cast, "benefit officer of the tax office", "benefit-officer", "tax")
    (post,) = identity.posts_of(cast.accounts["former registrar"].id)
    identity.end_post(the_node("set-up"), post)
    idle = SignIn.objects.filter(account_id=cast.accounts["idle registrar"].id)
    idle.update(seen=clock.now() - timedelta(minutes=20))
    session = cast.clients["registrar by mail alone"].session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code", "at": time.time()}]
    session.save()


def _zephyrine() -> Zephyrine:
    entry = NewEntry(
        "Zephyrine", "Quillfeather", date(1990, 11, 12), "Testford", "Obsidian Row", "77", "4021", "Testford",
        date(2010, 1, 1), identifier=Zephyrine.national,
    )  # fmt: skip
    (person,) = town.register(entry)
    account = accounts.create_account("z.q@mail.example", "Zephyrine Quillfeather", person=person)
    client = sign_in(account)
    DemoSignIn.objects.filter(account_id=account.id).delete()  # the others cannot sign in as her
    phone = {"name": "Phone", "credential": {}}
    passkey = Authenticator.objects.create(user_id=account.id, type="webauthn", data=phone)
    herself = town.resident(person, session="elsewhere")
    for case in ("B-1", "B-2", "B-3", "B-4", "B-5", "B-6"):
        registry.read(town.BENEFIT_OFFICER, person, BENEFITS, case=case)
    asked = registry.ask_correction(herself, person, "birth_place", CORRECTION, EXPLANATION)
    case = registry.cases_of([asked])[asked.id]
    n = 8  # a look by the benefits office; nobody else's chain is that long
    question = portal.ask(herself, person, n, QUESTION)
    session = SignIn.objects.get(account_id=account.id).id.hex
    notice = _a_notice(herself, case)
    consent = policy.give_consent(herself, person, SURVEY, "register")
    talk, _reply = assistant.ask(herself, ASKED, "en")
    assistant.hand_over(herself, talk)
    return Zephyrine(person, account, client, n, question.id, case, notice.id, passkey.pk, session, consent, talk)


def _a_notice(herself: Actor, case: str) -> Notice:
    """An officer asks her something about her case, and gives it back."""
    cases.claim(town.REGISTRAR, case)
    cases.ask(town.REGISTRAR, case, NOTICE)
    cases.release(town.REGISTRAR, case)
    return cases.inbox(herself, herself.person)[0][0]


def _tokens() -> dict[str, str]:
    setting_up = the_node("set-up")
    issued = {
        "tax machine": identity.issue_token(setting_up, "Assessment run", "tax", frozenset({"tax-officer"})),
        "survey machine": identity.issue_token(setting_up, "Town survey", "register", frozenset({"survey"})),
        "operator machine": identity.issue_token(setting_up, "Fleet", "oversight", frozenset({"operator"})),
        "revoked machine": identity.issue_token(setting_up, "Old run", "tax", frozenset({"tax-officer"})),
    }
    identity.revoke_token(setting_up, issued["revoked machine"])
    return {name: token.token for name, token in issued.items()}
