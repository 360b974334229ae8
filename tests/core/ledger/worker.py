"""One process of a small node, for tests to start, kill and start again: `python -m tests.core.ledger.worker WHAT`.

LEDGER_DATABASE names the database, LEDGER_HOME the folder with keys and log.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Barrier, Event, Thread

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.core.ledger.small_settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402

from commonweal.core.ledger import audit  # noqa: E402
from commonweal.core.ledger.models import Log, Pending  # noqa: E402
from commonweal.core.ledger.tiles import LogFolder  # noqa: E402
from tests.core.ledger.world import World, add_leaves, sql  # noqa: E402

WORLD = World(Path(os.environ["LEDGER_HOME"]))
CHAIN = bytes(15) + b"\x07"  # neither the node's nor that of what is under seal


def migrate() -> None:
    """Make the tables and one chain."""
    from commonweal.core.ledger.entries import open_chain

    call_command("migrate", verbosity=0)
    open_chain(CHAIN, bytes(32))


def sequence() -> None:
    """Sequence until killed, with an epoch every fifth of a second."""
    WORLD.sequencer().run(Event(), epoch_seconds=0.2)


def write() -> None:
    """Commit acts until killed; a line for each, once it is durable."""
    while True:
        WORLD.act(CHAIN)
        print("committed", flush=True)


def acts() -> None:
    """Ten acts, published."""
    for _ in range(10):
        WORLD.act(CHAIN)
    WORLD.publish()


def fill() -> None:
    """A thousand fixed leaves in uneven steps, published after each."""
    for seed, count in enumerate((1, 255, 1, 300, 443), 1):
        add_leaves(count, seed)
        WORLD.publish()


def reverse() -> None:
    """Two transactions take their ids in one order and commit in the other, with a pass of the sequencer between."""
    WORLD.publish()
    first_has_id, second_committed = Barrier(2), Barrier(2)

    def first() -> None:
        with transaction.atomic():
            add_leaves(1, seed=1)
            first_has_id.wait()
            second_committed.wait()
        connections.close_all()

    thread = Thread(target=first)
    thread.start()
    first_has_id.wait()
    add_leaves(1, seed=2)
    assert WORLD.publish() == 1
    second_committed.wait()
    thread.join()
    assert WORLD.publish() == 2
    assert not Pending.objects.exists()
    ids = list(Log.objects.order_by("idx").values_list("leaf_id", flat=True))
    assert ids == sorted(ids, reverse=True), ids


def check() -> None:
    """Publish what waits, then the node's own check; how many entries and log rows there are."""
    WORLD.publish()
    report = audit.check(LogFolder(WORLD.log))
    assert report.problems == (), report.problems
    print(report.entries, sql("SELECT count(*) FROM ledger_log")[0][0])


if __name__ == "__main__":
    tasks = (migrate, sequence, write, acts, fill, reverse, check)
    {task.__name__: task for task in tasks}[sys.argv[1]]()
