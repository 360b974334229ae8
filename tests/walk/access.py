"""Who may do what: every address, who gets through, and to whom it shows or lets change something of Zephyrine's.

The rows themselves are in tests/walk/rows, one module for each room.

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
    `shows_by_post`: whom besides when they send the page's form.
    `about_her`: the address names something of hers, so that refusing anybody who is signed in is evidence for her.
    """

    through: Roles
    shows: Roles = NOBODY
    changes: Roles = NOBODY
    about_her: bool = False
    posts: Roles | None = None
    shows_by_post: Roles = NOBODY

    def lets_through(self, method: str) -> Roles:
        return self.through if method == "GET" or self.posts is None else self.posts
