"""The portal, the register, cases and accounts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from commonweal.core.cases import service as cases
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.identity.values import Account
from commonweal.core.portal import service as portal
from commonweal.core.portal import uses
from commonweal.core.refused import Refused
from commonweal.services.registry import service as registry
from commonweal.services.registry.purposes import BENEFITS, KEEPING, TAX
from commonweal.services.registry.values import Address
from tests import town
from tests.walk.cast import Cast, publish, sign_in
from tests.walk.scenes import LONG, NAMES_IN_ARABIC, Scene

AT_BENEFITS = uses.Narrowing(agency="benefits")


def scenes(cast: Cast) -> list[Scene]:
    """In the order in which they must be played."""
    return [*anonymous(), *resident(cast), *officers(cast)]


def anonymous() -> list[Scene]:
    pages = {"start": "/", "public log": "/public-log/", "processing": "/processing/",
             "sign in": "/account/sign-in/", "sign up": "/account/sign-up/",
             "sign up by mail": "/account/sign-up/by-mail/", "recovery": "/account/recovery/",
             "demo": "/sign-in/demo/", "inactive": "/account/inactive/"}  # fmt: skip
    return [
        *(Scene(name, "anonymous", path) for name, path in pages.items()),
        Scene("nothing here", "anonymous", "/nowhere/", status=404),
    ]


def own_pages() -> list[Scene]:
    """The pages of anybody who has a record."""
    paths = ("/your-data/", "/your-data/uses/1/", "/your-data/uses/1/ask/", "/your-data/check/", "/registry/mine/",
             "/registry/mine/correct/", "/account/", "/account/sessions/")  # fmt: skip
    return [Scene("own page", "resident", path) for path in paths]


def resident(cast: Cast) -> list[Scene]:
    """Mara, whose record has everything in it, and the people who have nothing or too much of it."""
    mara = cast.people["resident"]
    n = _live_a_little(cast, mara)
    long = _somebody_long(cast)
    use = f"/your-data/uses/{n}/"
    mistake = {"field": "born", "proposed": "yesterday", "explanation": "It was so."}
    return [
        Scene("your data", "resident", "/your-data/"),
        Scene("your data, second page", "resident", "/your-data/?page=2"),
        Scene("your data, automatic", "resident", "/your-data/?only=automatic&agency=tax"),
        Scene("your data, by others", "resident", "/your-data/?only=others"),
        Scene("your data, refused", "resident", "/your-data/?only=refused"),
        Scene("your data, nothing matches", "resident", "/your-data/?agency=schools"),
        Scene("one use", "resident", use),
        Scene("one's own use", "resident", "/your-data/uses/2/"),
        Scene("no such use", "resident", "/your-data/uses/9999/", status=404),
        Scene("ask", "resident", f"{use}ask/"),
        Scene("ask, empty", "resident", f"{use}ask/", {"text": ""}, error=True),
        Scene("ask, sent", "resident", f"{use}ask/", {"text": "Why?"}),
        Scene("check", "resident", "/your-data/check/"),
        Scene("consents", "resident", "/your-data/consents/"),
        Scene("own entry", "resident", "/registry/mine/"),
        Scene("correct", "resident", "/registry/mine/correct/?field=address"),
        Scene("correct, empty", "resident", "/registry/mine/correct/", {}, error=True),
        Scene("correct, mistake", "resident", "/registry/mine/correct/", mistake, error=True),
        Scene("correct, sent", "resident", "/registry/mine/correct/", mistake | {"proposed": "1984-03-28"}),
        Scene("refused, by role", "resident", "/audit/", status=403),
        Scene("refused at the door", "resident", f"/registry/people/{long.id}/", status=403),
        Scene("your data, not connected", "unconnected resident", "/your-data/"),
        Scene("own entry, not connected", "unconnected resident", "/registry/mine/"),
        Scene("own entry, none", "newcomer", "/registry/mine/"),
        Scene("your data, no use yet", "newcomer", "/your-data/"),
        Scene("your data, long", "long", "/your-data/"),
        Scene("one use, long", "long", "/your-data/uses/3/"),
        Scene("own entry, long", "long", "/registry/mine/"),
        Scene("own entry, Arabic name", "arabic", "/registry/mine/"),
    ]


def officers(cast: Cast) -> list[Scene]:
    """The desks of the agencies."""
    mara = cast.people["resident"]
    herself = town.resident(mara, session="earlier")
    long = cast.people["long"]
    at = _cases(herself, long, cast)
    n = _entry(mara)
    answered = portal.ask(herself, mara, n, "What for?")
    portal.answer(town.BENEFIT_OFFICER, answered.id, "To decide on your claim.\nIt was granted.")
    asked = portal.ask(town.resident(long), long, 3, "Why?" * 400)
    at["question"] = f"/questions/{asked.id}/"
    return [
        Scene("search", "registrar", "/registry/search/"),
        Scene("search, empty", "registrar", "/registry/search/?name=&case=", error=True),
        Scene("search, found", "registrar", f"/registry/search/?name={LONG[:20]}&case=R-1"),
        Scene("search, nobody", "registrar", "/registry/search/?name=nobody+of+this+name"),
        Scene("search, without a case", "benefit-officer", "/registry/search/?name=Mara", error=True),
        Scene("an entry", "registrar", f"/registry/people/{mara.id}/?case=R-1"),
        Scene("an entry, long", "registrar", f"/registry/people/{long.id}/"),
        Scene("a birth", "registrar", f"/registry/people/{mara.id}/birth/"),
        Scene("a move, mistake", "registrar", f"/registry/people/{mara.id}/move/", {}, error=True),
        Scene("an entry, for school", "school-officer", f"/registry/people/{mara.id}/"),
        Scene("an entry, for tax", "tax-officer", f"/registry/people/{mara.id}/"),
        Scene("an entry, refused", "benefit-officer", f"/registry/people/{mara.id}/", status=403),
        Scene("cases", "registrar", "/cases/"),
        Scene("cases, none", "school-officer", "/cases/"),
        Scene("cases, decided", "registrar", "/cases/?show=closed&language=en"),
        Scene("a case, free", "registrar", at["free"]),
        Scene("a case, taken", "registrar", at["taken"]),
        Scene("a case, empty", "registrar", at["taken"], {}, error=True),
        Scene("a case, a colleague's", "registrar", at["colleague's"]),
        Scene("a case, decided", "registrar", at["decided"]),
        Scene("a case, refused", "tax-officer", at["free"], status=403),
        Scene("ask the person", "registrar", f"{at['taken']}ask/"),
        Scene("ask the person, empty", "registrar", f"{at['taken']}ask/", {"text": ""}, error=True),
        Scene("hand over", "registrar", f"{at['taken']}hand-over/"),
        Scene("hand over, to nobody", "registrar", f"{at['taken']}hand-over/", {}, error=True),
        Scene("inbox", "resident", "/inbox/"),
        Scene("inbox, in a post", "registrar", "/inbox/"),
        Scene("inbox, empty", "newcomer", "/inbox/"),
        Scene("a message", "resident", at["message"]),
        Scene("own case, rejected", "resident", at["own, rejected"]),
        Scene("own case, open", "long", at["own, open"]),
        Scene("own case, reply empty", "long", at["own, open"], {"text": ""}, error=True),
        Scene("appeal", "resident", f"{at['own, rejected']}appeal/"),
        Scene("appeal, empty", "resident", f"{at['own, rejected']}appeal/", {"text": ""}, error=True),
        Scene("channel", "resident", "/inbox/channel/"),
        Scene("channel, no number", "resident", "/inbox/channel/", {"name": "sms", "address": ""}, error=True),
        Scene("your data, in a post", "registrar", "/your-data/"),
        Scene("your entry, in a post", "tax-officer", "/registry/mine/"),
        Scene("questions, none", "school-officer", "/questions/"),
        Scene("questions", "benefit-officer", "/questions/"),
        Scene("a question", "benefit-officer", at["question"]),
        Scene("a question, empty", "benefit-officer", at["question"], {"text": ""}, error=True),
        Scene("a question, answered", "benefit-officer", f"/questions/{answered.id}/"),
        Scene("codes", "identity-officer", "/identity/codes/"),
        Scene("posts", "registrar", "/account/posts/"),
        Scene("audit", "auditor", "/audit/"),
        Scene("audit of the tables", "auditor", "/audit/tables/"),
        Scene("audit of the tables, done", "auditor", "/audit/tables/", {}),
        Scene("status", "operator", "/status/"),
        Scene("measurements", "operator", "/status/measurements/"),
    ]


def _cases(mara: Actor, long: Person, cast: Cast) -> dict[str, str]:
    """Cases in every state, and where they are seen."""
    account, person = cast.accounts["registrar"], cast.people["registrar"]
    registrar = Actor("officer", f"account:{account.id.hex}", account.name, "register", frozenset({"registrar"}), 2,
                      person=person)  # fmt: skip
    asked = registry.ask_correction(mara, mara.person, "given", "Marah", "It is written so.")
    free = registry.ask_correction(mara, mara.person, "family", "Okafour", "It is written so.")
    waiting = registry.ask_correction(town.resident(long), long, "birth_place", LONG * 2, f"{LONG} " * 9)
    taken = registry.ask_correction(town.resident(long), long, "family", LONG[:90], "It is written so.")
    found = registry.cases_of([asked, free, waiting, taken])
    cases.claim(registrar, found[asked.id])
    cases.decide(registrar, found[asked.id], "rejected", "The certificate cannot be read.")
    cases.claim(registrar, found[waiting.id])
    cases.ask(registrar, found[waiting.id], f"{LONG} " * 3)
    cases.claim(town.REGISTRAR, found[taken.id])
    (notice,), _ = cases.inbox(mara, mara.person)
    at = {"free": free, "taken": waiting, "colleague's": taken, "decided": asked}
    own = {"own, rejected": asked, "own, open": waiting}
    return (
        {name: f"/cases/{found[one.id]}/" for name, one in at.items()}
        | {name: f"/inbox/cases/{found[one.id]}/" for name, one in own.items()}
        | {"message": f"/inbox/{notice.id}/"}
    )


def _live_a_little(cast: Cast, mara: Person) -> int:
    """Uses of every kind, more than a page of them. Returns the entry of a use that was asked about and answered."""
    machine = Actor("service", "service:run", "Assessment run", "tax", frozenset({"tax-officer"}), 2, automatic=True)
    for month in range(1, 28):
        registry.read(town.BENEFIT_OFFICER, mara, BENEFITS, case=f"B-{month}")
    registry.read(machine, mara, TAX)
    with suppress(Refused):
        registry.read(town.SCHOOL_OFFICER, mara, KEEPING)
    for number in ("3", "5"):
        registry.move(town.REGISTRAR, mara, Address("Harbour Street", number, "4021", "Testford", date(2026, 5, 1)))
    family = town.register(town.entry("Ada"), town.entry("Ben"), town.entry("Ola"))
    for kind, relative in zip(("child", "child", "spouse"), family, strict=True):
        registry.relate(town.REGISTRAR, mara, kind, relative, date(2012, 2, 2))
    return _entry(mara)


def _entry(person: Person) -> int:
    """The newest look of the benefits office at a person."""
    return next(use.n for use in uses.page_of(person, 1, AT_BENEFITS).uses if use.case.startswith("B-"))


def _somebody_long(cast: Cast) -> Person:
    """People whose names and records are longer than any page expects, or written in another script."""
    (person, other) = town.register(
        town.entry(LONG[:100], LONG[:100], street=LONG[:120]),
        town.entry(*NAMES_IN_ARABIC[:2], birth_place=NAMES_IN_ARABIC[2]),
    )
    name = f"{LONG[:100]} {LONG[:99]}"
    clerk = Actor("officer", "officer:long", name, "benefits", frozenset({"benefit-officer"}), 2)
    registry.read(clerk, person, BENEFITS, case="B-1" * 20)
    registry.read(clerk, person, BENEFITS, case="B-2")
    _join(cast, "long", accounts.create_account("long@mail.example", name, person=person))
    _join(cast, "arabic", accounts.create_account("layla@mail.example", NAMES_IN_ARABIC[0], person=other))
    newcomer = identity.create_person()
    _join(cast, "newcomer", accounts.create_account("new@mail.example", "Nell Newcomer", person=newcomer))
    publish()
    return person


def _join(cast: Cast, role: str, account: Account) -> None:
    cast.clients[role], cast.accounts[role] = sign_in(account), account
    if account.person:
        cast.people[role] = account.person
