"""Forms for asking about a use and answering. Each carries a key, so that sending twice asks once."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.fields import own_words, sent_once


class AskForm(forms.Form):
    text = own_words(
        _("What do you want to know?"),
        _("Write your question"),
        _("The agency that used your data will answer. At most 2,000 characters."),
        rows=6,
    )
    key = sent_once()


class AnswerForm(forms.Form):
    text = own_words(
        _("Your answer"),
        _("Write your answer"),
        _("The resident reads exactly these words. Use plain language."),
        rows=6,
    )
    key = sent_once()
