"""SQLite's writers take turns: nobody who waits is overtaken again and again."""

from __future__ import annotations

import fcntl
import threading
import time
from pathlib import Path

from commonweal.config.sqlite.base import Queue


def test_who_waits_is_next_however_eager_the_others(tmp_path: Path) -> None:
    """Somebody who gives the turn back and asks again at once gets it only after the one who waited."""
    eager, patient, turns = Queue(str(tmp_path / "db")), Queue(str(tmp_path / "db")), []

    def wait_patiently() -> None:
        patient.enter()
        turns.append("patient")
        patient.leave()

    for _ in range(100):
        eager.enter()
        turns.append("eager")
        waiting = threading.Thread(target=wait_patiently)
        waiting.start()
        until_taken(tmp_path / "db-place")
        eager.leave()
        eager.enter()
        turns.append("eager again")
        eager.leave()
        waiting.join()
    eager.close()
    patient.close()
    assert turns == ["eager", "patient", "eager again"] * 100


def until_taken(lock: Path) -> None:
    """Waits until somebody holds this lock, a minute at most."""
    last = time.monotonic() + 60
    with lock.open() as file:
        while time.monotonic() < last:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            fcntl.flock(file, fcntl.LOCK_UN)
    raise AssertionError("nobody waits at the head of the queue")


def test_only_one_has_the_turn(tmp_path: Path) -> None:
    inside, most, lock = [0], [0], threading.Lock()

    def take_turns() -> None:
        queue = Queue(str(tmp_path / "db"))
        for _ in range(200):
            queue.enter()
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            with lock:
                inside[0] -= 1
            queue.leave()
        queue.close()

    threads = [threading.Thread(target=take_turns) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1
