"""A content management system pushes pages: its agency's own, each change an act."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from commonweal.core.identity import accounts
from commonweal.core.identity import service as identity
from commonweal.core.identity.actors import ANONYMOUS, the_node
from commonweal.core.ledger.models import Record
from commonweal.services.assistant import service
from commonweal.services.assistant.publishing import service as publishing
from tests.services.assistant.conftest import PAGES, PARKING, a_page

PLACE = "/api/assistant/guidance"
BODY = {"title": "Park near your home", "source": PARKING, "topic": "parking", "review": "2027-03-01"}


@pytest.fixture
def streets(room: None) -> dict[str, str]:
    return token("streets", "guidance-editor")


def token(agency: str, role: str) -> dict[str, str]:
    """The header of a machine."""
    accounts.register_agency(agency, {"en": agency}, roles=[role])
    issued = identity.issue_token(the_node("set-up"), "Web site", agency, frozenset({role}))
    return {"Authorization": f"Bearer {issued.token}"}


def put(client: Client, headers: dict[str, str], slug: str = "en/parking", **more: Any) -> HttpResponse:
    return client.put(f"{PLACE}/{slug}", BODY | more, content_type="application/json", headers=headers)  # type: ignore[return-value]


def test_a_page_is_put_changed_read_and_withdrawn(client: Client, streets: dict[str, str]) -> None:
    publishing.publish(the_node("command"), PAGES[1:])
    made = put(client, streets)
    assert made.status_code == 201
    assert made.json()["owner"] == "streets"
    _talk, reply = service.ask(ANONYMOUS, "How much does a resident parking permit cost?", "en")
    assert reply
    assert reply.citations[0].slug == "parking"
    same = put(client, streets)
    assert (same.status_code, same.json()) == (200, made.json())
    changed = put(client, streets, source=PARKING.replace("45", "52")).json()
    versions = client.get(f"{PLACE}/en/parking/versions", headers=streets).json()
    assert [one["hash"] for one in versions] == [changed["hash"], made.json()["hash"]]
    old = client.get(f"{PLACE}/en/parking/versions/{made.json()['hash']}", headers=streets).json()
    assert "45 euros" in old["source"]
    assert old["until"] == changed["since"]
    assert client.get(f"{PLACE}/en/parking", headers=streets).json() == changed
    assert client.delete(f"{PLACE}/en/parking", headers=streets).status_code == 204
    assert client.get(f"{PLACE}/en/parking", headers=streets).status_code == 404
    assert len(client.get(f"{PLACE}/en/parking/versions", headers=streets).json()) == 2
    assert client.delete(f"{PLACE}/en/parking", headers=streets).status_code == 404


def test_the_list_goes_on_where_it_stopped(client: Client, streets: dict[str, str]) -> None:
    for slug in ("fr/b", "en/b", "en/a"):
        assert put(client, streets, slug).status_code == 201
    seen, after = [], ""
    while found := client.get(PLACE, {"limit": 2, "after": after}, headers=streets).json():
        seen += [f"{one['language']}/{one['slug']}" for one in found]
        after = seen[-1]
    assert seen == ["en/a", "en/b", "fr/b"]
    assert "source" not in client.get(PLACE, headers=streets).json()[0]


def test_nobody_publishes_for_another_agency(client: Client, streets: dict[str, str]) -> None:
    publishing.publish(the_node("command"), [a_page("parking")])  # the register's
    before = service.page("parking", "en")
    clerk, schools = token("tax", "tax-officer"), token("schools", "guidance-editor")
    for headers, slug in ((streets, "en/parking"), (schools, "en/parking"), (clerk, "en/new")):
        assert put(client, headers, slug).status_code == 403
    for headers in (streets, schools, clerk):
        assert client.delete(f"{PLACE}/en/parking", headers=headers).status_code == 403
    assert put(client, {}).status_code == 401
    assert service.pages() == [before]


@pytest.mark.parametrize(
    ("slug", "more", "field"),
    [
        ("en/parking", {"title": " "}, "title"),
        ("en/parking", {"title": "a\x00"}, "title"),
        ("en/parking", {"title": "a" * 201}, "title"),
        ("en/parking", {"source": "---"}, "source"),
        ("en/parking", {"source": "a\x00"}, "source"),
        ("en/parking", {"source": "\ud800"}, "source"),
        ("en/parking", {"format": "word"}, "format"),
        ("en/parking", {"address": "javascript:alert(1)"}, "address"),
        ("en/parking", {"review": "soon"}, "review"),
        ("EN/parking", {}, "language"),
        ("en/-a", {}, "slug"),
    ],
)
def test_what_is_wrong_is_named(
    client: Client, streets: dict[str, str], slug: str, more: dict[str, str], field: str
) -> None:
    answer = put(client, streets, slug, **more)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["remedy"]
    assert service.pages() == []


def test_every_change_is_an_act(client: Client, streets: dict[str, str]) -> None:
    before = Record.objects.count()
    put(client, streets)
    client.delete(f"{PLACE}/en/parking", headers=streets)
    assert Record.objects.count() == before + 2
