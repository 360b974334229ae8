"""The room's forms. Each that says something carries a key, so that sending it twice says it once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.services.assistant.conversations import LONGEST


class AskForm(forms.Form):
    """A question in one's own words."""

    text = forms.CharField(
        label=_("What do you want to know?"),
        help_text=_("Do not write names, numbers or anything about your health: the answer does not need them."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write your question")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AnswerForm(forms.Form):
    """What an officer says."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your answer")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class OfficeForm(forms.Form):
    """Which office shall go on."""

    office = forms.ChoiceField(label=_("Office"))

    def __init__(self, *args: Any, offices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["office"].choices = offices  # type: ignore[attr-defined]
