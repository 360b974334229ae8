"""The door on PostgreSQL: changing acts from four processes, beside the same change by plain Django in one run."""

from __future__ import annotations

import multiprocessing
import os
import time
from typing import Any

from benchmarks import act
from benchmarks.postgresql import own_server
from benchmarks.table import report

PROCESSES, SECONDS = 4, 8.0


def main() -> None:
    """Run both on a PostgreSQL server of their own and print the table."""
    with own_server("act_postgresql") as folder:
        act._node(folder)
        people = [person.id for person in act._people(500)]  # type: ignore[attr-defined]
        context = multiprocessing.get_context("spawn")
        with context.Pool(PROCESSES) as pool:
            pool.map(act._warm, range(PROCESSES * 4))
            ours, longest = _run(pool, people, with_door=True)
            peer, _ = _run(pool, people, with_door=False)
        report(
            "act_postgresql",
            [
                (f"changing acts, {PROCESSES} processes", f"{ours:,.0f}/s", ">= 1,200/s"),
                ("longest of them", f"{longest * 1000:,.0f} ms", ""),
                ("same change without door or evidence", f"{peer:,.0f}/s", "peer"),
            ],
            ours=ours, unit="acts/s", goal=1_200, peer=peer, peer_name="plain Django ORM change, without evidence",
            conditions=f"PostgreSQL synchronous_commit=on, on the same {os.cpu_count()} cores",
        )  # fmt: skip


def _run(pool: Any, people: list[Any], *, with_door: bool) -> tuple[float, float]:
    started = time.perf_counter()
    parts = [(people[place::PROCESSES], with_door) for place in range(PROCESSES)]
    outcomes = pool.starmap(_change_for_a_while, parts, chunksize=1)
    seconds = time.perf_counter() - started
    return sum(done for done, _ in outcomes) / seconds, max(longest for _, longest in outcomes)


def _change_for_a_while(ids: list[Any], with_door: bool) -> tuple[int, float]:
    from django.db import transaction

    from commonweal.core.act import act as door
    from commonweal.core.identity.people import people as people_with
    from commonweal.services.registry import models
    from commonweal.services.registry.purposes import KEEPING

    def change(person: Any) -> None:
        models.Entry.objects.filter(person_id=person.id).update(birth_place="Abuja")

    people = people_with(ids)
    done, longest, started = 0, 0.0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        person, begun = people[done % len(people)], time.perf_counter()
        if with_door:
            with door(act._registrar(), "registry.person.update", subject=person, purpose=KEEPING) as evidence:  # type: ignore[arg-type]
                change(person)
                evidence.changed(["registry/born"])
        else:
            with transaction.atomic():
                change(person)
        longest, done = max(longest, time.perf_counter() - begun), done + 1
    return done, longest


if __name__ == "__main__":
    main()
