from __future__ import annotations

from tests.walk.access import EVERYONE, MACHINES, NOBODY, Row

ENQUIRIES = frozenset({"enquiry-officer"})
REVIEWERS = ENQUIRIES | {"guidance-editor"}
ROWS: dict[str, Row] = {
    "assistant/": Row(EVERYONE),
    "assistant/stream/": Row(NOBODY, posts=EVERYONE),
    "assistant/plainly/": Row(NOBODY, posts=EVERYONE),
    "assistant/frame/<slug:language>/": Row(EVERYONE),
    "assistant/person/": Row(NOBODY, posts=EVERYONE),
    "assistant/new/": Row(NOBODY, posts=EVERYONE),
    "assistant/transcript/": Row(NOBODY, posts=EVERYONE),
    "assistant/send/": Row(NOBODY, posts=EVERYONE),
    "assistant/questions/": Row(EVERYONE),
    "assistant/flows/<slug:language>/<slug:name>/": Row(NOBODY),  # there are no pages in this town
    "assistant/flows/<slug:language>/<slug:name>/<slug:version>/": Row(NOBODY),
    "assistant/guidance/": Row(EVERYONE),
    "assistant/guidance/<slug:language>/<slug:slug>/": Row(NOBODY),
    "assistant/guidance/<slug:language>/<slug:slug>/<slug:version>/": Row(NOBODY),
    "assistant/report/": Row(frozenset({"guidance-editor"})),
    "assistant/review/": Row(REVIEWERS),
    "assistant/review/<int:number>/": Row(NOBODY),  # nothing was asked in this town
    "assistant/review/drop/": Row(NOBODY, posts=REVIEWERS),
    "assistant/curve/": Row(frozenset({"operator"})),
    "api/assistant/openapi.json": Row(EVERYONE),
    "api/assistant/guidance": Row(MACHINES - {"revoked machine"}, posts=NOBODY),
    "api/assistant/guidance/<language>/<slug>": Row(NOBODY),
    "api/assistant/guidance/<language>/<slug>/versions": Row(NOBODY),
    "api/assistant/guidance/<language>/<slug>/versions/<hash>": Row(NOBODY),
    "api/assistant/": Row(NOBODY),
    "assistant/queue/": Row(ENQUIRIES),
    "assistant/queue/<uuid:talk_id>/": Row(NOBODY, posts=ENQUIRIES),  # it is read once it was taken
}
