"""Acceptance 5: schemathesis finds no failure on any OpenAPI that we publish. Few examples here, and one seed;
`COMMONWEAL_EXAMPLES=50 COMMONWEAL_SEED=7` for a long run with another.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.exchange.federation import Federation, fetch
from tests.core.exchange.test_data_tracker import OFFER as TRACKER
from tests.core.exchange.test_mediator import ACCESS, OFFER

pytestmark = pytest.mark.slow
EXAMPLES, SEED = os.environ.get("COMMONWEAL_EXAMPLES", "2"), os.environ.get("COMMONWEAL_SEED", "1")
TOKENS = """
from commonweal.core.identity import accounts, people, service
from commonweal.core.identity.actors import the_node
from commonweal.core.policy.service import give_consent
from commonweal.services.registry.purposes import SURVEY
from tests.town import resident
mara = people.identify("national", "70010100000")
give_consent(resident(mara), mara, SURVEY, "register")
accounts.register_agency("tax", {"en": "Tax"}, roles=["tax-officer"])
accounts.register_agency("town", {"en": "Town"}, roles=["operator"])
for agency, role in (("tax", "tax-officer"), ("register", "registrar"), ("town", "operator")):
    print(service.issue_token(the_node("set-up"), "Machine", agency, frozenset({role})).token)
"""
IN_THE_ROOM = """
[parameters]
"path.instanceId" = "ALD"
"path.memberClass" = "GOV"
"path.memberCode" = "register"
"path.applicationCode" = "population"
"path.eventType" = "officeClosed"
"query.serviceCode" = "pull"
"""


@pytest.fixture(scope="module")
def node(town: Federation) -> Iterator[tuple[Federation, dict[str, str]]]:
    """The town with its web server, and a token for each API."""
    for code in ("api", "pub", "pull"):
        town.offer(f"events-{code}", OFFER.format(code=code, access=ACCESS))
    town.offer("tracker", TRACKER)
    with (town.benefits.home / "exchange.toml").open("a") as file:
        file.write('\n[[client]]\nsystem = "ALD/GOV/benefits/portal"\nfrom = ["127.0.0.1"]\npurpose = "own-access"\n')
    town.benefits.command("federation", "publish")
    tokens = dict(zip(("registry", "consent", "exchange"), town.register.python(TOKENS).split(), strict=True))
    town.register.start("web")
    yield town, tokens
    town.register.stop("web")


def run(place: str, *more: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", place, "--max-examples", EXAMPLES, "--seed", SEED,
         "--suppress-health-check", "all", *more],
        cwd=folder, capture_output=True, text=True, check=False, timeout=1_800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.partition("= WARNINGS =")[0][-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize("name", ["registry", "consent", "exchange"])
def test_apis_for_machines(node: tuple[Federation, dict[str, str]], name: str, tmp_path: Path) -> None:
    town, tokens = node
    address = f"http://127.0.0.1:{town.register.web_port}/api/{name}/openapi.json"
    run(address, "-H", f"Authorization: Bearer {tokens[name]}", folder=tmp_path)


def test_the_information_mediator(node: tuple[Federation, dict[str, str]], tmp_path: Path) -> None:
    town, _ = node
    (tmp_path / "schemathesis.toml").write_text(IN_THE_ROOM)
    address = f"{town.benefits.address}/govstack/openapi.yaml"
    run(address, "-H", f"X-GovStack-Client: {town.CLIENT}", folder=tmp_path)


def test_the_data_tracker(node: tuple[Federation, dict[str, str]], tmp_path: Path) -> None:
    town, _ = node
    place, client = f"{town.benefits.address}/r1/{town.SERVICE}", "ALD/GOV/benefits/portal"
    described = fetch(f"{place}/getOpenAPI?serviceCode=dataTracker", X_Road_Client=client)
    (tmp_path / "tracker.yaml").write_bytes(described.body)
    run("tracker.yaml", "--url", f"{place}/dataTracker", "-H", f"X-Road-Client: {client}", folder=tmp_path)
