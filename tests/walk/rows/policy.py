from __future__ import annotations

from tests.walk.access import EVERYONE, SIGNED_IN, Row

ROWS: dict[str, Row] = {
    "your-data/consents/": Row(SIGNED_IN),  # in a post, the page says how to act as oneself
    "your-data/consents.jsonld": Row(SIGNED_IN),
    "your-data/limits/": Row(SIGNED_IN),
    "processing/": Row(EVERYONE),
}
