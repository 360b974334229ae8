from __future__ import annotations

from tests.walk.access import NOBODY, SIGNED_IN, Row

ROWS: dict[str, Row] = {
    "your-data/everything/": Row(SIGNED_IN),
    "your-data/everything.json": Row(SIGNED_IN),
    "erasure/": Row(NOBODY),  # erasure officers, of whom this town has none
    "erasure/<uuid:person_id>/": Row(NOBODY, about_her=True),
}
