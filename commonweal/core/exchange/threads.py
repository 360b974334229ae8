"""Threads beside the event loop, and how the loop learns what they finished.

`in_a_thread` costs less than `asyncio.to_thread`: what the threads finish during one turn of the loop is told at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from django.db import close_old_connections

THREADS = 8
T = TypeVar("T")
Finished = tuple["asyncio.Future[Any]", Any, BaseException | None]  # who waits, the result, or what was raised


async def in_a_thread(work: Callable[[], T]) -> T:
    """Run what makes a thread wait, such as reading a source; raises what it raises."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    _pool(loop).wanted.put((future, work))
    return await future


async def with_database(work: Callable[..., T], *arguments: Any) -> T:
    """Run what reads or writes the node's own database, in a thread whose connection is alive, or is made anew.

    Django sees to that between the web's requests; nothing did here, and after a restart of PostgreSQL each thread
    would fail for ever.
    """
    return await asyncio.to_thread(_on_a_live_connection, work, arguments)


def _on_a_live_connection(work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    close_old_connections()
    return work(*arguments)


def settle(finished: Iterable[Finished]) -> None:
    """In the loop: give each its result, unless it waits no more."""
    for future, result, error in finished:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


class _Pool:
    """The threads of one loop. They end with the process."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.wanted: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._loop = loop
        self._finished: deque[Finished] = deque()
        self._told = False  # whether the loop knows that something is finished
        for number in range(THREADS):
            Thread(target=self._work, name=f"source-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            future, work = self.wanted.get()
            try:
                self._finished.append((future, work(), None))
            except Exception as error:
                self._finished.append((future, None, error))
            if not self._told:
                self._told = True
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        self._told = False  # first: what is finished from here on is told anew
        settle(self._finished.popleft() for _ in range(len(self._finished)))


@lru_cache(maxsize=1)
def _pool(loop: asyncio.AbstractEventLoop) -> _Pool:
    return _Pool(loop)
