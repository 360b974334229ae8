"""Forms for asking about a use and answering. Each carries a key, so that sending twice asks once."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.service import LONGEST_QUESTION


class AskForm(forms.Form):
    text = forms.CharField(
        label=_("What do you want to know?"),
        help_text=_("The agency that used your data will answer. At most 2,000 characters."),
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write your question")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"),
        help_text=_("The resident reads exactly these words. Use plain language."),
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write your answer")},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
