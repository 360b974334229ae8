"""docs/security.md against the code: every key, every rate and every limit that it names is the one in force."""

from __future__ import annotations

import re
from pathlib import Path

from allauth.account import app_settings as account

from commonweal.config import node as nodes
from commonweal.core import act
from commonweal.core.exchange import signatures
from commonweal.core.identity import throttles
from commonweal.core.identity.flows import sessions
from commonweal.core.ledger import keys
from commonweal.core.mandates import service as mandates
from commonweal.services.registry import records

PAGE = (Path(__file__).parents[1] / "docs/security.md").read_text("utf-8")


def table(title: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return rows[2:]


def test_every_key_is_in_the_inventory(tmp_path: Path) -> None:
    made = nodes.create(tmp_path / "node", "Testford", "log.testford.example/1", "http://localhost:1", ("registry",))
    keys.create(made.keys, made.origin)
    named = {name for row in table("Keys and algorithms") for name in re.findall(r"`([\w.-]+)`", row[0])}
    assert {path.name for path in made.keys.iterdir()} <= named


def test_the_rates_are_those_of_the_code() -> None:
    known = {**account.RATE_LIMITS, **throttles.RATES}
    written = {row[0]: {cell for cell in row[1:] if cell != "-"} for row in table("How often somebody may try")}
    in_force = {
        name: {rate.removesuffix("/ip").removesuffix("/key") for rate in rates.split(",")}
        for name, rates in known.items()
        if name in written
    }
    assert written == in_force
    assert set(throttles.RATES) <= set(written)


def test_the_limits_are_those_of_the_code() -> None:
    limits = {row[0]: row[1] for row in table("Limits")}
    assert f"{act.BULK_LIMIT:,}; a search that finds more than {records.SEARCH_LIMIT}" in limits["people in one act"]
    idle, officers = (int(one.total_seconds()) // 60 for one in (sessions.IDLE_RESIDENT, sessions.IDLE_OFFICER))
    hours = int(sessions.LONGEST.total_seconds()) // 3600
    assert limits["a session"] == f"{idle} minutes idle (officers {officers}), {hours} hours in all"
    assert limits["an assisted session at a counter"] == f"{mandates.ASSISTED_FOR.seconds // 60} minutes"
    assert limits["a power of attorney"] == f"taken up within {mandates.TAKEN_UP_WITHIN.days} days"
    assert f"for {signatures.LONGEST // 60} minutes" in limits["a request between nodes"]
