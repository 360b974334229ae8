"""The demo's elections live through their months: two end with an accepted result, one is open to visitors."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.test import override_settings

from commonweal.core import clock
from commonweal.demo.world import Townsperson, World
from commonweal.services.voting import demo, service
from tests import town
from tests.services.voting.life import NODE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_every_election_comes_as_far_as_its_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in {"FINISHED_BALLOTS": 4, "RANKED_BALLOTS": 3, "OPEN_BALLOTS": 2, "OPEN_ROLL": 5}.items():
        monkeypatch.setattr(demo, name, number)
    people = town.register(*(town.entry("Voter", f"Number{n}") for n in range(45)))
    ends = datetime.now(UTC)
    crowd = [Townsperson(one, f"Voter {n}", 40.0) for n, one in enumerate(people)]
    world = World(ends - timedelta(days=90), ends, Random(1), {"election-officer": [NODE]}, {}, crowd)
    with override_settings(COMMONWEAL=dataclasses.replace(settings.COMMONWEAL, home=tmp_path)):
        demo.plan(world)
        for at, happens in sorted(world.events, key=lambda event: event[0]):
            with clock.pretend(at):
                happens()
        found = {one.draft.name: (one.phase(ends), service.finished(one.uuid)) for one in service.standings()}
    assert {name: phase for name, (phase, _) in found.items()} == {
        "Parks first": "closed", "Youth council": "closed", "The library on Sundays": "open",
    }  # fmt: skip
    results = {name: verified and (verified.accepted, verified.counted) for name, (_, verified) in found.items()}
    assert results == {"Parks first": (True, 4), "Youth council": (True, 3), "The library on Sundays": None}
