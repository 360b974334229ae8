"""Acceptance 8: simulated hours of traffic over a line that is cut at random; evidence stays whole, memory flat.

Two hours here, `COMMONWEAL_HOURS=24` for the whole day. An hour is a few seconds of traffic by day, less by night, with
faults on every tenth connection and one cut of the whole line; a fresh connection carries each request, as from many
systems.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.exchange import federation
from tests.core.exchange.federation import Federation, TestNode, free_port
from tests.core.exchange.line import Line
from tests.core.exchange.test_kills import Load, all_is_published, check_both_sides, check_log

pytestmark = pytest.mark.slow

HOURS = int(os.environ.get("COMMONWEAL_HOURS", "2"))
SECONDS = 4.0  # of traffic in an hour of the day
FAULTS = 0.1
GAINED = 24_000_000  # bytes that a gateway may gain between the second hour and the last


@pytest.fixture(scope="module")
def lined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Federation, Line]]:
    """The register's node is reached over a line that can be cut."""
    made = federation.make(tmp_path_factory.mktemp("day"))
    advertised, made.register.port = made.register.port, free_port()
    made.register.stop("gateway")
    made.register.start("gateway", "sequencer", "log")
    made.benefits.start("sequencer", "log")
    line = Line(advertised, made.register.port, random.Random(2026))
    yield made, line
    line.close()
    made.stop()


def memory(node: TestNode) -> int:
    """Resident bytes of the gateway's processes."""
    group = os.getpgid(node.processes["gateway"].pid)
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                pages += int((stat.parent / "statm").read_text().split()[1])
        except OSError:
            continue
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_a_day_with_a_bad_line(lined: tuple[Federation, Line]) -> None:
    town, line = lined
    nodes, used = (town.register, town.benefits), dict[str, list[int]]()
    answered: list[str] = []
    failed, line.fails = 0, FAULTS
    for hour in range(HOURS):
        load = Load(town, name=f"h{hour}")
        time.sleep(SECONDS / 2)
        line.down = True
        time.sleep(0.5)
        line.down = False
        time.sleep(SECONDS / 2 if 6 <= hour % 24 <= 20 or HOURS < 24 else SECONDS / 4)
        load.stop()
        answered += load.answered
        failed += load.failed
        for node in nodes:
            used.setdefault(node.origin, []).append(memory(node))
    line.fails = 0.0
    print(f"{HOURS} hours: {len(answered)} answered, {failed} failed, {dict(line.met)}")
    assert len(answered) > 20 * HOURS
    assert line.met["down"] + line.met["refused"] + line.met["cut answer"] + line.met["cut question"] > HOURS
    for node in nodes:
        node.wait_until(lambda node=node: all_is_published(node))
    check_both_sides(town, answered)
    for node in nodes:
        check_log(node, answered)
    if HOURS > 4:
        gained = {origin: figures[-1] - figures[1] for origin, figures in used.items()}
        print(f"memory gained since the second hour: {gained}")
        assert all(one < GAINED for one in gained.values()), used
