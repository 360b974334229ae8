from __future__ import annotations

from tests.walk.access import NOBODY, SIGNED_IN, Row

ROWS: dict[str, Row] = {
    "your-data/acting/": Row(SIGNED_IN),
    "your-data/acting/give/": Row(SIGNED_IN),
    "acting/stop/": Row(SIGNED_IN),
    "counter/": Row(NOBODY),  # counter and guardianship officers, of whom this town has none
    "counter/guardians/": Row(NOBODY),
}
