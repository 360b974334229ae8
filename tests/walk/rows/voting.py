from __future__ import annotations

from tests.walk.access import EVERYONE, NOBODY, Row

# This town has no election and no election officer: tests/services/voting/test_pages.py tries each role at a real one.
ROWS: dict[str, Row] = {
    "voting/": Row(EVERYONE),
    "voting/office/": Row(NOBODY),
    "voting/office/new/": Row(NOBODY),
    "voting/office/help/": Row(NOBODY),
    **{
        f"voting/office/<str:election>/{name}": Row(NOBODY)
        for name in ("", "question/", "roll/", "roll/remove/", "roll.csv", "freeze/", "sent/", "archive/")
    },
    **{
        f"voting/<str:election>/{name}": Row(NOBODY)
        for name in ("", "pass/", "board/", "trustees/", "package.json", "checkpoints.json", "record.bel")
    },
}
