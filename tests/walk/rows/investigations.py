from __future__ import annotations

from tests.walk.access import NOBODY, Row

ROWS: dict[str, Row] = {
    "investigations/": Row(NOBODY),  # investigators and their supervisors, of whom this town has none
    "investigations/orders/": Row(NOBODY),
    "investigations/sealed/<int:n>/": Row(NOBODY),
}
