"""Estonia's Data Tracker, usage API 2.1.0, over the exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.core.exchange.envelope import SUBJECT
from tests.core.exchange.federation import Federation

PATHS = ("/v2/findUsage", "/v2/usagePeriod", "/v2/heartbeat", "/data/myPersonalDataUsage")
ENDPOINTS = "".join(f'[[endpoint]]\nmethod = "GET"\npath = "{path}"\n' for path in PATHS)
OFFER = f"""
member = "register"
system = "population"
code = "dataTracker"
title = "Who used your data"
purposes = ["own-access"]
{ENDPOINTS}
[[access]]
client = "ALD/GOV/benefits/casework"
roles = ["data-tracker"]
[[access]]
client = "ALD/GOV/benefits/portal"
roles = ["data-tracker"]
[data-tracker]
scheme = "national"
"""


@pytest.fixture(scope="module")
def tracked(town: Federation) -> Federation:
    town.offer("tracker", OFFER)
    return town


def ask(town: Federation, path: str) -> object:
    answer = town.ask("dataTracker", path, method="GET", Commonweal_Purpose="own-access", X_Road_UserId="EE70010100001")
    return answer.status, answer.json


def test_uses_are_told_as_the_api_writes_them(tracked: Federation) -> None:
    assert tracked.ask("people", "/read", body=json.dumps(SUBJECT).encode(), X_Road_Issue="B-1").status == 200
    status, found = ask(tracked, "/v2/findUsage?userCode=70010100001&limit=1")  # type: ignore[misc]
    assert status == 200
    assert found["totalUsages"] >= 1
    (use,) = found["usages"]
    assert set(use) == {"logtime", "action", "receiverCode", "receiverName", "receiverSystem"}
    assert (use["receiverCode"], use["action"]) == ("benefits", "Looked at your entry in the population register")
    record = tracked.register.records()[-1]
    assert (record["action"], record["disclosed"]) == ("exchange.usage.read", ["exchange/usage"])
    assert record["counterpart"]["client"] == tracked.CLIENT
    earlier = "/v2/findUsage?userCode=70010100001&periodEnd=2020-01-01T00:00:00Z"
    assert ask(tracked, earlier) == (200, {"totalUsages": 0, "usages": []})


def test_the_other_endpoints_and_wrong_parameters(tracked: Federation) -> None:
    assert ask(tracked, "/v2/heartbeat") == (200, {"status": "OK", "message": "API is ready"})
    status, period = ask(tracked, "/v2/usagePeriod")  # type: ignore[misc]
    assert (status, period["periodStart"][-1]) == (200, "Z")
    for query in ("", "userCode=", "userCode=1&offset=-1", "userCode=1&periodStart=yesterday"):
        assert ask(tracked, f"/v2/findUsage?{query}")[0] == 400  # type: ignore[index]
    assert ask(tracked, "/v2/findUsage?userCode=nobody") == (200, {"totalUsages": 0, "usages": []})


def test_it_is_the_published_api(test_data: Path) -> None:
    text = (test_data / "data-tracker/doc/spetsifikatsioonid/dumonitor-openapi.yaml").read_text("utf-8")
    from commonweal.core.exchange.sources.usage import TRACKER

    assert list(TRACKER) == [line.strip(" :") for line in text.splitlines() if line.startswith("  /v2/")]


def test_govstacks_personal_data_usage_is_the_same_evidence(tracked: Federation) -> None:
    assert tracked.ask("people", "/read", body=json.dumps(SUBJECT).encode(), X_Road_Issue="B-2").status == 200
    path = "/data/myPersonalDataUsage?userId=70010100001&databaseId="
    status, found = ask(tracked, f"{path}registry")  # type: ignore[misc]
    assert status == 200
    assert found[0]["readerInstitutionId"] == "benefits"
    assert {"ReferenceID": "your address"} in found[0]["refrences"]
    assert ask(tracked, f"{path}nothing")[0] == 404  # type: ignore[index]
    assert ask(tracked, f"{path}...")[0] == 400  # type: ignore[index]
    assert ask(tracked, "/data/myPersonalDataUsage?userId=1&databaseId=registry")[0] == 404  # type: ignore[index]
