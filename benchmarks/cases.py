"""An officer's work list over 1,000,000 cases: each way to look at it, as the page asks for it.

No peer: a list behind a product's own sign-in cannot be measured side by side.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.table import report

CASES = int(os.environ.get("COMMONWEAL_BENCH_CASES", "1000000"))
CHUNK = 5_000
ROUNDS = 15


def main() -> None:
    """Make a node with a million cases, look at the list in every way, report the slowest way."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    os.environ["COMMONWEAL_HOME"] = str(folder)
    try:
        _node(folder)
        _fill()
        figures = _looks()
        slowest = max(figures.values())
        rows = [(f"{way}, median of {ROUNDS}", f"{took * 1000:,.1f} ms", "<= 100 ms") for way, took in figures.items()]
        report(
            "cases",
            rows,
            ours=slowest * 1000, unit="ms", goal=100.0, peer=None, peer_name="none that can be run beside it",
            conditions=f"{CASES:,} cases, half in the officer's queue, SQLite, list and counts, slowest way shown",
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _node(folder: Path) -> None:
    from commonweal.commands import init
    from commonweal.config import node as nodes

    init.prepare(nodes.create(folder, "Bench", "demo.bench.example/log", "http://localhost:8978", ("registry",)))


def _fill() -> None:
    """Half the cases wait for the registrars; a tenth of all are decided, a tenth late, most in one language."""
    from django.db import connection

    from commonweal.core import clock
    from commonweal.core.cases.models import Case
    from commonweal.core.identity.models import new_id

    random, now, person = Random(1), clock.now(), new_id()
    for start in range(0, CASES, CHUNK):
        rows = []
        for n in range(start, start + CHUNK):
            closed = now if n % 10 == 0 else None
            taken = n % 3 == 0
            rows.append(
                Case(
                    person_id=person, kind="registry.correction", about=str(n),
                    queue="register/registrar" if n % 2 else f"tax/{n % 7}",
                    language=random.choices(("en", "fr", "es", "ar"), (90, 5, 4, 1))[0],
                    status="closed" if closed else "proposed" if n % 50 == 1 else "open", appeal=n % 40 == 1,
                    outcome="accepted" if closed else "", owner=f"officer:{n % 500}" if taken else "",
                    opened=now - timedelta(days=20), due=now + timedelta(minutes=random.randint(-4_000, 40_000)),
                    closed=closed,
                )
            )  # fmt: skip
        Case.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _looks() -> dict[str, float]:
    from commonweal.core.cases import service as cases
    from commonweal.core.cases.worklist import SHOWS
    from commonweal.core.identity.actors import Actor

    officer = Actor("officer", "officer:3", "Ada", "register", frozenset({"registrar"}), 2)
    ways = {show: cases.Narrowing(show) for show in SHOWS}
    ways |= {f"{show}, in Arabic": cases.Narrowing(show, language="ar") for show in ("open", "free", "overdue")}
    figures = {way: _median(partial(cases.worklist, officer, narrowing)) for way, narrowing in ways.items()}
    after = ""
    for _page in range(200):
        after = cases.worklist(officer, cases.Narrowing(), after).after
    return figures | {"open, page 201": _median(partial(cases.worklist, officer, cases.Narrowing(), after))}


def _median(look: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        look()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    main()
