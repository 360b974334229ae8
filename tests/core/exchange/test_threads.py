"""Work in threads beside the loop: results and errors come back, and a slow piece of work holds up no other."""

from __future__ import annotations

import asyncio
import threading

import pytest

from commonweal.core.exchange.threads import THREADS, in_a_thread


def test_each_gets_its_own_result_or_error() -> None:
    async def ask() -> list[object]:
        works = [in_a_thread(lambda n=n: 10 // n) for n in range(50)]  # type: ignore[misc]
        return list(await asyncio.gather(*works, return_exceptions=True))

    first, *others = asyncio.run(ask())
    assert isinstance(first, ZeroDivisionError)
    assert others == [10 // n for n in range(1, 50)]


def test_slow_work_holds_up_no_other() -> None:
    async def ask() -> str:
        end = threading.Event()
        slow = [asyncio.ensure_future(in_a_thread(lambda: end.wait(20))) for _ in range(THREADS - 1)]
        answer = await in_a_thread(lambda: "quick")
        assert not any(one.done() for one in slow)
        end.set()
        await asyncio.gather(*slow)
        return answer

    assert asyncio.run(ask()) == "quick"


def test_whoever_waits_no_more_harms_nobody() -> None:
    async def ask() -> str:
        begun, end = threading.Event(), threading.Event()
        left = asyncio.ensure_future(in_a_thread(lambda: begun.set() or end.wait(20)))
        await in_a_thread(lambda: begun.wait(20))
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        end.set()
        return await in_a_thread(lambda: "still there")

    assert asyncio.run(ask()) == "still there"
