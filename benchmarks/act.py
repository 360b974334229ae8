"""The door: changing acts on one core, reading acts from eight processes, and one policy decision.

Peer: the same register change as a plain Django view would make it (ORM, durable commit), with no policy, no evidence.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.table import report

SECONDS = 6.0
PROCESSES = 8
BODY_SECONDS = 0.005


def main() -> None:
    """Run all parts on a node of their own and print the table."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        _node(folder)
        ours, peer = _changing()
        decision = _decision()
        reading, longest = _reading()
        report(
            "act",
            [
                ("changing acts, one process", f"{ours:,.0f}/s", ">= 800/s (stretch 1,400)"),
                ("same change without door or evidence", f"{peer:,.0f}/s", "peer"),
                (f"reading acts, {PROCESSES} processes, 5 ms body", f"{reading:,.0f}/s", ">= 1,200/s"),
                ("longest wait of a reading act", f"{longest * 1000:,.0f} ms", "<= 1,000 ms"),
                ("one policy decision", f"{decision * 1e6:,.0f} us", "<= 100 us"),
            ],
            ours=ours, unit="acts/s", goal=800, peer=peer, peer_name="plain Django ORM change, no policy, no evidence",
            conditions=f"SQLite WAL synchronous=FULL; reading {reading:.0f}/s longest {longest * 1000:.0f} ms; "
            f"decision {decision * 1e6:.0f} us; the peer keeps no evidence and asks no policy",
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _node(folder: Path) -> None:
    os.environ["COMMONWEAL_HOME"] = str(folder)
    from commonweal.commands import init
    from commonweal.config import node as nodes

    init.prepare(nodes.create(folder, "Bench", "demo.bench.example/log", "http://localhost:8000", ("registry",)))


def _registrar() -> object:
    from commonweal.core.identity.actors import Actor

    return Actor("officer", "officer:1", "Ada", "register", frozenset({"registrar"}), 2, True)


def _people(count: int) -> list[object]:
    from commonweal.services.registry import service
    from commonweal.services.registry.values import NewEntry

    entry = NewEntry(
        "Mara", "Okafor", date(1984, 3, 27), "Lagos", "Mill Lane", "12", "4021", "Testford", date(2010, 1, 1)
    )
    return list(service.register(_registrar(), [entry] * count))  # type: ignore[arg-type]


def _changing() -> tuple[float, float]:
    from django.db import transaction

    from commonweal.core.act import act
    from commonweal.services.registry import models
    from commonweal.services.registry.purposes import KEEPING

    people = _people(500)

    def ours(person: object) -> None:
        with act(_registrar(), "registry.person.update", subject=person, purpose=KEEPING) as evidence:  # type: ignore[arg-type]
            models.Entry.objects.filter(person_id=person.id).update(birth_place="Abuja")  # type: ignore[attr-defined]
            evidence.changed(["registry/born"])

    def peer(person: object) -> None:
        with transaction.atomic():
            models.Entry.objects.filter(person_id=person.id).update(birth_place="Abuja")  # type: ignore[attr-defined]

    return _rate(ours, people), _rate(peer, people)


def _rate(work: object, people: list[object]) -> float:
    rounds = []
    for _ in range(3):
        done, started = 0, time.perf_counter()
        while time.perf_counter() - started < SECONDS / 3:
            work(people[done % len(people)])  # type: ignore[operator]
            done += 1
        rounds.append(done / (time.perf_counter() - started))
    return statistics.median(rounds)


def _decision() -> float:
    from commonweal.core.policy import published
    from commonweal.core.policy.decide import Question, decide
    from commonweal.services.registry.purposes import KEEPING

    person, rules = _people(1)[0], published.in_force()
    questions = [
        Question(_registrar(), "registry.person.read", KEEPING, person, case=f"C-{n}")  # type: ignore[arg-type]
        for n in range(5_001)  # each another one: an answer that is remembered is no decision
    ]
    decide(questions.pop(), rules)
    started = time.perf_counter()
    for question in questions:
        decide(question, rules)
    return (time.perf_counter() - started) / 5_000


def _reading() -> tuple[float, float]:
    context = multiprocessing.get_context("spawn")
    ids = [person.id for person in _people(500)]  # type: ignore[attr-defined]
    with context.Pool(PROCESSES) as pool:
        pool.map(_warm, range(PROCESSES * 4))
        started = time.perf_counter()
        outcomes = pool.map(_read_for_a_while, [ids[place::PROCESSES] for place in range(PROCESSES)], chunksize=1)
        seconds = time.perf_counter() - started
    return sum(done for done, _ in outcomes) / seconds, max(longest for _, longest in outcomes)


def _warm(_: int) -> None:
    from commonweal.commands import start_django

    start_django()


def _read_for_a_while(ids: list[object]) -> tuple[int, float]:
    from commonweal.commands import start_django

    start_django()
    from commonweal.core.act import act
    from commonweal.core.identity.people import people as people_with
    from commonweal.services.registry.purposes import KEEPING

    people = people_with(ids)  # type: ignore[arg-type]
    done, longest, started = 0, 0.0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        begun = time.perf_counter()
        with act(_registrar(), "registry.person.read", subject=people[done % len(people)], purpose=KEEPING):  # type: ignore[arg-type]
            time.sleep(BODY_SECONDS)
        longest = max(longest, time.perf_counter() - begun - BODY_SECONDS)
        done += 1
    return done, longest


if __name__ == "__main__":
    main()
