"""A language model that an operator names: what it says, part by part as it comes, within a time.

It speaks OpenAI's `/v1/chat/completions` with `stream`, as vLLM, Ollama and llama.cpp serve it. Redirections are not
followed: only the named machine gets what is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpcore

from commonweal.services.assistant.arrangements import Endpoint

LONGEST = 8_000  # characters of an answer; more than a quotation can need
DATA, DONE = b"data:", b"[DONE]"


class NoWords(Exception):
    """The endpoint is down, too slow, or says something else than it should."""


def say(endpoint: Endpoint, instruction: str, given: str) -> Iterator[str]:
    """The parts of the model's answer as they come. Raises NoWords, also after some parts have come."""
    ends = monotonic() + endpoint.timeout
    length = 0
    try:
        for line in _lines(endpoint, _body(endpoint, instruction, given), ends):
            if monotonic() > ends:
                raise NoWords("too slow")
            if not line.startswith(DATA):
                continue
            said = line.removeprefix(DATA).strip()
            if said == DONE:
                return
            part = _part(json.loads(said))
            length += len(part)
            if length > LONGEST:
                raise NoWords("too long")
            yield part
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
        raise NoWords(type(error).__name__) from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise NoWords("not what OpenAI's interface says") from None
    raise NoWords("broke off")


def _lines(endpoint: Endpoint, body: bytes, ends: float) -> Iterator[bytes]:
    headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")]
    if endpoint.key:
        headers.append(("Authorization", f"Bearer {endpoint.key}"))
    left = max(0.01, ends - monotonic())
    timeout = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left)}
    address = f"{endpoint.address.rstrip('/')}/v1/chat/completions"
    with (
        httpcore.ConnectionPool() as pool,
        pool.stream("POST", address, headers=headers, content=body, extensions=timeout) as answer,
    ):
        if answer.status != 200:
            raise NoWords(f"answered {answer.status}")
        rest = b""
        for chunk in answer.iter_stream():
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
            if len(rest) > LONGEST or monotonic() > ends:
                raise NoWords("too long or too slow")


def _body(endpoint: Endpoint, instruction: str, given: str) -> bytes:
    said = [{"role": "system", "content": instruction}, {"role": "user", "content": given}]
    return json.dumps({"model": endpoint.model, "messages": said, "stream": True, "temperature": 0}).encode()


def _part(found: dict[str, Any]) -> str:
    choices = found["choices"]
    return str(choices[0]["delta"].get("content") or "") if choices else ""
