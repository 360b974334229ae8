from __future__ import annotations

from tests.walk.access import EVERYONE, NOBODY, Row

ROWS: dict[str, Row] = {
    "public-log/": Row(EVERYONE),
    "log/verify.py": Row(EVERYONE),
    "log/<path:name>": Row(NOBODY),  # the keys beside the log are not the log
}
