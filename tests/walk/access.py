"""Who may do what: every address, who gets through, and to whom it shows or lets change something of Zephyrine's.

Whoever is not named is refused: sent to sign in, or answered 401, 403, 404 or 405.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.walk.cast import MISFITS, OFFICERS, TOKENS

Roles = frozenset[str]

NOBODY: Roles = frozenset()
OUT_OF_OFFICE: Roles = frozenset({"former registrar"})
IDLE: Roles = frozenset({"idle registrar"})
IN_POST: Roles = frozenset(OFFICERS) | MISFITS - OUT_OF_OFFICE - IDLE
CONNECTED: Roles = frozenset({"resident"}) | OUT_OF_OFFICE
SIGNED_IN: Roles = CONNECTED | IN_POST | {"unconnected resident"}
MACHINES: Roles = frozenset(TOKENS)
EVERYONE: Roles = SIGNED_IN | IDLE | MACHINES | {"anonymous"}
BENEFITS: Roles = frozenset({"benefit-officer", "benefit officer of the tax office"})


@dataclass(frozen=True)
class Row:
    """`through`: who gets through; `posts`: by POST, where that differs.

    `shows`: whom of them it shows Zephyrine's data. `changes`: who changes her things by POST.
    `about_her`: the address names something of hers, so that refusing anybody who is signed in is evidence for her.
    """

    through: Roles
    shows: Roles = NOBODY
    changes: Roles = NOBODY
    about_her: bool = False
    posts: Roles | None = None

    def lets_through(self, method: str) -> Roles:
        return self.through if method == "GET" or self.posts is None else self.posts


# What is about oneself has no id of a person in its address, and entry n is always one's own.
TABLE: dict[str, Row] = {
    "": Row(EVERYONE),
    "your-data/": Row(SIGNED_IN),
    "your-data/uses/<int:n>/": Row(NOBODY),
    "your-data/uses/<int:n>/receipt.json": Row(NOBODY),
    "your-data/uses/<int:n>/ask/": Row(NOBODY),
    "your-data/check/": Row(SIGNED_IN),
    "your-data/history.json": Row(CONNECTED),
    "your-data/download.json": Row(CONNECTED),
    "your-data/consents/": Row(SIGNED_IN),  # in a post, the page says how to act as oneself
    "your-data/consents.jsonld": Row(SIGNED_IN),
    "processing/": Row(EVERYONE),
    "public-log/": Row(EVERYONE),
    "questions/": Row(IN_POST),
    "questions/<uuid:question_id>/": Row(
        frozenset({"benefit-officer"}), frozenset({"benefit-officer"}), frozenset({"benefit-officer"}), about_her=True
    ),
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
    "audit/": Row(frozenset({"auditor"})),
    "audit/tables/": Row(frozenset({"auditor"})),
    "status/": Row(frozenset({"operator"})),
    "health/live": Row(EVERYONE),
    "health/ready": Row(EVERYONE),
    "metrics": Row(EVERYONE),  # from this machine only
    # Signing in: whoever has not come that far, or is through already, is sent where they belong.
    "account/sign-in/": Row(EVERYONE),
    "account/sign-in/code/": Row(SIGNED_IN),
    "account/sign-in/passkey/": Row(SIGNED_IN),
    "account/sign-in/second-step/": Row(SIGNED_IN),
    "account/sign-in/recovery/": Row(SIGNED_IN),
    "account/sign-out/": Row(EVERYONE),
    "account/inactive/": Row(EVERYONE),
    "account/sign-up/": Row(EVERYONE),
    "account/sign-up/by-mail/": Row(EVERYONE),
    "account/sign-up/passkey/": Row(EVERYONE),
    "account/code/": Row(SIGNED_IN),
    "account/recovery/": Row(EVERYONE),
    "account/recovery/<str:token>/": Row(NOBODY),
    # One's own account. A passkey or session that the form or address names must be one's own.
    "account/confirm/mail/": Row(SIGNED_IN),
    "account/confirm/code/": Row(SIGNED_IN),
    "account/confirm/passkey/": Row(SIGNED_IN),
    "account/": Row(SIGNED_IN),
    "account/address/": Row(SIGNED_IN),
    "account/passkeys/add/": Row(SIGNED_IN),
    "account/passkeys/<int:pk>/name/": Row(NOBODY),
    "account/passkeys/<int:pk>/remove/": Row(NOBODY),
    "account/app/add/": Row(SIGNED_IN),
    "account/app/remove/": Row(NOBODY),  # none of them has one
    "account/recovery-codes/": Row(NOBODY),
    "account/recovery-codes/new/": Row(SIGNED_IN),
    "account/recovery-codes/download/": Row(NOBODY),
    "account/sessions/": Row(SIGNED_IN),
    "account/connect/": Row(SIGNED_IN),
    "account/posts/": Row(SIGNED_IN, posts=frozenset({"school-officer"})),  # whose post the form names
    "identity/codes/": Row(frozenset({"identity-officer"})),
    "identity/staff/": Row(NOBODY),  # an agency's administrator, of whom this town has none
    "identity/machines/": Row(NOBODY),
    "sign-in/demo/": Row(EVERYONE),
    "log/verify.py": Row(EVERYONE),
    "log/<path:name>": Row(NOBODY),  # the keys beside the log are not the log
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
    "registry/people/<uuid:person_id>/<slug:kind>/": Row(frozenset({"registrar", "registrar by mail alone"})),
    "api/registry/openapi.json": Row(EVERYONE),
    "api/registry/people/<person_id>": Row(NOBODY),  # by what another agency calls her
    "api/registry/search": Row(NOBODY),  # for another agency's purpose
    "api/registry/changes": Row(frozenset({"tax machine"})),
    "api/registry/": Row(NOBODY),
}

AGAINST_THE_TABLE: dict[tuple[str, str], Roles] = {}
"""Known faults, to be mended; empty is how it should be."""
