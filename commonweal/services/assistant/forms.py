"""The room's forms. Each that says something carries a key, so that sending it twice says it once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.fields import own_words, sent_once
from commonweal.services.assistant.values import Asked, FlowVersion, PageVersion


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


class JudgementForm(forms.Form):
    """Whether an answer was right. The test question is empty at first: it is the officer's, not the person's."""

    verdict = forms.ChoiceField(
        label=_("Is it right?"),
        widget=forms.RadioSelect,
        choices=[
            ("answers", _("Yes, this page answers")),
            ("other", _("No, another page answers")),
            ("none", _("No page of ours answers, or it is another office’s subject")),
        ],
        error_messages={"required": _("Say whether it is right")},
    )
    page = forms.ChoiceField(label=_("The other page"), required=False)
    section = forms.CharField(
        label=_("The section"),
        help_text=_("Its heading, if it matters which section of the page a test question finds."),
        required=False,
        max_length=200,
    )
    question = forms.CharField(
        label=_("A test question in your own words"),
        help_text=_("It is asked again whenever somebody tries the guidance. Write nothing about a person."),
        required=False,
        max_length=500,
    )

    def __init__(self, *args: Any, pages: list[PageVersion], **more: Any) -> None:
        super().__init__(*args, **more)
        titles = [(page.slug, page.title) for page in pages]
        self.fields["page"].choices = [("", _("Choose a page")), *titles]  # type: ignore[attr-defined]


class ThresholdsForm(forms.Form):
    """From which chances the machine answers."""

    partly = forms.TypedChoiceField(label=_("Quote a page from this chance on"), coerce=float)
    answered = forms.TypedChoiceField(label=_("Call it a whole answer from this chance on"), coerce=float)

    def __init__(self, *args: Any, steps: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            field.choices = list(steps)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("partly", 0) > given.get("answered", 1):
            self.add_error("answered", _("A whole answer needs at least the chance of a partial one"))
        return given
