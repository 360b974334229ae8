"""The sequencer: dense places, refusals, and recovery from a death between any two stages."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections, transaction

from commonweal.core.ledger import keys, publish, rows, verify
from commonweal.core.ledger.models import Checkpoint, Log, Pending
from commonweal.core.ledger.rows import Damaged
from commonweal.core.ledger.sequencer import AnotherSequencer, RolledBack, Sequencer
from commonweal.core.ledger.verify import verify_log
from tests.core.ledger.world import ORIGIN, World, add_leaves, sql


def test_the_empty_log_is_published(world: World) -> None:
    assert verify_log(world.fetch, world.vkeys).checkpoint.size == 0
    assert world.publish() == 0


def test_leaves_get_dense_places_whatever_their_ids(world: World) -> None:
    add_leaves(5)
    sql("UPDATE ledger_pending SET leaf_id = leaf_id + 100")
    sql("UPDATE ledger_leaf SET id = id + 100")
    world.publish()
    add_leaves(1, seed=1)  # an id above
    sql("UPDATE ledger_pending SET leaf_id = 3")  # committed late with an id below those already placed
    sql("UPDATE ledger_leaf SET id = 3 WHERE id NOT IN (SELECT leaf_id FROM ledger_log)")
    assert world.publish() == 6
    assert list(Log.objects.order_by("idx").values_list("idx", flat=True)) == [0, 1, 2, 3, 4, 5]
    assert Log.objects.get(idx=5).leaf_id == 3
    assert not Pending.objects.exists()
    verify_log(world.fetch, world.vkeys)


def test_only_one_process_sequences(world: World) -> None:
    first = world.sequencer()
    first.start()
    second = Sequencer(ORIGIN, keys.load(world.home / "keys", ORIGIN), world.log)
    with pytest.raises(AnotherSequencer):
        second.step()
    first.close()
    second.step()
    second.close()


class Death(BaseException):
    """What a killed process does not survive."""


STAGES = [
    (rows, "place"), (publish, "write_files"), (Sequencer, "_intend"), (publish, "reread"), (Sequencer, "_publish"),
    (publish, "forget_partial_tiles"),
]  # fmt: skip


@pytest.mark.parametrize(("owner", "stage"), STAGES)
@pytest.mark.parametrize("before", [True, False])
def test_a_start_finishes_what_a_death_left(
    world: World, monkeypatch: pytest.MonkeyPatch, owner: Any, stage: str, before: bool
) -> None:
    add_leaves(300)
    world.publish()
    add_leaves(300, seed=1)
    real = getattr(owner, stage)

    def dying(*arguments: Any, **options: Any) -> Any:
        if not before:
            real(*arguments, **options)
        raise Death

    with monkeypatch.context() as patch:
        patch.setattr(owner, stage, dying)
        with pytest.raises(Death):
            world.publish()
    world.close()
    add_leaves(7, seed=2)
    assert world.publish() == 607
    assert verify_log(world.fetch, world.vkeys).checkpoint.size == 607
    roots = dict(Checkpoint.objects.values_list("size", "root"))
    if stage in {"_intend", "reread", "_publish", "forget_partial_tiles"} and not (stage == "_intend" and before):
        assert 600 in roots  # the intended checkpoint was finished before the log grew on


def test_half_written_files_are_replaced(world: World) -> None:
    add_leaves(100)
    world.publish()
    (world.log / "tile/0/.000.p").mkdir(exist_ok=True)
    (world.log / "tile/0/001").write_bytes(b"half")  # what the next pass will write
    (world.log / "tile/0/000.p/100").write_bytes(b"other")
    add_leaves(500, seed=1)
    world.publish()
    verify_log(world.fetch, world.vkeys)


def test_a_lost_log_folder_is_rebuilt_with_the_same_roots(world: World) -> None:
    add_leaves(300)
    world.publish()
    before = {path: world.fetch(path) for path in ("tile/0/000", "tile/1/000.p/1", "tile/entries/001.p/44")}
    head = verify_log(world.fetch, world.vkeys).checkpoint
    shutil.rmtree(world.log)
    world.publish()
    assert {path: world.fetch(path) for path in before} == before
    assert verify_log(world.fetch, world.vkeys).checkpoint == head


def test_a_database_older_than_the_published_log_is_refused(world: World, tmp_path: Path) -> None:
    """Yesterday's rows: what was published since is not among them."""
    add_leaves(100)
    world.publish()
    add_leaves(50, seed=1)
    world.publish()
    for statement in (
        "DELETE FROM ledger_log WHERE idx >= 100",
        "DELETE FROM ledger_leaf WHERE id NOT IN (SELECT leaf_id FROM ledger_log)",
        "DELETE FROM ledger_checkpoint WHERE size > 100",
    ):
        sql(statement)
    note = world.fetch("checkpoint")
    add_leaves(80, seed=2)  # work went on with the old database
    with pytest.raises(RolledBack, match=r"already published and signed.*restore"):
        world.publish()
    assert world.fetch("checkpoint") == note
    assert Pending.objects.count() == 80
    sql(
        "INSERT INTO ledger_log (idx, leaf_id) SELECT 99 + row_number() OVER (ORDER BY leaf_id), leaf_id "
        "FROM ledger_pending"
    )  # even with as many rows again, the signed history is another one
    with pytest.raises(RolledBack):
        world.publish()


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE ledger_leaf SET hash = data WHERE id = (SELECT min(id) FROM ledger_leaf)",
        "DELETE FROM ledger_leaf WHERE id = (SELECT min(id) FROM ledger_leaf)",
        "DELETE FROM ledger_log WHERE idx = 4",
        "UPDATE ledger_log SET idx = 1000 WHERE idx = 4",
        "UPDATE ledger_checkpoint SET root = (SELECT hash FROM ledger_leaf LIMIT 1) WHERE size = 100",
    ],
)  # fmt: skip
def test_damaged_rows_are_not_signed(world: World, harm: str) -> None:
    add_leaves(100)
    world.publish()
    sql(harm)
    note = world.fetch("checkpoint")
    add_leaves(1, seed=1)
    with pytest.raises((Damaged, RolledBack)):
        world.publish()
    assert world.fetch("checkpoint") == note


