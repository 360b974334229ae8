"""Elections: drafted, open, closed, counted in each way, with a broken board; for voters, officers and observers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings

from commonweal.core import clock
from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import the_node
from commonweal.services.voting import records, service
from commonweal.services.voting.engine.election import AnyQuestion, Question, RankedQuestion
from commonweal.services.voting.engine.passes import Request, base64url
from tests import town
from tests.services.voting.life import Life, begin
from tests.walk.cast import Cast, sign_in
from tests.walk.scenes import LONG, Scene

OFFICERS = ("election-officer", "polling-officer")
ANSWERS = ("Ada", "Ben", "Cy")
SUMMED = Question(f"Which park? {LONG}", ("Harbour", LONG, "Station"), 1, 1, True)
RANKED: tuple[AnyQuestion, ...] = tuple(
    RankedQuestion("Who?", ANSWERS, {"type": kind, "value": value})
    for kind, value in (
        ("STV", {"seats": 1}),
        ("Schulze", {}),
        ("MajorityJudgment", {"grades": ["Good", "Fair", "Poor"]}),
        ("EqualShares", {"costs": [3, 4, 5], "budget": 7}),
    )
)
DAYS = {"opens": (1, 5), "closes": (9, 5)}
NEW = {"name": "Bins", "question": "Which bins?", "answers": "Green", "most": "1", "box": "https://vote.example"} | {
    f"{name}-{part}": str(value) for name, (day, month) in DAYS.items()
    for part, value in (("day", day), ("month", month), ("year", 2099))
}  # fmt: skip


def scenes(cast: Cast) -> list[Scene]:
    """An election in each state."""
    for role in OFFICERS:
        _appoint(cast, role)
    open_, closed, counted, ranked = _open(cast), _closed(), _counted(), _ranked()
    draft = service.draft(the_node("command"), service.standing(open_.uuid).draft)
    request = base64url(Request.new(open_.package.pass_key).blinded)
    query = urlencode({"blinded": request, "return": f"{open_.package.plan.box}/booth/{open_.uuid}/"})
    pages = {
        "an election, open": f"{open_.uuid}/",
        "board, open": f"{open_.uuid}/board/",
        "board, broken": f"{closed.uuid}/board/",
        "an election, closed": f"{closed.uuid}/",
        "result": f"{counted.uuid}/board/",
        "result, ranked": f"{ranked.uuid}/board/",
        "trustees": f"{open_.uuid}/trustees/",
        "trustees who shuffle": f"{ranked.uuid}/trustees/",
    }
    office = {
        "elections to hold": "", "a new election": "new/", "a draft": f"{draft}/", "a question": f"{draft}/question/",
        "the roll": f"{draft}/roll/", "leaving the roll": f"{draft}/roll/remove/",
        "freeze": f"{draft}/freeze/", "holding, open": f"{open_.uuid}/",
        "holding, closed": f"{closed.uuid}/",
    }  # fmt: skip
    return [
        Scene("elections", "anonymous", "/voting/"),
        *(Scene(name, "anonymous", f"/voting/{path}") for name, path in pages.items()),
        Scene("board, no such tracker", "anonymous", f"/voting/{open_.uuid}/board/", {"tracker": "nothing"}),
        Scene("elections", "resident", "/voting/"),
        Scene("an election, on the roll", "resident", f"/voting/{open_.uuid}/"),
        Scene("an election, not on the roll", "newcomer", f"/voting/{open_.uuid}/"),
        Scene("pass", "resident", f"/voting/{open_.uuid}/pass/?{query}"),
        Scene("pass, in a post", "registrar", f"/voting/{open_.uuid}/pass/?{query}"),
        Scene("no such election", "anonymous", "/voting/nothing/", status=404),
        *(Scene(name, "election-officer", f"/voting/office/{path}") for name, path in office.items()),
        Scene("elections, for officers", "election-officer", "/voting/"),
        Scene("a new election, empty", "election-officer", "/voting/office/new/", {}, error=True),
        Scene("a new election, saved", "election-officer", "/voting/office/new/", {**NEW, "method": "sum"}),
        Scene("a question, empty", "election-officer", f"/voting/office/{draft}/question/", {}, error=True),
        Scene("the roll, empty", "election-officer", f"/voting/office/{draft}/roll/", {}, error=True),
        Scene("leaving the roll, empty", "election-officer", f"/voting/office/{draft}/roll/remove/", {}, error=True),
        Scene("freeze, empty", "election-officer", f"/voting/office/{draft}/freeze/", {}, error=True),
        Scene("help with voting", "polling-officer", "/voting/office/help/"),
        Scene("help, nobody", "polling-officer", "/voting/office/help/", {"number": "nobody"}, error=True),
    ]


def _open(cast: Cast) -> Life:
    """In which the resident may vote, and somebody has voted."""
    life = begin(settings.COMMONWEAL.home / "open", SUMMED, also=[cast.people["resident"]])
    life.vote(0, (0, 1, 0, 0))
    with life.box.store.writing() as db:
        life.box.grow(db, life.uuid)
    service.follow(life.uuid, life.box)
    return life


def _closed() -> Life:
    """Whose board is broken."""
    life = _over("closed", SUMMED)
    service.follow(life.uuid, life.box)
    records.note_trouble(life.uuid, "event 4: checkpoint: expected 9f, got 3c")
    return life


def _counted() -> Life:
    life = _over("counted", SUMMED, (0, 1, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0))
    life.tally()
    service.follow(life.uuid, life.box)
    return life


def _ranked() -> Life:
    """One question for each way to count ranks."""
    folder, week = settings.COMMONWEAL.home / "ranked", timedelta(days=7)
    with clock.pretend(clock.now() - week):
        life = begin(folder, *RANKED, opens=_lately() - week)
        for voter in range(3):
            life.vote(voter, *((1, 2, 3) for _ in RANKED))
    life.close()
    life.tally()
    service.follow(life.uuid, life.box)
    return life


def _over(name: str, question: AnyQuestion, *votes: tuple[int, ...]) -> Life:
    week = timedelta(days=7)
    with clock.pretend(clock.now() - week):
        life = begin(settings.COMMONWEAL.home / name, question, opens=_lately() - week)
        for voter, marks in enumerate(votes):
            life.vote(voter, marks)
    life.close()
    return life


def _lately() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)


def _appoint(cast: Cast, role: str) -> None:
    accounts.register_agency("elections", {"en": "Election Office"}, {"email": "e@testford.example"}, roles=OFFICERS)
    (person,) = town.register(town.entry(role.title().replace("-", ""), "Officer"))
    account = accounts.create_account(f"{role}@testford.example", role.title().replace("-", ""), person=person)
    identity.appoint(the_node("set-up"), account.id, "elections", role)
    cast.clients[role], cast.accounts[role], cast.people[role] = sign_in(account), account, person
