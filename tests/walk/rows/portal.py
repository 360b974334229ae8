from __future__ import annotations

from tests.walk.access import CONNECTED, EVERYONE, IN_POST, NOBODY, SIGNED_IN, Row

ROWS: dict[str, Row] = {
    "": Row(EVERYONE),
    "begin/": Row(SIGNED_IN),
    "your-data/": Row(SIGNED_IN),
    "your-data/uses/<int:n>/": Row(NOBODY),
    "your-data/uses/<int:n>/receipt.json": Row(NOBODY),
    "your-data/uses/<int:n>/ask/": Row(NOBODY),
    "your-data/check/": Row(SIGNED_IN),
    "your-data/history.json": Row(CONNECTED),
    "your-data/download.json": Row(CONNECTED),
    "questions/": Row(IN_POST),
    "questions/<uuid:question_id>/": Row(
        frozenset({"benefit-officer"}), frozenset({"benefit-officer"}), frozenset({"benefit-officer"}), about_her=True
    ),
    "audit/": Row(frozenset({"auditor"})),
    "audit/tables/": Row(frozenset({"auditor"})),
    "status/": Row(frozenset({"operator"})),
    "status/measurements/": Row(frozenset({"operator"})),
    "health/live": Row(EVERYONE),
    "health/ready": Row(EVERYONE),
    "metrics": Row(EVERYONE),  # from this machine only
}