def test_a_bit_that_flips_between_hashing_and_storing_is_not_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_leaves(10)
    real = publish.write_files

    def flipping(*arguments: Any) -> Any:
        edge = real(*arguments)
        path = world.log / "tile/entries/000.p/10"
        path.write_bytes(bytes([*path.read_bytes()[:-1], path.read_bytes()[-1] ^ 1]))
        return edge

    with monkeypatch.context() as patch:
        patch.setattr(publish, "write_files", flipping)
        with pytest.raises(Damaged, match="differs from the rows"):
            world.publish()
    assert verify_log(world.fetch, world.vkeys).checkpoint.size == 0
    assert world.publish() == 10  # the disk is well again
    verify_log(world.fetch, world.vkeys)


def test_two_roots_for_one_size_are_impossible(world: World) -> None:
    add_leaves(10)
    Checkpoint.objects.create(size=10, root=bytes(32), created="2026-11-25T00:00:00Z")
    with pytest.raises(Damaged):
        world.publish()
    assert verify_log(world.fetch, world.vkeys).checkpoint.size == 0


def test_another_logs_folder_or_keys_are_refused(world: World) -> None:
    other = keys.create(world.home / "other", ORIGIN)
    with pytest.raises(Damaged, match="not signed by this node's keys"):
        Sequencer(ORIGIN, other, world.log).step()


def test_it_runs_beside_writers_until_it_is_stopped(world: World) -> None:
    stop, failures = Event(), []

    def work() -> None:
        try:
            world.sequencer().run(stop, epoch_seconds=0.2)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=work)
    thread.start()
    chain = world.person()
    for _ in range(20):
        world.act(chain)
        with transaction.atomic():
            add_leaves(2, seed=9)
            transaction.set_rollback(True)
    deadline = Event()
    for _ in range(100):
        leaves = verify_log(world.fetch, world.vkeys).leaves
        if leaves.get(verify.ACT) == 20 and leaves.get(verify.EPOCH) and not Pending.objects.exists():
            break
        deadline.wait(0.05)
    stop.set()
    thread.join()
    assert failures == []
    report = verify_log(world.fetch, world.vkeys)
    assert report.leaves[1] == 20
    assert report.documents >= 1  # an epoch was closed on the way


def test_a_database_that_is_replaced_under_a_running_sequencer_is_refused(world: World) -> None:
    add_leaves(100)
    sequencer = world.sequencer()
    sequencer.step()
    sql("DELETE FROM ledger_log WHERE idx >= 50")
    sql("DELETE FROM ledger_checkpoint WHERE size > 50")
    with pytest.raises(RolledBack):
        sequencer.step()
