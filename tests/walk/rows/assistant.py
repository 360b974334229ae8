from __future__ import annotations

from tests.walk.access import EVERYONE, Row

ENQUIRIES = frozenset({"enquiry-officer"})
ROWS: dict[str, Row] = {
    "assistant/": Row(EVERYONE),
    "assistant/person/": Row(frozenset(), posts=EVERYONE),
    "assistant/new/": Row(frozenset(), posts=EVERYONE),
    "assistant/guidance/": Row(EVERYONE),
    "assistant/guidance/<slug:language>/<slug:slug>/": Row(EVERYONE),
    "assistant/guidance/<slug:language>/<slug:slug>/<slug:version>/": Row(EVERYONE),
    "assistant/queue/": Row(ENQUIRIES),
    "assistant/queue/<uuid:talk_id>/": Row(ENQUIRIES),
}
