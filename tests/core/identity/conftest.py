from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from commonweal.core.identity import service
from commonweal.core.identity.actors import Person, the_node
from commonweal.core.ledger.entries import NODE_CHAIN, NODE_LABEL, open_chain
from commonweal.core.ledger.models import Record

ROLES = ("registrar", "identity-officer", "auditor", "sensor-writer")


@pytest.fixture(autouse=True)
def forgotten_throttles(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db")
        open_chain(NODE_CHAIN, NODE_LABEL)
        cache.clear()


@pytest.fixture
def evidence() -> Callable[..., list[dict[str, Any]]]:
    """The records about a person (or about nobody), oldest first, of one action or of all."""

    def read(person: Person | None = None, action: str = "") -> list[dict[str, Any]]:
        chain = person.chain if person else bytes(16)
        bodies = [json.loads(bytes(row.body)) for row in Record.objects.filter(chain=chain).order_by("n")]
        return [body for body in bodies if action in ("", body["action"])]

    return read


@pytest.fixture
def code_in(mailoutbox: list[Any]) -> Callable[[], str]:
    """The newest code that was mailed."""

    def read() -> str:
        found = re.search(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]+)*)$", mailoutbox[-1].body, re.MULTILINE)
        assert found, mailoutbox[-1].body
        return found.group(1)

    return read


@pytest.fixture
def mail_sign_in(code_in: Callable[[], str]) -> Callable[[Client, str], Any]:
    """Sign in with a code by mail, as far as that goes. Returns the last response."""

    def enter(client: Client, email: str) -> Any:
        client.post("/account/sign-in/", {"email": email})
        return client.post("/account/sign-in/code/", {"code": code_in()})

    return enter


@pytest.fixture
def town() -> str:
    service.register_agency("town", {"en": "Town of Testford", "fr": "Ville de Testford"}, roles=ROLES)
    return "town"


@pytest.fixture
def resident() -> tuple[Any, Person]:
    """An account that is connected to a person."""
    person = service.create_person()
    return service.create_account("ada@example.org", "Ada", person=person), person


@pytest.fixture
def node() -> Any:
    return the_node("test")
