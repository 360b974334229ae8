"""A line between two nodes that is cut at random: a TCP proxy in front of a gateway, in a thread of the test."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from contextlib import suppress

PIECE = 16_384
LIFE = 60_000  # bytes of answers after which any connection is cut, at the latest


class Line:
    """Listens on `port` and passes on to `behind`. While `fails` is above 0 that share of connections meets a fault.

    A fault is one of: refused at once, cut after some bytes of the request, cut after some bytes of the answer, or held
    back for a moment. Connections without a fault are cut later, in the middle of some answer. `down` cuts everything.
    """

    def __init__(self, port: int, behind: int, chance: random.Random) -> None:
        self.port, self.behind, self.chance = port, behind, chance
        self.fails, self.down = 0.0, False
        self.met: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._thread.start()
        self._ready.wait(10)

    def close(self) -> None:
        """End every connection."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", self.port))
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        for task in (left := asyncio.all_tasks(self._loop)):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = "down" if self.down else self._fault()
        self.met[fault] += 1
        try:
            if fault in ("down", "refused"):
                return
            if fault == "late":
                await asyncio.sleep(self.chance.uniform(0.2, 1.5))
            ahead, back = await asyncio.open_connection("127.0.0.1", self.behind)
            there = self.chance.randrange(2_000) if fault == "cut question" else None
            home = self.chance.randrange(900 if fault == "cut answer" else LIFE)
            ways = [
                asyncio.create_task(self._pass(reader, back, there)),
                asyncio.create_task(self._pass(ahead, writer, home)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            back.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            with suppress(OSError):
                writer.close()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, limit: int | None) -> None:
        passed = 0
        with suppress(OSError):
            while piece := await source.read(PIECE):
                if self.down or (limit is not None and passed + len(piece) > limit):
                    target.write(piece[: max(0, (limit or 0) - passed)])
                    return
                target.write(piece)
                await target.drain()
                passed += len(piece)

    def _fault(self) -> str:
        if self.chance.random() >= self.fails:
            return "none"
        return self.chance.choice(["refused", "cut question", "cut answer", "late"])
