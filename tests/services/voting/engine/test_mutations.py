"""One change at a time in records of ours, all hashes made to fit: whatever a belenios-tool refuses, our audit refuses.

3.3.0 ends without waiting for its ballot checks, so it may accept what it should not; neither refuses what is true.
`COMMONWEAL_MUTATIONS=2000` is the soak.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from commonweal.services.voting.engine.archive import EventType
from commonweal.services.voting.engine.audit import Verdict, audit
from commonweal.services.voting.engine.election import Question, RankedQuestion
from commonweal.services.voting.engine.encoding import canonical
from commonweal.services.voting.engine.group import ORDER
from tests.services.voting.engine.belenios import TOOLS, complaints
from tests.services.voting.engine.elections import poll, single, threshold, together
from tests.services.voting.engine.forging import Content, contents, rewritten

MUTATIONS = int(os.environ.get("COMMONWEAL_MUTATIONS", "60"))
NEUTRAL = "00" * 31 + "01"
ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
MADE_ANEW = (EventType.SHUFFLE, EventType.PARTIAL_DECRYPTION, EventType.ENCRYPTED_TALLY)  # by `rewritten`, their second
pytestmark = [pytest.mark.skipif(not TOOLS, reason="BELENIOS_TOOL names no belenios-tool")]
if MUTATIONS > 100:
    pytestmark.append(pytest.mark.slow)


@pytest.mark.parametrize("ranked", [False, True], ids=["sums", "ranks"])
def test_what_a_tool_refuses_is_refused_with_a_reason(tmp_path: Path, ranked: bool) -> None:
    question = RankedQuestion("Rank", ("A", "B")) if ranked else Question("Adopt?", ("Yes", "No"), 1, 1, blank=True)
    weights = None if ranked else [1, 5, 2]
    election = poll(question, voters=3, keys=together(single(2), threshold(2, 3)), weights=weights)
    for voter, marks in enumerate([(1, 2), (2, 1), (1, 1)] if ranked else [(0, 1, 0), (1, 0, 0), (0, 0, 1)]):
        election.vote(voter, marks)
    honest = contents(election.write(tmp_path / "honest.bel", present=[1, 2, 3, 5]))
    chance = Random(f"{MUTATIONS} {ranked}")
    refused = 0
    for number in range(MUTATIONS // 2):
        content, change = _mutated(honest, chance)
        path = rewritten(content, tmp_path / "mutated.bel")
        report, said = audit(path), complaints(path, election.election.uuid)
        refused += bool(said)
        if said:
            assert report.verdict is Verdict.REFUSED, f"{number}, {change}: {said}"
        assert bool(report.findings) is (report.verdict is Verdict.REFUSED)
    assert refused > MUTATIONS // 4  # most changes matter, or this tries nothing


def _mutated(honest: Content, chance: Random) -> tuple[Content, str]:
    """The record with one change, and what it is."""
    while True:
        content: Content = [(kind, list(data)) for kind, data in honest]
        place = chance.randrange(len(content))
        kind, data = content[place]
        if chance.random() < 0.1:
            how = chance.choice(("dropped", "repeated", "moved"))
            step = content.pop(place)
            if how != "dropped":
                content.insert(chance.randrange(len(content)) if how == "moved" else place, step)
            if how == "repeated":
                content.insert(place, step)
        elif data:
            item = chance.randrange(len(data))
            if (kind is EventType.SETUP and item == 3) or (kind in MADE_ANEW and item == 1):
                continue
            how, changed = _changed(json.loads(data[item]), chance)
            data[item] = changed
            how = f"member {item}: {how}"
        else:
            continue
        if content != honest:
            return content, f"event {place}, {kind}, {how}"


def _changed(value: Any, chance: Random) -> tuple[str, bytes]:
    """One value somewhere inside replaced by one that it might be taken for."""
    holder = [value]
    places = list(_places(holder))
    inside, key = chance.choice(places)
    others = [place[name] for place, name in places if type(place[name]) is type(inside[key])]
    before = inside[key]
    after = deepcopy(chance.choice([*_likely(before), chance.choice(others)]))
    inside[key] = after
    return f"{str(before)[:80]} became {str(after)[:80]}", canonical(holder[0])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in range(len(value)) if isinstance(value, list) else list(value):
        yield value, key
        if isinstance(value[key], list | dict):
            yield from _places(value[key])


def _likely(value: Any) -> list[Any]:
    """Values like this one that are false, oddly written, or mean the same."""
    match value:
        case bool():
            likely = [not value, None]
        case int():
            likely = [value + 1, -value, 0, str(value), float(value)]
        case str() if value.isdigit():
            likely = [str(int(value) + 1), "0", f"0{value}", int(value), str(ORDER + int(value))]
        case str() if len(value) == 64:
            likely = [NEUTRAL, ORDER_8, value.upper(), value[::-1], f"{value},2", value[:-1]]
        case str():
            likely = [f"{value}x", "", value[:-1], None]
        case list():
            likely = [value[1:], value[:-1], [*value, *value[:1]], value[::-1], [], None]
        case _:
            short = dict(list(value.items())[:-1])
            likely = [short, {**value, "more": 1}, dict(reversed(value.items())), list(value.values()), {}]
    return likely
