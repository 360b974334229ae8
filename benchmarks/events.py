"""Events to one subscriber on this machine: delivered in batches, and from commit to delivery one by one.

Peer, in the same run: a loop that reads the same rows and posts the same batches with the standard library; it asks no
policy, keeps no evidence, signs nothing and remembers no place.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks import gateway
from benchmarks.table import report

EVENTS, BATCH = 20_000, 500
SINGLE, PAUSE = 400, 0.02  # events one by one, seconds between two
TYPE, PURPOSE = "registry.person.moved", "benefits.assessment"


def main() -> None:
    """Fill a node with events, let it deliver them, print the table."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        gateway.prepare(folder)
        os.sched_setaffinity(0, {gateway.OTHER_CORE})
        subscriber = Subscriber()
        people = _put(EVENTS, subscriber, batch=BATCH)
        with gateway.Server(folder, "asgi", "commonweal.config.asgi:application"):
            ours = subscriber.rate(EVENTS)
            waits = _one_by_one(subscriber, people)
        peer = _plainly(subscriber)
        p50, p99 = waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.99)] * 1000
        report(
            "events",
            [
                (f"delivered in batches of {BATCH}", f"{ours:,.0f}/s", ">= 5,000/s"),
                ("commit to delivery, p50", f"{p50:,.0f} ms", ""),
                ("commit to delivery, p99", f"{p99:,.0f} ms", "<= 500 ms"),
                (f"plain loop, batches of {BATCH}", f"{peer:,.0f}/s", "peer"),
            ],
            ours=ours, unit="events/s", goal=5_000, peer=peer,
            peer_name="rows read and posted by urllib: no policy, evidence, signature or place",
            conditions="one core for the gateway, the other for the subscriber; SQLite WAL synchronous=FULL; "
            f"{EVENTS:,} events about {gateway.PEOPLE:,} people; one act for each batch; p99 {p99:.0f} ms at "
            f"{1 / PAUSE:.0f} events/s",
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Subscriber:
    """Somebody else's system: answers 200 and notes when each event came."""

    def __init__(self) -> None:
        self.came: dict[int, float] = {}
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        ready.wait()

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                body = json.loads(await reader.readexactly(size))
                now = time.perf_counter()
                self.came |= {one["data"]["number"]: now for one in body if one["data"]["number"] not in self.came}
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def wait_for(self, count: int) -> None:
        """Until so many different events came. Raises TimeoutError."""
        last = time.monotonic() + 120
        while len(self.came) < count:
            if time.monotonic() > last:
                raise TimeoutError(f"{len(self.came)} of {count} events came")
            time.sleep(0.01)

    def rate(self, count: int) -> float:
        """Events a second, from the first delivery to the last; the first batch is not counted."""
        self.wait_for(count)
        first, last = min(self.came.values()), max(self.came.values())
        return (count - BATCH) / (last - first)


def _put(count: int, subscriber: Subscriber, *, batch: int) -> list[Any]:
    """Subscribe, and let so many events happen; whom they are about."""
    from commonweal.core.exchange import outbox
    from commonweal.core.identity import people

    outbox.subscribe(
        gateway.SYSTEM, agency="asker", types=[TYPE], purpose=PURPOSE, scheme="bench", address=subscriber.address,
        most=batch,
    )  # fmt: skip
    everyone = [people.identify("bench", f"{number:08}") for number in range(gateway.PEOPLE)]
    for number in range(count):
        outbox.put(TYPE, everyone[number % len(everyone)], {"number": number})
    return everyone


def _one_by_one(subscriber: Subscriber, everyone: list[Any]) -> list[float]:
    """Seconds from each commit to its delivery, sorted."""
    from commonweal.core.exchange import outbox

    committed = {}
    for number in range(EVENTS, EVENTS + SINGLE):
        outbox.put(TYPE, everyone[number % len(everyone)], {"number": number})
        committed[number] = time.perf_counter()
        time.sleep(PAUSE)
    subscriber.wait_for(EVENTS + SINGLE)
    return sorted(subscriber.came[number] - at for number, at in committed.items())


def _plainly(subscriber: Subscriber) -> float:
    """The peer: events a second."""
    from commonweal.core.exchange.models import Event

    subscriber.came.clear()
    os.sched_setaffinity(0, {gateway.CORE})
    begun = time.perf_counter()
    for start in range(0, EVENTS, BATCH):
        rows = Event.objects.order_by("position")[start : start + BATCH]
        told = [{"id": str(row.id), "type": row.type, "time": row.at.isoformat(), "data": row.data} for row in rows]
        request = urllib.request.Request(
            subscriber.address, json.dumps(told).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            answer.read()
    return EVENTS / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
