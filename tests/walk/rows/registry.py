from __future__ import annotations

from tests.walk.access import BENEFITS, EVERYONE, NOBODY, SIGNED_IN, Row

IN_EMERGENCIES = BENEFITS | {"registrar", "school-officer"}
ROWS: dict[str, Row] = {
    "registry/": Row(SIGNED_IN),
    "registry/mine/": Row(SIGNED_IN),
    "registry/mine/correct/": Row(SIGNED_IN),
    "registry/search/": Row(
        BENEFITS | {"registrar", "school-officer"},  # a benefit officer is asked for the case
        frozenset({"registrar", "school-officer"}),
    ),
    "registry/people/<uuid:person_id>/": Row(
        frozenset({"registrar", "tax-officer", "school-officer"}),  # a benefit officer must name a case
        frozenset({"registrar", "tax-officer", "school-officer"}),
        about_her=True,
    ),
    "registry/people/<uuid:person_id>/emergency/": Row(
        SIGNED_IN, changes=IN_EMERGENCIES, about_her=True, posts=IN_EMERGENCIES, shows_by_post=IN_EMERGENCIES
    ),
    "registry/people/<uuid:person_id>/<slug:kind>/": Row(frozenset({"registrar", "registrar by mail alone"})),
    "api/registry/openapi.json": Row(EVERYONE),
    "api/registry/people/<person_id>": Row(NOBODY),  # by what another agency calls her
    "api/registry/search": Row(NOBODY),  # for another agency's purpose
    "api/registry/changes": Row(frozenset({"tax machine"})),
    "api/registry/": Row(NOBODY),
}
