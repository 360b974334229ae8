"""Everything that is held about a person with 10,000 entries: the file, and the page that shows it, through the door.

No peer hands over a record of uses that can be checked, so none stands beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.table import report

ENTRIES = 10_000
ROUNDS = 5
GOAL = 2.0


def main() -> None:
    """Make a node with one much-used person, take the export a few times over HTTP's own code path, print the table."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    os.environ["COMMONWEAL_HOME"] = str(folder)
    try:
        client = _much_used_person(folder)
        file, size = _taken(client, "/your-data/everything.json")
        page, weight = _taken(client, "/your-data/everything/")
        report(
            "export",
            [
                (f"the file, {ENTRIES:,} entries, {size / 1e6:,.1f} MB", f"{file:,.2f} s", "<= 2 s"),
                (f"the page, {weight / 1e3:,.0f} kB", f"{page:,.2f} s", "<= 2 s"),
            ],
            ours=file, unit="s", goal=GOAL, peer=None, peer_name="none: nobody else hands over such a record",
            conditions=f"{ENTRIES} entries, median of {ROUNDS}, page {page:.2f} s",
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _much_used_person(folder: Path) -> object:
    from commonweal.commands import init
    from commonweal.config import node as nodes

    init.prepare(nodes.create(folder, "Bench", "demo.bench.example/log", "http://localhost:8000", ("registry",)))
    from django.test import Client

    from commonweal.core.act import act
    from commonweal.core.identity import accounts, service
    from commonweal.services.registry.purposes import KEEPING
    from tests.town import REGISTRAR, entry, register

    (person,) = register(entry(identifier="M-1"))
    for _ in range(ENTRIES - 1):
        with act(REGISTRAR, "registry.person.read", subject=person, purpose=KEEPING) as evidence:
            evidence.disclosed(["registry/name", "registry/address"])
    account = accounts.create_account("mara@mail.example", "Mara Okafor", person=person)
    service.offer_demo_sign_in(account.id, "resident")
    client = Client(SERVER_NAME="localhost")
    client.post("/sign-in/demo/", {"account": str(account.id)})
    return client


def _taken(client: object, path: str) -> tuple[float, int]:
    """Median seconds of a request, and the bytes of its answer."""
    times, size = [], 0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer = client.get(path)  # type: ignore[attr-defined]
        times.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.status_code
        size = len(answer.content)
    if path.endswith(".json"):
        assert len(json.loads(answer.content)["rooms"]["ledger"]["entries"]) >= ENTRIES
    return statistics.median(times), size


if __name__ == "__main__":
    main()
