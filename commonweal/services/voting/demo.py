"""The voting room's part of the demo town: a ranked election that is over, one that visitors can vote in for weeks, and
a large one that ends some minutes after the town is there.

All roles share the demo's machine, so every page says "low stakes". Each still has its own folder and does its own
work: codes, keys, passes, ballots, batches, decryption and the audit at the end are real. Most voters of the large one
come while you look (demo_voters.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from django.conf import settings

from commonweal.core import clock
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import Actor
from commonweal.demo.world import Townsperson, World
from commonweal.services.voting import demo_voters, service
from commonweal.services.voting.box import ceremony, promises
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.engine.audit import audit
from commonweal.services.voting.engine.ballots import make_ballot
from commonweal.services.voting.engine.credentials import secret_of
from commonweal.services.voting.engine.election import Question, RankedQuestion
from commonweal.services.voting.engine.passes import Request
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles import authority, trustee
from commonweal.services.voting.values import Draft, RollLine

Marks = Sequence[Sequence[int]]
BOX_FOLDER = "ballot-box"  # where `commonweal up` looks for a ballot server to run beside the node
LARGE_BALLOTS, EARLY_BALLOTS, RANKED_BALLOTS, OPEN_BALLOTS, OPEN_ROLL = 2_000, 100, 30, 10, 600
LARGE_STAYS_OPEN, LARGE_BATCH_SECONDS = timedelta(minutes=6), 30  # after the town began to be filled
PARK = Question(
    "Which park is renewed first?", ("Harbour Park", "Mill Meadow", "Station Green", "Castle Hill"), 1, 1, True
)
SUNDAYS = Question("Shall the town library open on Sundays?", ("Yes", "No"), 1, 1, True)
HOURS = Question("Which hours suit you? Choose up to two.", ("Morning", "Midday", "Afternoon", "Evening"), 1, 2)
COUNCIL = RankedQuestion(
    "Rank the candidates for the youth council.",
    ("Amal Haddad", "Bo Lind", "Carmen Ruiz", "Dario Conti", "Élise Martin"),
    {"type": "STV", "value": {"seats": 2}},
)


def _translated(name: str, *questions: tuple[str, Sequence[str]]) -> dict[str, object]:
    """An election's words in another language: its name, and for each question its words and answers."""
    asked = [{"question": question, "answers": list(answers)} for question, answers in questions]
    return {"name": name, "questions": asked}


TEXTS = {
    "fr": _translated(
        "La bibliothèque le dimanche",
        ("La bibliothèque municipale doit-elle ouvrir le dimanche ?", ("Oui", "Non")),
        ("Quels horaires vous conviennent ? Choisissez-en deux au plus.", ("Matin", "Midi", "Après-midi", "Soir")),
    ),
    "es": _translated(
        "La biblioteca los domingos",
        ("¿Debe abrir los domingos la biblioteca municipal?", ("Sí", "No")),
        ("¿Qué horario le conviene? Elija dos como máximo.", ("Mañana", "Mediodía", "Tarde", "Noche")),
    ),
    "ar": _translated(
        "المكتبة أيام الأحد",
        ("هل تفتح مكتبة المدينة أبوابها أيام الأحد؟", ("نعم", "لا")),
        ("ما الأوقات المناسبة لك؟ اختر وقتين على الأكثر.", ("صباحًا", "ظهرًا", "عصرًا", "مساءً")),
    ),
}


@dataclass
class Held:
    """An election of the demo, its roles' folders, and who may vote in it. `guests` are those who can sign in."""

    draft: Draft
    threshold: tuple[int, int]
    voters: list[Townsperson]
    guests: list[Townsperson]
    box: BallotBox
    later: dict[str, Marks] = field(default_factory=dict)  # what those choose who vote while you look, by name
    uuid: str = ""
    package: Package | None = None
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def frozen(self) -> Package:
        """The package. Only after `_freeze`."""
        assert self.package is not None  # noqa: S101 - the events come in order
        return self.package

    @property
    def folder(self) -> Path:
        """Where the roles' folders are."""
        return Path(settings.COMMONWEAL.home / demo_voters.ROLES / self.draft.name.lower().replace(" ", "-"))

    @property
    def trustees(self) -> list[Path]:
        """The trustees' folders."""
        return [self.folder / f"trustee-{index}" for index in range(1, self.threshold[1] + 1)]


def populate(world: World) -> None:
    """Nothing: elections come with the months of use."""


def plan(world: World) -> None:
    """Three elections, from the draft to where each stands today."""
    box, today = BallotBox(settings.COMMONWEAL.home / BOX_FOLDER), world.ends.replace(hour=6, minute=0, second=0)
    adults = list({who.name: who for who in world.people if who.age >= 18 and not who.employed}.values())
    offered = {offer.name for offer in identity.demo_offers()}
    guests = [who for who in adults if who.name in offered]
    crowd = [who for who in adults if who.name not in offered]

    def held(draft: Draft, threshold: tuple[int, int], voters: int) -> Held:
        return Held(draft, threshold, [*guests, *world.random.sample(crowd, voters)], guests, box)

    opens, _, place = _days(today, -3, 4)
    closes = (clock.now() + LARGE_STAYS_OPEN).replace(second=0, microsecond=0)
    parks = Draft("Parks first", "The town renews one park this year.", (PARK,), opens, closes, place,
                  board_every=LARGE_BATCH_SECONDS)  # fmt: skip
    council = Draft("Youth council", "Two members are elected by ranks.", (COUNCIL,), *_days(today, -25, 7))
    library = Draft("The library on Sundays", "The council asks before it decides.", (SUNDAYS, HOURS),
                    *_days(today, -2, 30), texts=TEXTS)  # fmt: skip
    large = held(parks, (3, 5), LARGE_BALLOTS + 30)
    _live(world, large, EARLY_BALLOTS, _park)
    large.later = {who.name: _park(world.random) for who in _crowd(large)[EARLY_BALLOTS:LARGE_BALLOTS]}
    _live(world, held(council, (2, 3), RANKED_BALLOTS + 10), RANKED_BALLOTS, _ranks)
    _live(world, held(library, (2, 3), OPEN_ROLL), OPEN_BALLOTS, _sundays)


