"""The exchange's gateway on one core: verify, policy, consent, durable evidence, signed answer.

Peer, in the same run and on the same core: a plain Django view that does the same with `http-message-signatures` and
two inserted rows for evidence (no chains, no commitments, no policy engine). The requests are signed beforehand; the
load comes from the other core.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.table import report

SECONDS = 6.0
CONNECTIONS = 64
PEOPLE = 2_000
OPEN_LOOP = 800  # requests/s
CORE, OTHER_CORE = 0, 1
SYSTEM = "BEN/GOV/asker/system"
SERVICE = "BEN/GOV/giver/records/address"
PURPOSE = "survey.invitation"  # rests on consent


def main() -> None:
    """Make the node, run ours and the peer, print the table."""
    folder = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    try:
        requests = Requests(folder)
        with Server(folder, "asgi", "commonweal.config.asgi:application") as server:
            requests.address(server.port, ours=True)
            ours, _ = requests.run(SECONDS)
            before = server.memory()
            rate, waits = requests.open_loop(OPEN_LOOP, SECONDS)
            after = server.memory()
        with Server(folder, "wsgi", "benchmarks.gateway_peer:application") as server:
            requests.address(server.port, ours=False)
            peer, peer_waits = requests.run(SECONDS)
        p50, p99 = waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.99)] * 1000
        peer_p99 = peer_waits[int(len(peer_waits) * 0.99)] * 1000
        report(
            "gateway",
            [
                (f"answered, {CONNECTIONS} connections", f"{ours:,.0f}/s", ">= 1,800/s (stretch 3,000)"),
                (f"answered of {OPEN_LOOP}/s asked, open loop", f"{rate:,.0f}/s", "as many as asked, or the rest wait"),
                (f"p50 at {OPEN_LOOP}/s asked", f"{p50:,.1f} ms", ""),
                (f"p99 at {OPEN_LOOP}/s asked", f"{p99:,.1f} ms", "< 50 ms"),
                ("memory gained in the open loop", f"{(after - before) / 1e6:,.1f} MB", "flat"),
                (f"plain Django view, {CONNECTIONS} connections", f"{peer:,.0f}/s", f"peer (p99 {peer_p99:,.0f} ms)"),
            ],
            ours=ours, unit="requests/s", goal=1800, peer=peer,
            peer_name="Django view, http-message-signatures, two inserts, no policy engine, no chained evidence",
            conditions="one core for the server, the other for the load; SQLite WAL synchronous=FULL; source: one row "
            f"of a SQLite database; p99 {p99:.1f} ms at {OPEN_LOOP}/s asked, {rate:.0f}/s answered",
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Requests:
    """Signs requests and sends them over keep-alive connections."""

    def __init__(self, folder: Path) -> None:
        self.consents = prepare(folder)
        from nacl.signing import SigningKey

        from commonweal.config import node as nodes
        from commonweal.core.exchange import member_keys
        from commonweal.core.exchange.membership import key_path

        key = member_keys.load(key_path(nodes.load(folder), "asker"))
        self.key = SigningKey(key.private_bytes_raw())
        self.keyid = member_keys.key_id(member_keys.vkey("BEN/GOV/asker", key))
        self.directory = directory_name()
        self._sent = 0

    def address(self, port: int, *, ours: bool) -> None:
        """Whom to ask from now on."""
        self.port = port
        self.authority = "bench.example"
        self.path = f"/exchange/r1/{SERVICE}/read" if ours else "/read"

    def signed(self, count: int) -> list[bytes]:
        """Requests as they go over the wire."""
        from commonweal.core.exchange import digests, signatures

        made, now = [], int(time.time())
        place = {"@method": "POST", "@authority": self.authority, "@path": self.path, "@query": "?"}
        for _ in range(count):
            self._sent += 1
            number = self._sent % PEOPLE
            body = json.dumps({"subject": {"scheme": "bench", "value": f"{number:08}"}}).encode()
            headers = {
                "content-type": "application/json",
                "x-road-client": SYSTEM,
                "x-road-id": f"bench-{self._sent}",
                "content-digest": digests.content_digest(sha256(body).digest()),
                "commonweal-purpose": PURPOSE,
                "commonweal-basis": "consent",
                "commonweal-consent": self.consents[number],
                "commonweal-directory": self.directory,
                "commonweal-leaf": "00" * 32,
            }
            headers |= signatures.sign_request(
                self.key, self.keyid, place, headers, nonce=secrets.token_urlsafe(18), created=now, expires=now + 299
            )
            lines = [f"POST {self.path} HTTP/1.1", f"Host: {self.authority}", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            made.append("\r\n".join([*lines, "", ""]).encode() + body)
        return made

    def run(self, seconds: float) -> tuple[float, list[float]]:
        """Closed loop: answers a second, and how long each took."""
        os.sched_setaffinity(0, {OTHER_CORE})
        asyncio.run(self._closed(self.signed(1_000), 2.0))
        prepared = self.signed(int(seconds * 4_500))
        return asyncio.run(self._closed(prepared, seconds))

    def answered(self, count: int, at_once: int = 5_000) -> int:
        """So many, signed a few at a time because a signature is valid for five minutes; how many were answered."""
        parts = [min(at_once, count - start) for start in range(0, count, at_once)]
        return sum(len(asyncio.run(self._closed(self.signed(part), 290.0))[1]) for part in parts)

    async def _closed(self, prepared: list[bytes], seconds: float) -> tuple[float, list[float]]:
        waits: list[float] = []
        todo = iter(prepared)
        started = time.perf_counter()

        async def client() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            for message in todo:
                begun = time.perf_counter()
                if begun - started > seconds:
                    break
                writer.write(message)
                await answer(reader)
                waits.append(time.perf_counter() - begun)
            writer.close()

        await asyncio.gather(*[client() for _ in range(CONNECTIONS)])
        return len(waits) / (time.perf_counter() - started), sorted(waits)

    def open_loop(self, rate: float, seconds: float) -> tuple[float, list[float]]:
        """Requests at fixed moments, whether the others were answered or not; answers a second, and each one's wait.

        A server slower than `rate` falls behind for as long as the loop lasts, so waits of seconds mean that it was.
        """
        return asyncio.run(self._open(self.signed(int(rate * seconds)), rate))

    async def _open(self, prepared: list[bytes], rate: float) -> tuple[float, list[float]]:
        waits: list[float] = []
        idle: list[Any] = [await asyncio.open_connection("127.0.0.1", self.port) for _ in range(CONNECTIONS)]

        async def one(message: bytes, due: float) -> None:
            reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(message)
            await answer(reader)
            waits.append(time.perf_counter() - due)
            idle.append((reader, writer))

        started, tasks = time.perf_counter(), []
        for number, message in enumerate(prepared):
            due = started + number / rate
            if (pause := due - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            tasks.append(asyncio.create_task(one(message, due)))
        await asyncio.gather(*tasks)
        return len(waits) / (time.perf_counter() - started), sorted(waits)


async def answer(reader: asyncio.StreamReader) -> None:
    """Read one answer; it must be a good one."""
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head[:16]:
        raise RuntimeError(f"{head!r}")
    size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(size)


class Server:
    """Granian: one worker on one core, or several on these."""

    def __init__(
        self, folder: Path, interface: str, application: str, *, workers: int = 1, cores: Sequence[int] = (CORE,)
    ) -> None:
        self.cores = cores
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        threads = ["--blocking-threads", "4"] if interface == "wsgi" else []
        self.command = [
            sys.executable, "-m", "granian", "--interface", interface, "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", str(workers), *threads, "--no-ws", "--log-level", "error", application,
        ]  # fmt: skip
        self.environment = os.environ | {"COMMONWEAL_HOME": str(folder)}

    def __enter__(self) -> Server:
        self.process = subprocess.Popen(
            self.command, env=self.environment, start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, self.cores),  # noqa: PLW1509 - no threads here
        )  # fmt: skip
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def memory(self) -> int:
        """Resident bytes of the server and its workers."""
        return resident(self.process.pid)


def resident(group: int) -> int:
    """Resident bytes of a process group."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                pages += int((stat.parent / "statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE")


