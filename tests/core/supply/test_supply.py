"""The bill equals what is installed; a planted vulnerable package is found offline, an exploited one with its date."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from commonweal.core.supply import bill, vulnerabilities
from commonweal.core.supply.bill import Component
from commonweal.core.supply.vulnerabilities import BadAdvisories, is_affected, match


def advisory(*events: dict[str, str], name: str = "Planted_Package", **more: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }
    return {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "summary": "Bad things", "affected": [affected]} | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.json").write_text(json.dumps(advisory({"introduced": "1.2"}, {"fixed": "1.4"})))
    return tmp_path


def test_the_bill_is_what_is_installed() -> None:
    document = bill.document(bill.installed())
    assert document["specVersion"] == "1.6"
    listed = {(part["name"], part["version"]) for part in document["components"]}
    assert listed == {(bill.normal(d.name), d.version) for d in distributions() if d.name != "commonweal"}
    purls = {part["bom-ref"] for part in document["components"]} | {"commonweal"}
    assert {ref for line in document["dependencies"] for ref in [line["ref"], *line["dependsOn"]]} <= purls
    django = next(line for line in document["dependencies"] if line["ref"].startswith("pkg:pypi/django@"))
    assert any(need.startswith("pkg:pypi/sqlparse@") for need in django["dependsOn"])


@pytest.mark.parametrize(("version", "found"), [("1.1", 0), ("1.2", 1), ("1.3.9", 1), ("1.4", 0), ("1.4rc1", 1)])
def test_a_planted_package_is_found_by_its_version(folder: Path, version: str, found: int) -> None:
    assert len(match([Component("planted-package", version)], folder)) == found


def test_an_exploited_one_comes_with_its_date(folder: Path, tmp_path: Path) -> None:
    kev = tmp_path / "kev.txt"
    kev.write_text(json.dumps({"vulnerabilities": [{"cveID": "CVE-2026-1", "dueDate": "2026-12-24"}]}))
    (finding,) = match([Component("planted-package", "1.3")], folder, kev)
    assert (finding.due, finding.fixed) == ("2026-12-24", "1.4")
    assert "EXPLOITED, fix by 2026-12-24" in str(finding)


def test_last_affected_listed_and_withdrawn() -> None:
    (affected,) = advisory({"introduced": "0"}, {"last_affected": "2.0"})["affected"]
    assert is_affected(affected, "2.0")
    assert not is_affected(affected, "2.0.1")
    assert is_affected({"versions": ["7"]}, "7")


def test_withdrawn_advisories_and_other_ecosystems_do_not_count(tmp_path: Path) -> None:
    gone = advisory({"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z")
    other = advisory({"introduced": "0"})
    other["affected"][0]["package"]["ecosystem"] = "npm"
    for number, text in enumerate((gone, other)):
        (tmp_path / f"{number}.json").write_text(json.dumps(text))
    assert match([Component("planted-package", "1.3")], tmp_path) == []


def test_unusable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadAdvisories, match="holds no JSON"):
        match([], tmp_path)
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(BadAdvisories, match=r"x\.json is not JSON"):
        match([], tmp_path)
    with pytest.raises(BadAdvisories, match="CISA"):
        match([], tmp_path, tmp_path / "none.json")


@given(st.lists(st.integers(0, 50), min_size=2, max_size=6, unique=True), st.integers(0, 50))
def test_ranges_open_and_close_in_order(edges: list[int], version: int) -> None:
    ordered = sorted(edges)
    events = [{("introduced" if place % 2 == 0 else "fixed"): str(edge)} for place, edge in enumerate(ordered)]
    inside = sum(Version(str(edge)) <= Version(str(version)) for edge in ordered) % 2 == 1
    assert is_affected({"ranges": [{"type": "ECOSYSTEM", "events": list(reversed(events))}]}, str(version)) == inside


def test_the_command_says_so_offline(folder: Path) -> None:
    planted = advisory({"introduced": "0"}, name="Django")
    (folder / "two.json").write_text(json.dumps(planted))
    command = [sys.executable, "-m", "commonweal.cli", "vulnerabilities", "--osv", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert vulnerabilities.NOTHING_FIXED in done.stdout
    assert done.stdout.startswith("django 5.2")