def _days(today: datetime, first: int, length: int) -> tuple[datetime, datetime, str]:
    """When an election opens and closes, and where its ballots go: two ports above the node (commands/up.py)."""
    opens, parts = today + timedelta(days=first), urlsplit(settings.COMMONWEAL.address)
    return opens, opens + timedelta(days=length), f"{parts.scheme}://{parts.hostname}:{(parts.port or 8000) + 2}"


def _live(world: World, one: Held, ballots: int, choose: Callable[[Random], Marks]) -> None:
    """Every step of one election as an event of the town. Who can sign in votes for themselves, or not."""
    opens, closes = one.draft.opens, one.draft.closes
    until = min(closes, world.ends)
    world.events.append((opens - timedelta(days=5), partial(_freeze, one, world.officer("election-officer"))))
    for place, voter in enumerate(_crowd(one)[:ballots]):
        at, visit = opens + (until - opens) * world.random.random(), f"vote-{one.draft.name}-{place}"
        world.events.append((at, partial(_vote, one, voter, choose(world.random), visit)))
    for day in range(1, (until - opens).days + 1):
        world.events.append((opens + timedelta(days=day, seconds=1), partial(_strike, one)))
    if closes < world.ends:
        world.events.append((closes + timedelta(hours=3), partial(_tally, one)))


def _crowd(one: Held) -> list[Townsperson]:
    return [who for who in one.voters if who not in one.guests]


def _freeze(one: Held, officer: Actor) -> None:
    """Roll, codes, keys, freeze, letters; then every role holds the package."""
    uuid = one.uuid = service.draft(officer, one.draft)
    delivery = "By hand, at the town hall"
    service.enter_roll(officer, uuid, [RollLine(who.person, who.name, delivery) for who in one.voters])
    voters = [authority.Voter(who.label, who.name, who.delivery) for who in service.roll(officer, uuid)]
    credentials = authority.make_credentials(one.folder / "authority", uuid, voters)
    needed, size = one.threshold
    said = _read(trustee.certify(who, uuid, size, needed, index) for index, who in enumerate(one.trustees, 1))
    said += _read([trustee.share(who, uuid, said) for who in one.trustees])
    said += _read([trustee.finish(who, uuid, said) for who in one.trustees])
    said += _read([promises.make_key(one.box.folder, uuid)])
    one.package = service.freeze(officer, uuid, said, _read([credentials])[0])
    for who in one.trustees:
        trustee.hold(who, one.package)
    one.box.install(one.package)
    labels = {who.name: who.label for who in voters}
    authority.letters(one.folder / "authority", one.package, [labels[who.name] for who in one.guests])
    codes = authority.codes(one.folder / "authority")
    one.codes = {who.name: codes[who.label] for who in voters}
    service.code_sent(officer, uuid)
    if one.later:
        waiting = [
            demo_voters.Waiting(who.person.id, who.name, one.codes[who.name], one.later[who.name])
            for who in one.voters
            if who.name in one.later
        ]
        demo_voters.wait(one.folder, waiting, one.trustees[:needed])


def _vote(one: Held, voter: Townsperson, marks: Marks, visit: str) -> None:
    request = Request.new(one.frozen.pass_key)
    signature = service.draw_pass(voter.signed_in(visit), voter.person, one.uuid, request.blinded)
    shown = request.finish(one.frozen.pass_key, signature)
    ballot = make_ballot(one.frozen.election, secret_of(one.codes[voter.name], one.uuid), marks)
    one.box.cast(one.uuid, ballot.content(), shown, clock.now())


def _strike(one: Held) -> None:
    """The box's clock, and the node that follows it."""
    if not ceremony.close(one.box, one.uuid, clock.now()):
        one.box.tick(one.uuid, clock.now())
    service.follow(one.uuid, one.box)


def _tally(one: Held) -> None:
    """As many trustees as are needed come; the others are on holiday."""
    if one.frozen.plan.shuffles:
        _let_each(one, trustee.shuffle)
    signatures = ceremony.progress(one.box, one.uuid).signatures
    _let_each(one, partial(trustee.decrypt, signatures=signatures))
    service.follow(one.uuid, one.box)


def _let_each(one: Held, work: Callable[..., ceremony.Contribution]) -> None:
    """Each trustee's part, one after the other. To save time they share one audit."""
    board, logged = one.folder / "board.bel", [one.box.head(one.uuid).checkpoint]
    board.write_bytes(b"".join(one.box.board(one.uuid)))
    report = audit(board, logged)
    for who in one.trustees[: one.threshold[0]]:
        ceremony.contribute(one.box, one.uuid, work(who, board, clock.now(), logged, report=report))
        board.write_bytes(b"".join(one.box.board(one.uuid)))


def _park(chance: Random) -> Marks:
    favourite = chance.choices(range(5), (3, 40, 28, 18, 11))[0]
    return [[int(place == favourite) for place in range(5)]]


def _ranks(chance: Random) -> Marks:
    return [chance.sample(range(1, 6), 5)]


def _sundays(chance: Random) -> Marks:
    yes = chance.random() < 0.6
    return [[0, int(yes), int(not yes)], [0, 0, 1, 1]]


def _read(paths: Iterable[Path]) -> list[dict[str, object]]:
    return [json.loads(path.read_text("utf-8")) for path in paths]
