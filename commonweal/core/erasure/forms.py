"""The forms of erasure officers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.erasure.service import RULES
from commonweal.core.mandates.forms import IdentifyForm
from commonweal.core.portal.fields import own_words, sent_once
from commonweal.core.portal.uses import Use


class FindForm(IdentifyForm):
    """Whose entries shall be looked at."""


class ProposeForm(forms.Form):
    """What shall be erased, under which rule, and why."""

    what = forms.ChoiceField(
        label=_("What shall be erased?"),
        choices=[("entries", _("Some entries")), ("person", _("Everything about this person"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what shall be erased")},
    )
    entries = forms.TypedMultipleChoiceField(
        label=_("Which entries?"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    rule = forms.ChoiceField(
        label=_("Under which rule?"),
        choices=list(RULES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Name the rule under which it is erased")},
    )
    reason = own_words(_("Why?"), _("Write why"))
    key = sent_once()

    def __init__(self, *args: Any, entries: list[Use], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["entries"].choices = [  # type: ignore[attr-defined]
            (use.n, f"{use.n}: {use.says}, {use.at:%Y-%m-%d %H:%M}") for use in entries
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("what") == "entries" and not given.get("entries"):
            self.add_error("entries", _("Choose at least one entry"))
        return given
