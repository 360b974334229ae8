"""The public record: complete or not declared at all, the same on page and file, each version in the log."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from commonweal.core.algorithms import declared, published
from commonweal.core.algorithms.declared import IncompleteRecord
from commonweal.core.algorithms.values import Algorithm, Change, Quality
from commonweal.core.cases.plain_language import complaints
from commonweal.core.ledger import verify

EVERYONE = Quality("Everyone", "Right", 0.9, 10)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"oversight": ""}, "`oversight` is empty"),
        ({"data": ()}, "`data` is empty"),
        ({"quality": (EVERYONE,)}, "at least one group"),
        ({"quality": (EVERYONE, replace(EVERYONE, group="Women", value=97.0))}, "from 0 to 1"),
        ({"changes": (Change("1", date(2025, 1, 1), "a"), Change("2", date(2026, 1, 1), "b"))}, "newest first"),
        ({"changes": (Change("1", date(2026, 1, 1), "a"), Change("1", date(2025, 1, 1), "b"))}, "once"),
    ],
)
def test_an_incomplete_record_is_not_declared(check: Algorithm, change: dict[str, Any], says: str) -> None:
    with pytest.raises(IncompleteRecord, match=says):
        declared.algorithm(replace(check, name="test.other", **change))
    assert [one.name for one in declared.algorithms()] == ["test.permit-check"]


def test_everyone_reads_the_page_and_the_file(check: Algorithm, client: Client) -> None:
    listed = client.get("/algorithms/").content.decode()
    assert check.summary in listed
    page = client.get("/algorithms/test.permit-check/").content.decode()
    record = client.get("/algorithms.json").json()["algorithms"][0]
    for field in ("scope", "human_decision", "appeal_review", "senior_responsible_owner", "contact_email", "method"):
        assert record[field]
        assert record[field] in page
    assert [group["value"] for group in record["model_performance"]] == [0.97, 0.91]
    assert "97%" in page
    assert client.get("/algorithms/nothing/").status_code == 404


def test_a_node_without_algorithms_says_so(client: Client) -> None:
    assert "No such program is used here" in client.get("/algorithms/").content.decode()
    assert client.get("/algorithms.json").json()["algorithms"] == []


def test_each_version_becomes_a_document_once(check: Algorithm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "DOCUMENTED", (*verify.DOCUMENTED, published.ALGORITHM))
    for _ in range(2):
        published.publish()
    assert [found.version for found in published.history(check)] == ["2"]
    newer = replace(check, changes=(Change("3", date(2026, 11, 1), "It asks twice."), *check.changes))
    declared.algorithm(newer)
    published.publish()
    assert [found.version for found in published.history(newer)] == ["3", "2"]
    assert published.history(newer)[0].hash == published.digest(newer).hex()
    declared.algorithm(replace(newer, oversight="Nobody looks any more."))
    published.publish()
    assert [found.version for found in published.history(newer)] == ["3", "3", "2"]


def test_no_leaf_of_a_kind_that_verifiers_do_not_know(check: Algorithm, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = tuple(kind for kind in verify.DOCUMENTED if kind != published.ALGORITHM)
    monkeypatch.setattr(verify, "DOCUMENTED", kinds)
    published.publish()
    assert published.history(check) == []


def test_the_document_says_everything(check: Algorithm) -> None:
    record = json.loads(published.body(check))["record"]
    assert all(
        value not in ("", None, []) for key, value in record.items() if key not in ("external_supplier", "model_name")
    )


def test_the_record_is_plain(check: Algorithm) -> None:
    texts = [value for value in published.document(check).values() if isinstance(value, str)]
    assert {text: complaints(text) for text in texts if " " in text and complaints(text)} == {}
