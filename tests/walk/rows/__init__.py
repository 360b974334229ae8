"""The table of tests/walk/access.py, one module for each room: its addresses, and who gets through."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.walk.access import Roles, Row

# What is about oneself has no id of a person in its address, and entry n is always one's own.
TABLE: dict[str, Row] = {
    address: row
    for module in pkgutil.iter_modules(__path__)
    for address, row in import_module(f"{__name__}.{module.name}").ROWS.items()
}
AGAINST_THE_TABLE: dict[tuple[str, str], Roles] = {}
"""Known faults, to be mended; empty is how it should be."""
