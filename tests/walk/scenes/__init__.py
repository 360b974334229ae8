"""Every page of the town in every state that a role can bring it into, one module for each room.

Each module has `scenes(cast)`; town.py comes first and lives the lives that the others look at.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module

from tests.walk.cast import Cast

LONG = "Anneliesewilhelminacharlotte" * 4
NAMES_IN_ARABIC = ("ليلى", "حداد", "بيروت")
"""Of people and places: they have no language of their own to be marked with (WCAG 3.1.2)."""


@dataclass(frozen=True)
class Scene:
    """A page as one role sees it: by its address alone, or after the form on it was sent with `fill`."""

    name: str
    role: str
    path: str
    fill: dict[str, str] | None = None
    status: int = 200
    error: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.role}, {self.path})"


def stage(cast: Cast) -> list[Scene]:
    """All scenes of all rooms."""
    rooms = sorted((module.name for module in pkgutil.iter_modules(__path__)), key=lambda name: (name != "town", name))
    return [scene for room in rooms for scene in import_module(f"{__name__}.{room}").scenes(cast)]
