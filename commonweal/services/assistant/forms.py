"""The room's forms. Each that says something carries a key, so that sending it twice says it once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.fields import own_words, sent_once
from commonweal.services.assistant.values import Asked, FlowVersion


class AskForm(forms.Form):
    """A question in one's own words."""

    text = own_words(
        _("What do you want to know?"),
        _("Write your question"),
        _("Do not write names, numbers or anything about your health: the answer does not need them."),
        rows=3,
    )
    key = sent_once()


class AnswerForm(forms.Form):
    """What an officer says."""

    text = own_words(_("Your answer"), _("Write your answer"))
    key = sent_once()


class OfficeForm(forms.Form):
    """Which office shall go on."""

    office = forms.ChoiceField(label=_("Office"))

    def __init__(self, *args: Any, offices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["office"].choices = offices  # type: ignore[attr-defined]


class OptionsForm(forms.Form):
    """The open question of a decision flow."""

    option = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": _("Choose an answer")})
    question = forms.CharField(widget=forms.HiddenInput, max_length=60)
    key = sent_once()

    def __init__(self, *args: Any, asked: Asked, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["option"].label = asked.text
        self.fields["option"].choices = list(asked.options)  # type: ignore[attr-defined]


class FlowForm(forms.Form):
    """Which questions an officer goes through with somebody."""

    flow = forms.ChoiceField(label=_("Questions"))

    def __init__(self, *args: Any, flows: list[FlowVersion], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["flow"].choices = [(one.name, one.flow.title) for one in flows]  # type: ignore[attr-defined]
