"""The one thread of the gateway that speaks to the database: what has gathered while it was busy is done together.

The loop hands over once in each of its turns what all requests of that turn want, so that threads change seldom.
Decisions and look-ups run one after another; the evidence of all requests that wait is committed in one transaction
(group commit), and each request is answered only after that. An error of the database fails the requests that stood
on it and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from django.db import DatabaseError, connection

from commonweal.core.exchange import service
from commonweal.core.exchange.service import Draft, Outcome
from commonweal.core.exchange.threads import Finished, settle

MOST = 256  # acts of one transaction
PACE = 0.01  # seconds between the beginnings of rounds while several ask at once
T = TypeVar("T")
log = logging.getLogger("commonweal.exchange")

Many = Callable[[list[Any]], list[Any]]


@dataclass(frozen=True)
class _Together:
    """One question of many that `ask` answers at once."""

    ask: Many
    about: Any


_Job = tuple["asyncio.Future[Any]", Callable[[], Any] | _Together | Draft]


class Desk:
    """Reads and commits for one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began, self._busy = 0.0, False  # the last round: when it began, whether it was for several
        self._wanted: list[_Job] = []  # in this turn of the loop
        self._jobs: SimpleQueue[list[_Job] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="desk", daemon=True)
        self._thread.start()

    async def read(self, question: Callable[[], T]) -> T:
        """Run a look-up; raises what it raises."""
        found: T = await self._done(question)
        return found

    async def ask(self, many: Many, about: Any) -> Any:
        """Look up one of many: `many` answers, in their order, all that wait; an exception among them is raised."""
        return await self._done(_Together(many, about))

    async def commit(self, draft: Draft) -> Outcome:
        """Make an act durable together with whatever else waits. Raises DatabaseError; then nothing was written."""
        outcome: Outcome = await self._done(draft)
        return outcome

    def close(self) -> None:
        """Finish what waits and end."""
        self._hand_over()
        self._jobs.put(None)
        self._thread.join(10)

    def _done(self, task: Callable[[], Any] | _Together | Draft) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._loop.create_future()
        if not self._wanted:
            self._loop.call_soon(self._hand_over)
        self._wanted.append((future, task))
        return future

    def _hand_over(self) -> None:
        if self._wanted:
            self._jobs.put(self._wanted)
            self._wanted = []

    def _work(self) -> None:
        while jobs := self._gathered():
            self._deliver(_read(jobs))
            self._deliver(_committed([(future, task) for future, task in jobs if isinstance(task, Draft)]))
        connection.close()

    def _gathered(self) -> list[_Job]:
        """Wait for jobs, and take what else waits; empty at the end."""
        jobs: list[_Job] = []
        while not jobs or (len(jobs) < MOST and not self._jobs.empty()):
            handed_over = self._jobs.get()
            if handed_over is None:
                if jobs:
                    self._jobs.put(None)  # first what came before
                return jobs
            if not jobs:
                self._keep_pace()
            jobs += handed_over
        self._busy = len(jobs) > 1
        return jobs

    def _keep_pace(self) -> None:
        """While several ask at once, let more gather: a round for one costs nearly what a round for ten does."""
        if self._busy and (early := self._began + PACE - time.monotonic()) > 0:
            time.sleep(early)
        self._began = time.monotonic()

    def _deliver(self, outcomes: list[Finished]) -> None:
        if outcomes:
            self._loop.call_soon_threadsafe(settle, outcomes)


def _read(jobs: list[_Job]) -> list[Finished]:
    """Answer the look-ups, those of one kind together."""
    outcomes: list[Finished] = []
    groups: dict[Many, list[tuple[asyncio.Future[Any], Any]]] = {}
    for future, task in jobs:
        if isinstance(task, _Together):
            groups.setdefault(task.ask, []).append((future, task.about))
        elif not isinstance(task, Draft):
            outcomes.append((future, *_tried(task)))
    for ask, asked in groups.items():
        found, error = _tried(lambda ask=ask, asked=asked: ask([about for _, about in asked]))  # type: ignore[misc]
        for place, (future, _) in enumerate(asked):
            one = error or found[place]
            outcomes.append((future, None, one) if isinstance(one, BaseException) else (future, one, None))
    return outcomes


def _tried(question: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return question(), None
    except DatabaseError as error:
        connection.close()
        return None, error
    except Exception as error:
        return None, error


def _committed(jobs: list[tuple[asyncio.Future[Any], Draft]]) -> list[Finished]:
    if not jobs:
        return []
    try:
        outcomes = service.commit([draft for _, draft in jobs])
    except Exception as error:
        log.exception("the evidence of %d requests could not be written", len(jobs))
        connection.close()
        return [(future, None, error) for future, _ in jobs]
    return [(future, outcome, None) for (future, _), outcome in zip(jobs, outcomes, strict=True)]
