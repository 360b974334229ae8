"""The phrases that the components' scripts say, named so that `make messages` collects them.

`core/portal/components` hands them to gettext through its own functions, which xgettext does not follow.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop, ngettext_lazy

PHRASES = (
    gettext_noop("Hide all sections"),
    gettext_noop("Hide"),
    gettext_noop("Hide this section"),
    gettext_noop("Show all sections"),
    gettext_noop("Show this section"),
    gettext_noop("Choose file"),
    gettext_noop("No file chosen"),
    gettext_noop("or drop file"),
    gettext_noop("Entered drop zone"),
    gettext_noop("Left drop zone"),
    gettext_noop("Hide password"),
    gettext_noop("Your password is visible"),
    gettext_noop("Your password is hidden"),
    gettext_noop("You have 0 characters remaining"),
    gettext_noop("You have 0 words remaining"),
)
COUNTED = (
    ngettext_lazy("%(count)s file chosen", "%(count)s files chosen"),
    ngettext_lazy("You have %(count)s character remaining", "You have %(count)s characters remaining"),
    ngettext_lazy("You have %(count)s character too many", "You have %(count)s characters too many"),
    ngettext_lazy("You have %(count)s word remaining", "You have %(count)s words remaining"),
    ngettext_lazy("You have %(count)s word too many", "You have %(count)s words too many"),
)
