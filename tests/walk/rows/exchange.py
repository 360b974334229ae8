from __future__ import annotations

from tests.walk.access import SIGNED_IN, Row

ROWS: dict[str, Row] = {
    "your-data/elsewhere/": Row(SIGNED_IN),
    "exchanges/": Row(frozenset({"auditor", "operator"})),
}
