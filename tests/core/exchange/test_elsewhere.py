"""What a resident sees of their uses on other nodes, and what tampering looks like, on two running nodes."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import pytest

from tests.core.exchange.envelope import SUBJECT
from tests.core.exchange.federation import Federation
from tests.core.exchange.test_data_tracker import OFFER

PORTAL = "ALD/GOV/benefits/portal"
OTHERS = """
import json, os
from django.conf import settings
from commonweal.core.exchange import service
from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor
person = people.identify("national", "70010100001")
if person is None:
    (person,) = people.create_people(1)
    people.add_identifiers([(person, "national", "70010100001")])
actor = Actor("resident", "person:1", "Mara", person=person, assurance=2, session="s1")
told = service.used_elsewhere(actor, person)
print(json.dumps([[one.tracker.names["en"], one.failed, one.total, [[use.action, use.office] for use in one.uses]]
                  for one in told]))
"""
TAMPER = """
import json
from commonweal.core.exchange.administration import service
from commonweal.core.identity.actors import Actor
auditor = Actor("officer", "officer:1", "Iris", "oversight", frozenset({"auditor"}), 2, True)
print(json.dumps([[one.found, one.words] for one in service.try_tampering(auditor)]))
"""


@pytest.fixture(scope="module")
def portal(town: Federation) -> Federation:
    town.offer("tracker", OFFER.replace("ALD/GOV/benefits/casework", PORTAL))
    with (town.benefits.home / "exchange.toml").open("a") as settings:
        settings.write(f'\n[[client]]\nsystem = "{PORTAL}"\nfrom = ["127.0.0.1"]\npurpose = "own-access"\n')
    town.benefits.command("federation", "publish")
    town.benefits.stop("gateway")
    town.benefits.start("gateway")
    time.sleep(1.2)
    return town


def test_uses_on_another_node_are_seen_and_evidence_stands_on_both(portal: Federation) -> None:
    assert portal.ask("people", "/read", body=json.dumps(SUBJECT).encode(), X_Road_Issue="B-1").status == 200
    ((office, failed, total, uses),) = json.loads(portal.benefits.python(OTHERS))
    assert (office, failed) == ("Register", "")
    assert total >= len(uses) > 0
    assert ["Looked at your entry in the population register", "benefits"] in uses
    here = [record["action"] for record in portal.benefits.records()]
    assert here[-3:] == ["exchange.elsewhere.read", "exchange.ask", "exchange.receive"]
    there = portal.register.records()[-1]
    assert (there["action"], there["counterpart"]["client"]) == ("exchange.usage.read", PORTAL)


def test_a_node_that_does_not_answer_is_named(portal: Federation) -> None:
    portal.register.stop("gateway")
    try:
        ((office, failed, _total, uses),) = json.loads(portal.benefits.python(OTHERS))
        assert (office, bool(failed), uses) == ("Register", True, [])
    finally:
        portal.register.start("gateway")


def test_tampering_with_a_copy_is_found(portal: Federation) -> None:
    portal.benefits.start("sequencer")
    portal.benefits.wait_until((portal.benefits.home / "log/checkpoint").exists)
    found = json.loads(portal.benefits.python(TAMPER))
    assert "Whoever checks the log finds it" in found[0][0]
    assert "expected" in found[0][1]
    assert "commitment of the record: expected" in found[1][1]


def test_a_live_screen_is_told_when_the_log_grows(portal: Federation) -> None:
    node = portal.benefits
    if "sequencer" not in node.processes:
        node.start("sequencer")
    node.wait_until((node.home / "log/checkpoint").exists)
    with urllib.request.urlopen(f"{node.address}/exchange/live", timeout=20) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        first = next_size(stream)
        portal.ask("people", "/read", body=json.dumps(SUBJECT).encode(), X_Road_Issue="B-1")
        assert next_size(stream) > first


def next_size(stream: Any) -> int:
    """The size that the next event tells."""
    for line in stream:
        if line.startswith(b"data: "):
            return int(line.removeprefix(b"data: "))
    raise AssertionError("the stream ended")
