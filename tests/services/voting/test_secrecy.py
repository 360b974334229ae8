"""What the node and the ballot server keep cannot tell who cast which ballot, nor what is in one."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from commonweal.core import clock
from commonweal.core.ledger.models import Chain, Record
from commonweal.core.portal import service as portal
from commonweal.core.portal.uses import Narrowing
from commonweal.services.voting import service
from commonweal.services.voting.box import store
from commonweal.services.voting.box.ballot_box import BallotBox
from commonweal.services.voting.box.clock import strike
from commonweal.services.voting.engine.archive import EventType, steps
from commonweal.services.voting.engine.credentials import secret_of
from commonweal.services.voting.engine.encoding import parse
from commonweal.services.voting.roles import trustee
from tests import town
from tests.services.voting.life import NODE, Life, begin

pytestmark = pytest.mark.django_db
VOTERS = 30  # so few that a table of the file fits on one page, where rows lie in the order in which they came
CHANCE = 0.75  # rank correlation of 30 pairs; by chance it exceeds this once in 25,000 times
CHOICES = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


@pytest.fixture
def voted(tmp_path: Path) -> Life:
    """Everybody draws a pass and casts at once, so that the orders would tell all; then the board grows."""
    life = begin(tmp_path, voters=VOTERS)
    order = list(range(VOTERS))
    random.shuffle(order)
    life.people = [life.people[voter] for voter in order]
    life.labels = [life.labels[voter] for voter in order]
    for voter in range(VOTERS):
        life.vote(voter, CHOICES[voter % 3])
    life.box.tick(life.uuid, life.package.plan.opens.replace(year=9999))
    return life


def test_neither_log_nor_board_nor_file_keeps_the_order_in_which_ballots_came(voted: Life) -> None:
    drawn = _order_of_draws(voted)
    assert drawn == [person.chain for person in voted.people]  # the node's log does keep the order of passes
    ballots = [voted.ballot(voter, CHOICES[0]) for voter in range(VOTERS)]
    credentials = [str(parse(content)["credential"]) for content in ballots]
    on_board = _credentials_on(voted.board())
    raw = (voted.folder / "box" / store.FILE).read_bytes()
    orders = {
        "the board": [on_board.index(credential) for credential in credentials],
        "credentials in the file": [raw.rindex(bytes.fromhex(credential)[::-1]) for credential in credentials],
        "passes in the file": [raw.index(voted.passes[voter].digest) for voter in range(VOTERS)],
    }
    for name, places in orders.items():
        assert abs(_correlation(places)) < CHANCE, name


def test_a_server_killed_before_it_forgot_the_order_forgets_it_when_it_starts(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    with pytest.MonkeyPatch.context() as killed:
        killed.setattr(store.Store, "forget_order", lambda _self: None)
        takers = [life.vote(voter, CHOICES[0]) for voter in (0, 1)]
        life.box.tick(life.uuid, life.package.plan.opens + timedelta(hours=1))
    journal = tmp_path / "box" / f"{store.FILE}-wal"
    raw = journal.read_bytes()
    assert all(taken.tracker.encode() in raw for taken in takers)
    strike(BallotBox(tmp_path / "box"), life.opened)
    assert not journal.read_bytes()


def test_a_reader_who_holds_the_journal_only_delays_that_the_order_is_forgotten(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=1)
    life.box.store.reading().execute("PRAGMA busy_timeout=50")
    life.vote(0, CHOICES[0])
    reader = sqlite3.connect(tmp_path / "box" / store.FILE, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM ballot").fetchone()
    strike(life.box, life.package.plan.opens + timedelta(hours=1))
    assert (tmp_path / "box" / f"{store.FILE}-wal").read_bytes()
    reader.close()
    strike(life.box, life.opened)
    assert not (tmp_path / "box" / f"{store.FILE}-wal").read_bytes()


def test_node_and_ballot_server_hold_nothing_in_common_by_which_to_match_people(voted: Life) -> None:
    node, box = _everything_in_the_database(), _files(voted.folder / "box")
    for voter in range(VOTERS):
        shown, person = voted.passes[voter], voted.people[voter]
        for part in (shown.message, shown.digest, shown.signature):
            assert part.hex() not in node
        for name in (person.id.bytes, person.id.hex.encode(), voted.labels[voter].encode(), person.chain, person.label):
            assert name not in box


def test_casting_leaves_no_trace_in_the_node(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    life.draw(0), life.draw(1)
    before = _everything_in_the_database()
    life.vote(0, CHOICES[0])
    life.vote(0, CHOICES[1])
    assert _everything_in_the_database() == before


def test_a_persons_entries_tell_the_day_of_the_pass_and_never_whether_they_voted(tmp_path: Path) -> None:
    life = begin(tmp_path, voters=2)
    service.code_sent(NODE, life.uuid)
    officer = town.officer("polling-officer", "register")
    service.check_in(officer, life.people[0], life.uuid)
    for voter in (0, 1):
        life.draw(voter)
    life.vote(0, CHOICES[0])
    today = clock.now().date()
    for voter, helped in ((0, True), (1, False)):
        bodies = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=life.people[voter].chain)]
        ours = [body for body in bodies if body["action"].startswith("voting.")]
        wanted = {"voting.roll.enter", "voting.roll.hand-over", "voting.code.sent", "voting.pass.draw"}
        assert {body["action"] for body in ours} == wanted | ({"voting.help.check-in"} if helped else set())
        for body in ours:
            if body["action"] in {"voting.pass.draw", "voting.help.check-in"}:
                assert body["time"] == f"{today}T00:00:00.000Z"
                assert _time_in(UUID(body["act"])) == datetime(today.year, today.month, today.day, tzinfo=UTC)
    page = portal.uses_of(town.resident(life.people[0]), life.people[0], 1, Narrowing())
    assert "voting.board.grow" not in str(page)


def test_whoever_holds_all_files_of_node_and_ballot_server_holds_no_secret(voted: Life) -> None:
    life = voted
    everything = _files(life.folder / "box") + _files(settings.COMMONWEAL.home) + _everything_in_the_database().encode()
    key = trustee.read_private(life.trustees[0] / trustee.KEY)["private_key"]
    secrets = [key.encode(), *_bytes_of(int(key))]
    for voter in range(VOTERS):
        code = life.code(voter)
        scalar = secret_of(code, life.uuid)
        secrets += [code.encode(), code.replace("-", "").encode(), str(scalar).encode(), *_bytes_of(scalar)]
    assert not [secret for secret in secrets if secret in everything]
    assert b'"choices":[[1,0,0]]' not in everything


def test_the_ballot_server_keeps_no_time(voted: Life) -> None:
    db = voted.box.store.reading()
    columns = {column for table in _tables(db) for (_, column, *_) in db.execute(f"PRAGMA table_info({table})")}
    assert columns == {"uuid", "package", "phase", "ticks", "credential", "pass", "turns", "tracker", "turn", "waiting",
                       "place", "content", "height", "digest", "size", "kind", "owner"}  # fmt: skip
    assert all("WITHOUT ROWID" in sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'"))
    assert not (voted.folder / "box" / f"{store.FILE}-wal").read_bytes()


def _order_of_draws(life: Life) -> list[bytes]:
    draws = {bytes(row.chain) for row in Record.objects.all() if b"voting.pass.draw" in bytes(row.body)}
    assert draws == {person.chain for person in life.people}
    rows = Chain.objects.filter(chain__in=draws).order_by("leaf_id")
    last: dict[bytes, int] = {bytes(row.chain): row.leaf_id for row in rows}
    return sorted(last, key=last.__getitem__)


def _credentials_on(board: Path) -> list[str]:
    with board.open("rb") as stream:
        return [
            str(parse(step.data[0].content)["credential"])
            for step in steps(stream)
            if step.event.type is EventType.BALLOT
        ]


def _correlation(places: Sequence[int]) -> float:
    """Spearman's, between the order of casting and these places."""
    ranks = {place: rank for rank, place in enumerate(sorted(places))}
    n = len(places)
    return 1 - 6 * sum((rank - ranks[place]) ** 2 for rank, place in enumerate(places)) / (n * (n * n - 1))


def _everything_in_the_database() -> str:
    """Every value of every table, bytes in hexadecimal."""
    words = []
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}"')
            words += [f"{table}: {[_written(value) for value in row]}" for row in cursor.fetchall()]
    return "\n".join(words)


def _written(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _files(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def _tables(db: object) -> Iterable[str]:
    return [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]  # type: ignore[attr-defined]


def _bytes_of(scalar: int) -> tuple[bytes, ...]:
    little = scalar.to_bytes(32, "little")
    return little, little[::-1], little.hex().encode(), little[::-1].hex().encode()


def _time_in(act: UUID) -> datetime:
    return datetime.fromtimestamp((act.int >> 80) / 1_000, UTC)
