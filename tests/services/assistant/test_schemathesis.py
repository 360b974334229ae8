"""Schemathesis finds no failure in the API for guidance (tests/core/exchange/test_schemathesis.py says how long)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.exchange.federation import make_node
from tests.core.exchange.test_schemathesis import run

pytestmark = pytest.mark.slow
TOKEN = """
from commonweal.core.identity import service
from commonweal.core.identity.actors import the_node
print(service.issue_token(the_node("set-up"), "Web site", "web", frozenset({"guidance-editor"})).token)
"""


def test_the_api_for_guidance(tmp_path: Path) -> None:
    agencies = [("web", {"en": "Web"}, ["guidance-editor"])]
    node = make_node(
        tmp_path / "node", "demo.web.example/log", agencies, filled=False, services="registry,assistant"
    )  # fmt: skip
    token = node.python(TOKEN).strip()
    node.start("web")
    try:
        address = f"http://127.0.0.1:{node.web_port}/api/assistant/openapi.json"
        run(address, "-H", f"Authorization: Bearer {token}", folder=tmp_path)
    finally:
        node.stop(kill=True)
