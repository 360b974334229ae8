"""Vectors that could not be made are tried again, and never stop an answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.services.assistant import service, vectors
from commonweal.services.assistant.engine.models import Mode
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES


class AtOnce:
    """A thread that has done its work when it was started."""

    def __init__(self, target: Any, args: Any, daemon: bool) -> None:
        self.start = lambda: target(*args)


def test_what_failed_is_tried_again_after_a_minute(room: None, monkeypatch: pytest.MonkeyPatch) -> None:
    publishing.publish(the_node("command"), PAGES)
    service.ask(ANONYMOUS, "What does a permit cost?", "en")
    tries: list[str] = []
    now = [1_000.0]

    def fill(_index: object) -> None:
        tries.append("failed" if len(tries) < 1 else "made")
        if tries == ["failed"]:
            raise OSError("no space left")

    models = SimpleNamespace(mode=Mode.BOTH)
    models.reading = lambda language: models
    monkeypatch.setattr(vectors, "_models", lambda folder: models)
    monkeypatch.setattr(vectors, "_opened", lambda models, path: SimpleNamespace(fill=fill))
    monkeypatch.setattr(vectors, "Thread", AtOnce)
    monkeypatch.setattr(vectors, "monotonic", lambda: now[0])
    vectors.vectors("en")
    vectors.vectors("en")
    assert tries == ["failed"]
    now[0] += vectors.AGAIN
    for _ in range(3):
        vectors.vectors("en")
    assert tries == ["failed", "made"]
