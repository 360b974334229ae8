"""Forms for asking about a use and answering. Each carries a key, so that sending twice asks once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.service import LONGEST_QUESTION


def own_words(label: Any, missing: Any, hint: Any = "", *, rows: int = 6) -> forms.CharField:
    """A field for what somebody asks or answers in their own words; `missing` is said when it is empty."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def sent_once() -> forms.CharField:
    """The key of a form, by which it is known again when it is sent twice."""
    return forms.CharField(widget=forms.HiddenInput, max_length=64)


class AskForm(forms.Form):
    text = own_words(
        _("What do you want to know?"),
        _("Write your question"),
        _("The agency that used your data will answer. At most 2,000 characters."),
    )
    key = sent_once()


class AnswerForm(forms.Form):
    text = own_words(
        _("Your answer"),
        _("Write your answer"),
        _("The resident reads exactly these words. Use plain language."),
    )
    key = sent_once()
