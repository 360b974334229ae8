"""What goes on in the demo town while you look: residents vote until the close, then the trustees count.

2,000 ballots would make the filling of the town wait for a minute. So most voters of one election come after the town
answers, each with their own pass, code and ballot, through the node's and the ballot server's own doors, a few at each
round of the node's worker. Every hour is the real one. Whoever has not come when the election closes has not voted.
"""

from __future__ import annotations

import math
import random
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from commonweal.core import clock
from commonweal.core.identity import people
from commonweal.core.refused import Refused
from commonweal.demo.world import Townsperson
from commonweal.services.voting import service
from commonweal.services.voting.box.ballot_box import DONE, TALLYING
from commonweal.services.voting.box.ceremony import signatures_in
from commonweal.services.voting.boxes import NoAnswer, Server
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.refusal import Refused as Broken
from commonweal.services.voting.frozen import Package
from commonweal.services.voting.roles import trustee, voter
from commonweal.services.voting.roles.folder import read_private, write_private, write_public

ROLES = "voting-roles"  # in the node's folder: on this machine, which is why the stakes are low
WAITING, VOTERS, TRUSTEES, CAST = "waiting", "voters.json", "trustees.json", "cast.json"
LAST_MINUTES = timedelta(minutes=1)  # by then all have voted, if the machine is fast enough


@dataclass(frozen=True)
class Waiting:
    """Somebody who will vote, with the code from their letter and what they will choose."""

    person: UUID
    name: str
    code: str
    marks: Sequence[Sequence[int]]


def wait(roles: Path, voters: Sequence[Waiting], trustees: Sequence[Path]) -> None:
    """Let these voters come, and these trustees after them. `roles` is the folder with the election's roles."""
    rows = [[who.person.hex, who.name, who.code, [list(marks) for marks in who.marks]] for who in voters]
    write_private(roles / WAITING / VOTERS, rows)
    write_private(roles / WAITING / TRUSTEES, [who.name for who in trustees])


def live_on(seconds: float) -> None:
    """One round of every election that somebody waits for; the next comes in so many seconds."""
    for coming in (settings.COMMONWEAL.home / ROLES).glob(f"*/{WAITING}/{TRUSTEES}"):
        waiting = coming.parent
        trustees = [waiting.parent / name for name in read_private(coming)]
        package = trustee.held(trustees[0])
        with suppress(NoAnswer, Broken):  # tried again in the next round
            if package.plan.state(clock.now()) == "open":
                _some_vote(waiting, package, seconds)
            elif _counted(waiting.parent, package, trustees):
                coming.unlink()
                shutil.rmtree(waiting)


def _some_vote(waiting: Path, package: Package, seconds: float) -> None:
    """As many as must come now for all to have voted in time, in no particular order."""
    left = [(place, who) for place, who in enumerate(_voters(waiting)) if not (waiting / str(place) / CAST).exists()]
    rounds = (package.plan.closes - LAST_MINUTES - clock.now()).total_seconds() / seconds
    for place, who in random.sample(left, min(len(left), math.ceil(len(left) / max(rounds, 1)))):
        with suppress(Refused, service.NotOnTheRoll, service.PassDrawn, service.NotNow):
            _vote(waiting / str(place), package, who)


def _vote(folder: Path, package: Package, who: Waiting) -> None:
    """Safe to break off anywhere: the pass is the same when it is drawn again, and a ballot cast twice counts once."""
    person, uuid = people.person(who.person), package.plan.uuid
    asked = voter.request(folder, package)
    actor = Townsperson(person, who.name, age=math.nan).signed_in(f"vote-{uuid}-{folder.name}")
    signature = service.draw_pass(actor, person, uuid, asked.blinded)
    write_public(folder / CAST, voter.cast(folder, package, who.code, who.marks, signature))


def _voters(waiting: Path) -> list[Waiting]:
    rows: list[list[Any]] = read_private(waiting / VOTERS)
    return [Waiting(UUID(person), name, code, marks) for person, name, code, marks in rows]


def _counted(roles: Path, package: Package, trustees: Sequence[Path]) -> bool:
    """One trustee's part after the other, a round for each. True once the result is on the board."""
    uuid, server = package.plan.uuid, Server(package.plan.box)
    progress = server.ceremony(uuid)
    logged = [one.checkpoint for one in service.standing(uuid).heads]
    if progress["phase"] == TALLYING and server.head(uuid).checkpoint in logged:
        board = roles / "board.bel"
        with board.open("wb") as file:
            file.writelines(server.board(uuid))
        signatures = signatures_in(canonical(progress))
        next_one = trustees[len(progress["decrypted"])]
        server.send(uuid, trustee.decrypt(next_one, board, clock.now(), logged, signatures).written())
    return bool(progress["phase"] == DONE)
