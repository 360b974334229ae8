from __future__ import annotations

from tests.walk.access import EVERYONE, NOBODY, SIGNED_IN, Row

ROWS: dict[str, Row] = {
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
}
