"""The demo's elections live through their months; the large one ends while you look, its voters coming bit by bit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings
from django.test import override_settings

from commonweal.core import clock
from commonweal.demo.world import Townsperson, World
from commonweal.services.voting import boxes, demo, demo_voters, service
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.box.clock import strike
from commonweal.services.voting.box.server import Server
from tests import town
from tests.services.voting.life import NODE
from tests.services.voting.processes import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NUMBERS = {"LARGE_BALLOTS": 8, "EARLY_BALLOTS": 2, "RANKED_BALLOTS": 3, "OPEN_BALLOTS": 2, "OPEN_ROLL": 5}


def test_every_election_comes_as_far_as_its_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in NUMBERS.items():
        monkeypatch.setattr(demo, name, number)
    people = town.register(*(town.entry("Voter", f"Number{n}") for n in range(45)))
    ends, port = datetime.now(UTC), free_port()
    crowd = [Townsperson(one, f"Voter {n}", 40.0) for n, one in enumerate(people)]
    world = World(ends - timedelta(days=90), ends, Random(1), {"election-officer": [NODE]}, {}, crowd)
    node = dataclasses.replace(settings.COMMONWEAL, home=tmp_path, address=f"http://127.0.0.1:{port - 2}")
    with override_settings(COMMONWEAL=node):
        demo.plan(world)
        for at, happens in sorted(world.events, key=lambda event: event[0]):
            with clock.pretend(at):
                happens()
        assert standing(ends) == {
            "Parks first": ("open", None), "Youth council": ("closed", 3), "The library on Sundays": ("open", None),
        }  # fmt: skip
        box = BallotBox(tmp_path / demo.BOX_FOLDER)
        with serving(box, port) as hours:
            for minute in range(1, 13):
                hours.append(ends + timedelta(minutes=minute))
                go_round(monkeypatch, box, hours[-1], answers=minute > 1)
            later = ends + demo.LARGE_STAYS_OPEN
            assert standing(later)["Parks first"] == ("closed", NUMBERS["LARGE_BALLOTS"])
            (large,) = (one for one in service.standings() if one.draft.name == "Parks first")
            assert service.passes_drawn(large.uuid) == NUMBERS["LARGE_BALLOTS"]
    assert not (tmp_path / demo_voters.ROLES / "parks-first" / demo_voters.WAITING).exists()


def standing(now: datetime) -> dict[str, tuple[str, int | None]]:
    """The phase of each election, and how many ballots its accepted result counts."""
    found = {one.draft.name: (one.phase(now), service.finished(one.uuid)) for one in service.standings()}
    return {
        name: (phase, verified.counted if verified and verified.accepted else None)
        for name, (phase, verified) in found.items()
    }


def go_round(monkeypatch: pytest.MonkeyPatch, box: BallotBox, hour: datetime, *, answers: bool) -> None:
    """What the ballot server's clock and the node's worker do at this hour. Without `answers`, voters get none."""
    cast = boxes.Server.cast

    def lose_the_answer(*arguments: Any) -> str:
        cast(*arguments)
        raise boxes.NoAnswer("lost")

    with clock.pretend(hour), monkeypatch.context() as patched:
        if not answers:
            patched.setattr(boxes.Server, "cast", lose_the_answer)
        strike(box, hour)
        service.follow_all()
        demo_voters.live_on(60)


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(box: BallotBox, port: int) -> Iterator[list[datetime]]:
    """The ballot server; the last of these hours is the one that it believes."""
    hours: list[datetime] = []
    with make_server("127.0.0.1", port, Server(box, lambda: hours[-1]), handler_class=Quiet) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield hours
        server.shutdown()
