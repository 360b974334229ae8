from __future__ import annotations

from tests.walk.access import EVERYONE, NOBODY, Row

ROWS: dict[str, Row] = {
    "algorithms/": Row(EVERYONE),
    "algorithms.json": Row(EVERYONE),
    "algorithms/<str:name>/": Row(NOBODY),  # no room of this town uses one
}
