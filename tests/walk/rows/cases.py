from __future__ import annotations

from tests.walk.access import IN_POST, NOBODY, SIGNED_IN, Row

ROWS: dict[str, Row] = {
    # What an officer may see of her case depends on having taken it: the door decides, and writes it down.
    "cases/": Row(IN_POST),
    "cases/<uuid:case_id>/": Row(frozenset({"registrar"}), changes=frozenset({"registrar"}), about_her=True),
    "cases/<uuid:case_id>/ask/": Row(frozenset({"registrar"}), about_her=True),
    "cases/<uuid:case_id>/hand-over/": Row(frozenset({"registrar"}), about_her=True),
    "inbox/": Row(SIGNED_IN),
    "inbox/channel/": Row(SIGNED_IN),
    "inbox/<uuid:notice_id>/": Row(NOBODY, about_her=True),
    "inbox/cases/<uuid:case_id>/": Row(NOBODY, about_her=True),
    "inbox/cases/<uuid:case_id>/appeal/": Row(NOBODY, about_her=True),
}
