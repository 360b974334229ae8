"""Which installed packages are known to be vulnerable: OSV advisories and CISA's list of exploited ones, from files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from commonweal.core.supply.bill import Component, normal

NOTHING_FIXED = "no fixed version yet"


class BadAdvisories(ValueError):
    """The folder or file cannot be used; the text says what is expected."""


@dataclass(frozen=True)
class Finding:
    """One advisory that concerns an installed package. `due` is CISA's date where it is known to be exploited."""

    package: str
    version: str
    advisory: str
    aliases: tuple[str, ...]
    summary: str
    fixed: str
    due: str = ""

    def __str__(self) -> str:
        exploited = f"; EXPLOITED, fix by {self.due}" if self.due else ""
        also = f" ({', '.join(self.aliases)})" if self.aliases else ""
        what = self.summary or "no summary"
        return f"{self.package} {self.version}: {self.advisory}{also}: {what}. Fixed in {self.fixed}{exploited}"


def match(components: Iterable[Component], advisories: Path, exploited: Path | None = None) -> list[Finding]:
    """Compare what is installed with a folder of OSV JSON files, and with CISA's JSON file where it is given.

    Exploited ones first. Raises BadAdvisories.
    """
    due = _due_dates(exploited) if exploited else {}
    installed = {component.name: component for component in components}
    found = [
        Finding(
            package=part.name,
            version=part.version,
            advisory=advisory["id"],
            aliases=tuple(advisory.get("aliases", ())),
            summary=advisory.get("summary", ""),
            fixed=_fixed(affected, part.version),
            due=next((due[name] for name in (advisory["id"], *advisory.get("aliases", ())) if name in due), ""),
        )
        for advisory in _advisories(advisories)
        for affected in advisory.get("affected", ())
        if (part := _installed(affected, installed)) and is_affected(affected, part.version)
    ]
    return sorted(set(found), key=lambda finding: (not finding.due, finding.package, finding.advisory))


def is_affected(affected: dict[str, Any], version: str) -> bool:
    """Whether a version is in an OSV `affected` entry: listed, or within one of its ECOSYSTEM ranges."""
    if version in affected.get("versions", ()):
        return True
    return any(_in_range(span.get("events", ()), version) for span in _ranges(affected))


def _in_range(events: Iterable[dict[str, str]], version: str) -> bool:
    """OSV's own algorithm: walk the events in order of version, each opening or closing the range."""
    try:
        ours = Version(version)
        ordered = sorted((_version(value), kind) for event in events for kind, value in event.items())
    except InvalidVersion:
        return False
    inside = False
    for at, kind in ordered:
        if kind == "introduced" and ours >= at:
            inside = True
        elif (kind == "fixed" and ours >= at) or (kind == "last_affected" and ours > at):
            inside = False
    return inside


def _fixed(affected: dict[str, Any], version: str) -> str:
    fixes = []
    for span in _ranges(affected):
        for event in span.get("events", ()):
            try:
                if "fixed" in event and Version(event["fixed"]) > Version(version):
                    fixes.append(Version(event["fixed"]))
            except InvalidVersion:
                continue
    return str(min(fixes)) if fixes else NOTHING_FIXED


def _ranges(affected: dict[str, Any]) -> list[dict[str, Any]]:
    return [span for span in affected.get("ranges", ()) if span.get("type") in {"ECOSYSTEM", "SEMVER"}]


def _version(text: str) -> Version:
    return Version("0.dev0") if text == "0" else Version(text)


def _installed(affected: dict[str, Any], installed: dict[str, Component]) -> Component | None:
    package = affected.get("package", {})
    return installed.get(normal(package.get("name", ""))) if package.get("ecosystem") == "PyPI" else None


def _advisories(folder: Path) -> Iterator[dict[str, Any]]:
    if not folder.is_dir():
        raise BadAdvisories(f"{folder} is not a folder; unpack OSV's export of PyPI advisories (JSON files) into it")
    files = sorted(folder.rglob("*.json"))
    if not files:
        raise BadAdvisories(f"{folder} holds no JSON files; unpack OSV's export of PyPI advisories into it")
    for path in files:
        try:
            advisory = json.loads(path.read_text("utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise BadAdvisories(f"{path} is not JSON: {error}") from error
        if isinstance(advisory, dict) and "id" in advisory and not advisory.get("withdrawn"):
            yield advisory


def _due_dates(file: Path) -> dict[str, str]:
    try:
        listed = json.loads(file.read_text("utf-8"))["vulnerabilities"]
        return {entry["cveID"]: entry["dueDate"] for entry in listed}
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadAdvisories(f"{file} is not CISA's catalogue of exploited vulnerabilities (JSON): {error!r}") from error
