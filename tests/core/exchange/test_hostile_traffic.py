"""What a hostile or careless system sends: nothing of a person in logs, no address that breaks us, no endless body."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpcore
import pytest

from commonweal.core.exchange import dispatcher, federation, message, running
from commonweal.core.exchange.message import Gone, Message


def test_an_identifier_in_a_path_stays_out_of_the_security_log(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[dict[str, Any]] = []
    monkeypatch.setattr(running.security_log, "warning", lambda _text, extra: noted.append(extra["fields"]))
    running.Running.note_refusal(
        SimpleNamespace(), "Client.BadRequest", "", "ALD/GOV/register/population/people/by-number/70010100001", ""
    )
    assert noted[0]["service"] == "ALD/GOV/register/population/people"


@pytest.mark.parametrize("address", ["ftp://x.example", "x", "http://" + "a" * 70 + ".example", "http://x:99999"])
def test_an_address_that_cannot_be_is_unreachable(address: str) -> None:
    with pytest.raises(federation.Unreachable):
        federation.request("GET", address)


def test_a_body_that_stops_coming_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "IDLE", 0.05)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(5)
        return {"type": "http.request"}

    asked = Message("POST", "/exchange/statements", "", [], "127.0.0.1", receive)
    with pytest.raises(Gone):
        asyncio.run(asked.body(tmp_path, 1_000))


def test_a_subscriber_cannot_fill_the_memory_by_its_answer() -> None:
    given = 0

    async def endless() -> Any:
        nonlocal given
        while given < 100_000_000:
            given += 65_536
            yield b"x" * 65_536

    asyncio.run(dispatcher.read_little(httpcore.Response(200, content=endless())))
    assert given < 1_000_000
