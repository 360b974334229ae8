"""The register's forms. Each that changes something carries a key, so that sending twice does it once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.fields import own_words, sent_once
from commonweal.core.portal.forms import DateField
from commonweal.services.registry.corrections import CORRECTABLE


class CorrectionForm(forms.Form):
    field = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=list(CORRECTABLE.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong")},
    )
    proposed = forms.CharField(
        label=_("What should it say?"),
        help_text=_("A date like 1984-03-27; an address like 12 Mill Lane, 4021 Aldermere."),
        max_length=300,
        error_messages={"required": _("Write what it should say")},
    )
    explanation = own_words(
        _("Why? What shows it?"),
        _("Tell us why, so that an officer can decide"),
        _("For example: I moved on 1 May; or: my birth certificate says so."),
    )
    key = sent_once()


class EmergencyForm(forms.Form):
    """Why it is an emergency. Whoever it is about reads these words."""

    reason = forms.CharField(
        label=_("Why is it an emergency?"),
        help_text=_("The person reads these words at once, and a supervisor looks at them."),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why it is an emergency")},
    )


class SearchForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        help_text=_("First name, family name, or parts of them. Everyone found is told about this search."),
        min_length=2,
        max_length=120,
        error_messages={"required": _("Enter at least two letters of a name")},
    )
    born = DateField(label=_("Date of birth"), required=False)
    case = forms.CharField(
        label=_("Case number"),
        required=False,
        max_length=60,
        error_messages={"required": _("Enter the number of the case that you work on")},
    )

    def __init__(self, *args: Any, for_case: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["case"].required = for_case
