"""SQLite's writers take turns: nobody who waits is overtaken again and again."""

from __future__ import annotations

import threading
from pathlib import Path

from commonweal.config.sqlite.base import Queue

EAGER = 3


def test_a_waiting_writer_is_next_however_eager_the_others(tmp_path: Path) -> None:
    turns, stop = [0], threading.Event()

    def eager() -> None:
        queue = Queue(str(tmp_path / "db"))
        while not stop.is_set():
            queue.enter()
            turns[0] += 1
            queue.leave()
        queue.close()

    threads = [threading.Thread(target=eager) for _ in range(EAGER)]
    for thread in threads:
        thread.start()
    patient, overtaken = Queue(str(tmp_path / "db")), []
    while turns[0] < 10:
        pass
    for _ in range(200):
        before = turns[0]
        patient.enter()
        overtaken.append(turns[0] - before)
        patient.leave()
    stop.set()
    for thread in threads:
        thread.join()
    patient.close()
    assert sorted(overtaken)[len(overtaken) // 2] <= EAGER * 10
    assert turns[0] > 200


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
