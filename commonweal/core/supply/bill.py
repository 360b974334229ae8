"""The software bill of materials: every Python package that is installed, as CycloneDX 1.6 JSON."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from typing import Any

import commonweal


@dataclass(frozen=True, order=True)
class Component:
    """One installed package. `purl` is its package URL; `needs` the purls that it depends on."""

    name: str
    version: str
    licence: str = ""
    needs: tuple[str, ...] = ()

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def installed() -> list[Component]:
    """Every package of this environment, by name."""
    found = {normal(distribution.name): distribution for distribution in distributions()}
    versions = {name: distribution.version for name, distribution in found.items()}
    return sorted(
        Component(name, distribution.version, _licence(distribution), _needs(distribution, versions))
        for name, distribution in found.items()
    )


def document(components: list[Component]) -> dict[str, Any]:
    """The bill as a CycloneDX 1.6 document."""
    root = {"type": "application", "bom-ref": "commonweal", "name": "commonweal", "version": commonweal.__version__}
    parts = [component for component in components if component.name != "commonweal"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {"timestamp": datetime.now(UTC).isoformat(timespec="seconds"), "component": root},
        "components": [_component(part) for part in parts],
        "dependencies": [
            {"ref": "commonweal", "dependsOn": [part.purl for part in parts]},
            *({"ref": part.purl, "dependsOn": list(part.needs)} for part in parts),
        ],
    }


def normal(name: str) -> str:
    """A package's name as the index knows it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(part: Component) -> dict[str, Any]:
    values: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    }
    if part.licence:
        values["licenses"] = [{"license": {"name": part.licence}}]
    return values


def _licence(distribution: Distribution) -> str:
    about = distribution.metadata
    named = next((about[field].strip() for field in ("License-Expression", "License") if field in about), "")
    classes = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return named if 0 < len(named) <= 60 else next(iter(classes), "")


def _needs(distribution: Distribution, versions: dict[str, str]) -> tuple[str, ...]:
    names = {normal(re.split(r"[^A-Za-z0-9._-]", need, maxsplit=1)[0]) for need in distribution.requires or ()}
    return tuple(f"pkg:pypi/{name}@{versions[name]}" for name in sorted(names & set(versions)))
