"""Loading an outside register with evidence, while somebody else works on the node.

`python -m benchmarks.import_rows --rows 1000000` for the whole goal. Peer: the same rows from the same file by plain
Django `bulk_create`, with no checks, no policy, no evidence and no turn for others.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from benchmarks.table import report

ROWS = 100_000
CHUNK = 1_000
PAUSE_SECONDS = 0.02
COLUMNS = ("given", "family", "born", "birth_place", "street", "number", "postcode", "town", "identifier", "since")
MAPPING = 'source = "bench"\nrow_id = "id"\n[columns]\n' + "\n".join(f'{name} = "{name}"' for name in COLUMNS)


def main() -> None:
    """Write the file, load it beside a reading officer, load it the plain way, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--plainly", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plainly:
        _load_plainly()
    else:
        _measure(options.rows)


def _measure(rows: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        file = _write(folder, rows)
        with _Officer(folder / "ours") as officer:
            seconds, memory = _timed(
                folder / "ours", "commonweal.cli", "load", str(file), "--mapping", _mapping(folder)
            )
        waits = officer.waits()
        peer_seconds, _ = _timed(_node(folder / "peer"), "benchmarks.import_rows", "--plainly", file=str(file))
        _check(folder / "ours", rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rate, peer, p99 = rows / seconds, rows / peer_seconds, waits[int(len(waits) * 0.99)] * 1000
    report(
        "import_rows",
        [
            (f"{rows:,} rows with evidence", f"{rate:,.0f} rows/s", ">= 3,000 rows/s"),
            ("memory of the load, at most", f"{memory:,.0f} MB", "<= 300 MB"),
            (f"an officer's reads meanwhile, p99 of {len(waits):,}", f"{p99:,.0f} ms", "<= 200 ms"),
            ("their median", f"{waits[len(waits) // 2] * 1000:,.0f} ms", ""),
            ("their longest", f"{waits[-1] * 1000:,.0f} ms", ""),
            ("same rows by plain bulk_create", f"{peer:,.0f} rows/s", "peer"),
        ],
        ours=rate, unit="rows/s", goal=3000, peer=peer, peer_name="plain Django bulk_create, no checks, no evidence",
        conditions=f"{rows:,} rows, SQLite WAL synchronous=FULL, the command with its start; memory "
        f"{memory:.0f} MB, p99 of others {p99:.0f} ms; the peer checks nothing and keeps no evidence",
    )  # fmt: skip


def _write(folder: Path, rows: int) -> Path:
    random, first = Random(1), date(1930, 1, 1)
    names = ["".join(random.choices("abcdefghiklmnoprstuvwy", k=random.randint(4, 9))).title() for _ in range(3_000)]
    path = folder / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", *COLUMNS))
        for n in range(rows):
            born = first + timedelta(days=random.randrange(34_000))
            home = random.randrange(max(rows // 2, 1))
            writer.writerow(
                (f"P{n:08}", random.choice(names), random.choice(names), born, random.choice(names),
                 f"{names[home % 997]} Street", home % 211 + 1, f"{home % 4001:05}", names[home % 89],
                 f"{random.randrange(10**10):010}-{n:07}", born + timedelta(days=random.randrange(300)))
            )  # fmt: skip
    return path


def _mapping(folder: Path) -> str:
    path = folder / "people.toml"
    path.write_text(MAPPING)
    return str(path)


def _node(home: Path) -> Path:
    """A node in a process of its own."""
    script = "from benchmarks.import_rows import _init; _init()"
    subprocess.run([sys.executable, "-c", script], env=_environment(home), check=True)
    return home


def _init() -> None:
    from commonweal.commands import init
    from commonweal.config import node as nodes

    home = Path(os.environ["COMMONWEAL_HOME"])
    init.prepare(nodes.create(home, "Bench", "demo.bench.example/log", "http://localhost:8000", ("registry",)))


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"COMMONWEAL_HOME": str(home)}


def _timed(home: Path, module: str, *arguments: str, file: str = "") -> tuple[float, float]:
    """Seconds and the most megabytes of a command in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    started = time.perf_counter()
    environment = _environment(home) | {"BENCH_FILE": file}
    subprocess.run([sys.executable, "-m", module, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    return seconds, max(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, before) / 1024


def _load_plainly() -> None:
    from commonweal.commands import start_django

    start_django()
    from django.db import transaction

    from commonweal.core.identity.models import new_id
    from commonweal.services.registry import models

    for part in _parts(Path(os.environ["BENCH_FILE"])):
        places = {(row["postcode"], row["street"], row["number"], row["town"]) for row in part}
        with transaction.atomic():
            models.Dwelling.objects.bulk_create(
                (models.Dwelling(postcode=p, street=s, number=n, town=t) for p, s, n, t in places),
                ignore_conflicts=True,
            )
            found = models.Dwelling.objects.filter(postcode__in={place[0] for place in places})
            homes = {(home.postcode, home.street, home.number, home.town): home.id for home in found}
            ids = [new_id() for _ in part]
            pairs = list(zip(ids, part, strict=True))
            models.Entry.objects.bulk_create(
                models.Entry(person_id=id_, born=row["born"], birth_place=row["birth_place"]) for id_, row in pairs
            )
            models.Name.objects.bulk_create(
                models.Name(
                    person_id=id_, given=row["given"], family=row["family"], since=row["born"],
                    sought=f"{row['given']} {row['family']}".lower(),
                )
                for id_, row in pairs
            )  # fmt: skip
            models.Residence.objects.bulk_create(
                models.Residence(
                    person_id=id_, since=row["since"],
                    dwelling_id=homes[row["postcode"], row["street"], row["number"], row["town"]],
                )
                for id_, row in pairs
            )  # fmt: skip


def _parts(file: Path) -> Iterator[list[dict[str, str]]]:
    with file.open(encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        while part := list(islice(rows, CHUNK)):
            yield part


def _check(home: Path, rows: int) -> None:
    """Everybody is there, with evidence."""
    with closing(sqlite3.connect(home / "node.sqlite3")) as database:
        for table in ("registry_entry", "ledger_record"):
            (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert count >= rows, (table, count)


class _Officer:
    """Somebody who reads entries on the same node, in a process of its own, until the load is done."""

    def __init__(self, home: Path) -> None:
        _node(home)
        context = multiprocessing.get_context("spawn")
        self._stop, self._ready = context.Event(), context.Event()
        self._answer, answer = context.Pipe(duplex=False)
        self._process = context.Process(target=_read, args=(str(home), self._ready, self._stop, answer))

    def __enter__(self) -> _Officer:
        self._process.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._waits: list[float] = self._answer.recv()
        self._process.join()

    def waits(self) -> list[float]:
        return sorted(self._waits)


def _read(home: str, ready: object, stop: object, answer: object) -> None:
    os.environ["COMMONWEAL_HOME"] = home
    from commonweal.commands import start_django

    start_django()
    from commonweal.core.identity.actors import Actor
    from commonweal.services.registry import service
    from commonweal.services.registry.purposes import KEEPING
    from commonweal.services.registry.values import NewEntry

    registrar = Actor("officer", "officer:1", "Ada", "register", frozenset({"registrar"}), 2, True)
    born, since = date(1984, 3, 27), date(2010, 1, 1)
    entries = [
        NewEntry("Mara", "Okafor", born, "Lagos", "Mill Lane", str(n), "4021", "Town", since) for n in range(50)
    ]  # each lives alone, so that a read is about one person
    people, waits = service.register(registrar, entries), []
    service.read(registrar, people[0], KEEPING)  # the first one parses the rules
    ready.set()  # type: ignore[attr-defined]
    while not stop.is_set():  # type: ignore[attr-defined]
        started = time.perf_counter()
        service.read(registrar, people[len(waits) % len(people)], KEEPING)
        waits.append(time.perf_counter() - started)
        time.sleep(PAUSE_SECONDS)
    answer.send(waits)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
