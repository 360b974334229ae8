"""The one thread of the gateway that speaks to the database: what has gathered while it was busy is done together.

Decisions and look-ups run one after another; the evidence of all requests that wait is committed in one transaction
(group commit), and each request is answered only after that. An error of the database fails the requests that stood
on it and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from django.db import DatabaseError, connection

from commonweal.core.exchange import service
from commonweal.core.exchange.service import Draft, Outcome

MOST = 256  # acts of one transaction
T = TypeVar("T")
log = logging.getLogger("commonweal.exchange")

Many = Callable[[list[Any]], list[Any]]
_Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]


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
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="desk", daemon=True)
        self._thread.start()

    async def read(self, question: Callable[[], T]) -> T:
        """Run a look-up; raises what it raises."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put((future, question))
        return await future

    async def ask(self, many: Many, about: Any) -> Any:
        """Look up one of many: `many` answers, in their order, all that wait; an exception among them is raised."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put((future, _Together(many, about)))
        return await future

    async def commit(self, draft: Draft) -> Outcome:
        """Make an act durable together with whatever else waits. Raises DatabaseError; then nothing was written."""
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self._jobs.put((future, draft))
        return await future

    def close(self) -> None:
        """Finish what waits and end."""
        self._jobs.put(None)
        self._thread.join(10)

    def _work(self) -> None:
        going_on = True
        while going_on:
            jobs = [self._jobs.get()]
            while not self._jobs.empty() and len(jobs) < MOST:
                jobs.append(self._jobs.get())
            going_on = None not in jobs
            present = [job for job in jobs if job is not None]
            self._deliver(_read(present))
            self._deliver(_committed([(future, task) for future, task in present if isinstance(task, Draft)]))
        connection.close()

    def _deliver(self, outcomes: list[_Outcome]) -> None:
        if outcomes:
            self._loop.call_soon_threadsafe(_settle, outcomes)


def _read(jobs: list[_Job]) -> list[_Outcome]:
    """Answer the look-ups, those of one kind together."""
    outcomes: list[_Outcome] = []
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


def _committed(jobs: list[tuple[asyncio.Future[Any], Draft]]) -> list[_Outcome]:
    if not jobs:
        return []
    try:
        outcomes = service.commit([draft for _, draft in jobs])
    except Exception as error:
        log.exception("the evidence of %d requests could not be written", len(jobs))
        connection.close()
        return [(future, None, error) for future, _ in jobs]
    return [(future, outcome, None) for (future, _), outcome in zip(jobs, outcomes, strict=True)]


def _settle(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
