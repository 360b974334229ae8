"""The page of exchanges: with nothing on it, and with exchanges and witnesses."""

from __future__ import annotations

import json
import secrets

from django.conf import settings

from commonweal.core.exchange.sides import SideRow, add_sides
from tests.walk.cast import Cast
from tests.walk.scenes import LONG, Scene


def scenes(cast: Cast) -> list[Scene]:
    """Rows as exchanges leave them; the town itself is in no federation."""
    service = f"ALD/GOV/register/population/{LONG}"
    for kind, permitted in (("asked", True), ("received", True), ("provided", True), ("provided", False)):
        row = SideRow(kind, "m-1", "ALD/GOV/benefits/casework", service, "demo.other.example/log", None)
        add_sides([row.row(secrets.token_bytes(16), secrets.token_bytes(32), permitted=permitted)])
    said = {"town": "cosigned", "third": "does not answer: ConnectError"}
    status = {"last": {"size": 12, "time": 1_795_000_000}, "quorum": True, "witnesses": said}
    (settings.COMMONWEAL.logs / "cosigned.json").write_text(json.dumps(status))
    return [
        Scene("exchanges", "auditor", "/exchanges/"),
        Scene("exchanges", "operator", "/exchanges/"),
        Scene("uses elsewhere, in no federation", "resident", "/your-data/elsewhere/"),
    ]