def prepare(folder: Path) -> list[str]:
    """A node with two members, people who consented, and a service over a small database; the consents' ids."""
    os.environ["COMMONWEAL_HOME"] = str(folder)
    from commonweal.commands import init
    from commonweal.config import node as nodes

    node = nodes.create(folder, "Bench", "demo.bench.example/log", "http://localhost:8000", ("registry",))
    init.prepare(node)
    import sqlite3

    from commonweal.core import clock
    from commonweal.core.exchange import service
    from commonweal.core.exchange.xroad import member_id
    from commonweal.core.identity import accounts, people
    from commonweal.core.policy.models import ConsentRecord

    for code in ("asker", "giver"):
        accounts.register_agency(code, {"en": code.title()})
    joined = service.found(node, "BEN", "http://bench.example")
    for code in ("asker", "giver"):
        service.join(node, service.invite(joined, member_id(f"BEN/GOV/{code}")), joined.address, {"en": code.title()})
    everyone = people.create_people(PEOPLE)
    people.add_identifiers([(person, "bench", f"{number:08}") for number, person in enumerate(everyone)])
    consents = [
        ConsentRecord(person_id=person.id, purpose=PURPOSE, agency="asker", given=clock.now()) for person in everyone
    ]
    ConsentRecord.objects.bulk_create(consents)
    with sqlite3.connect(folder / "addresses.sqlite3") as database:
        database.execute("CREATE TABLE address (person TEXT PRIMARY KEY, street TEXT, town TEXT)")
        rows = [(f"{number:08}", f"Mill Lane {number}", "Testford") for number in range(PEOPLE)]
        database.executemany("INSERT INTO address VALUES (?, ?, ?)", rows)
    _offer(folder)
    service.publish(joined)
    return [str(one.id) for one in consents]


def _offer(folder: Path) -> None:
    offers = folder / "offers"
    offers.mkdir()
    (offers / "address.sql").write_text("SELECT street, town FROM address WHERE person = :subject")
    (offers / "address.toml").write_text(
        f'member = "giver"\nsystem = "records"\ncode = "address"\ntitle = "Addresses"\npurposes = ["{PURPOSE}"]\n'
        '[[endpoint]]\nmethod = "POST"\npath = "/read"\n[subject]\npointer = "/subject"\nscheme = "bench"\n'
        f'[[access]]\nclient = "{SYSTEM}"\nagency = "asker"\n'
        f'[sql]\ndatabase = "sqlite:///{folder}/addresses.sqlite3"\n[[sql.query]]\nendpoint = "POST /read"\n'
        'file = "address.sql"\n'
    )


def directory_name() -> str:
    """How messages name the node's directory."""
    from commonweal.config import node as nodes
    from commonweal.core.exchange import federation, membership

    joined = membership.load(nodes.load())
    assert joined
    found = federation.newest(joined)
    return f"{found.serial}:{found.hash}"


if __name__ == "__main__":
    main()
