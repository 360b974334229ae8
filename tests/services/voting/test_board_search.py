"""Where a ballot is on the board, told from an index that is made from the record and only from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonweal.services.voting import board_search
from commonweal.services.voting.board_search import state_on_board
from commonweal.services.voting.engine.archive import EventType
from commonweal.services.voting.engine.hashing import sha256_base64
from tests.services.voting.engine.elections import poll
from tests.services.voting.engine.forging import contents, rewritten

HARBOUR, MILL = (1, 0, 0), (0, 1, 0)


@pytest.fixture
def record(tmp_path: Path) -> tuple[Path, list[str]]:
    """Ada votes twice, Ben once; the trackers in that order."""
    election = poll(voters=2)
    cast = [election.vote(0, HARBOUR), election.vote(0, MILL), election.vote(1, MILL)]
    return election.write(tmp_path / "record.bel"), [sha256_base64(content) for content in cast]


def test_what_counts_what_was_replaced_and_what_is_not_there(record: tuple[Path, list[str]]) -> None:
    path, trackers = record
    assert [state_on_board(path, tracker) for tracker in trackers] == ["replaced", "counted", "counted"]
    for strange in (sha256_base64(b"another"), "", "no tracker", trackers[0][:-1], f"{trackers[0]}x"):
        assert state_on_board(path, strange) is None


def test_a_search_reads_the_index_not_the_record(
    record: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, trackers = record
    board_search.index(path)
    monkeypatch.setattr(board_search, "steps", None)
    assert state_on_board(path, trackers[0]) == "replaced"


def test_the_index_grows_with_the_record_and_comes_back_when_lost(record: tuple[Path, list[str]]) -> None:
    path, trackers = record
    whole = contents(path)
    rewritten(whole[:2], path)
    assert [state_on_board(path, tracker) for tracker in trackers] == ["counted", None, None]
    rewritten(whole[:3], path)
    assert [state_on_board(path, tracker) for tracker in trackers] == ["replaced", "counted", None]
    lost = path.with_suffix(board_search.INDEX)
    for damage in (lost.unlink, lambda: lost.write_bytes(b"not an index")):
        damage()
        assert state_on_board(path, trackers[1]) == "counted"
    assert sorted(one.name for one in path.parent.iterdir()) == ["record.ballots.sqlite3", "record.bel"]


@pytest.mark.parametrize("false", [[], 1, {}, {"credential": [1]}, "words"])
def test_what_is_no_ballot_hides_no_other(record: tuple[Path, list[str]], false: object) -> None:
    path, trackers = record
    whole = contents(path)
    whole.insert(1, (EventType.BALLOT, [json.dumps(false).encode()]))
    rewritten(whole, path)
    assert [state_on_board(path, tracker) for tracker in trackers] == ["replaced", "counted", "counted"]
