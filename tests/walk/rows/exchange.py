from __future__ import annotations

from tests.walk.access import Row

ROWS: dict[str, Row] = {
    "exchanges/": Row(frozenset({"auditor", "operator"})),
}
