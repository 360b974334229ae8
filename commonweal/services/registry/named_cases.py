"""The case that an officer names for a use: short and readable, because it stands in the person's evidence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LONGEST = 60
READABLE = r"^([\p{L}\p{M}\p{N}\p{P}\p{S}][\p{L}\p{M}\p{N}\p{P}\p{S} ]*)?$"  # as JSON Schema writes it


def named_case(text: str) -> str:
    """The case as it is written down; none named is "". Raises ValueError when it is blank, too long or unreadable."""
    case = " ".join(text.split(" ")).strip()
    if text and not (0 < len(case) <= LONGEST and case.isprintable()):
        raise ValueError(_("Write the case number in at most 60 letters, numbers and signs"))
    return case
