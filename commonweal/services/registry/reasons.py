"""Ready reasons for decisions on corrections, in plain words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.core.cases.values import ReadyText

_DOCUMENT = _("Which document?")
READY_TEXTS = (
    ReadyText("shown", _("Your {document} shows it. We have changed your entry."), {"document": _DOCUMENT}, "accepted"),
    ReadyText(
        "unreadable", _("We could not read your {document}. Please send it again."), {"document": _DOCUMENT}, "rejected"
    ),
    ReadyText(
        "missing",
        _("We need your {document} to change this. Please send it to us or bring it to the office."),
        {"document": _DOCUMENT},
        "rejected",
    ),
    ReadyText(
        "same",
        _("We compared your entry with your {document}. They say the same."),
        {"document": _DOCUMENT},
        "rejected",
    ),
)
