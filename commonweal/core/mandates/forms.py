"""The forms of this room."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.mandates.scopes import offered
from commonweal.core.portal.fields import sent_once
from commonweal.core.portal.forms import DateField


class GrantForm(forms.Form):
    """A power of attorney: for what, until when."""

    scope = forms.MultipleChoiceField(
        label=_("What may the person do for you?"),
        help_text=_("Nobody can vote for you, change how you sign in, or give and withdraw your consent."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one")},
    )
    last_day = DateField(label=_("Last day"), help_text=_("You can end it earlier, at any time."))
    key = sent_once()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["scope"].choices = offered()  # type: ignore[attr-defined]

    def clean_last_day(self) -> datetime:
        """The end of that day, in UTC."""
        day = self.cleaned_data["last_day"]
        if day < clock.now().date():
            raise forms.ValidationError(_("The last day must be in the future"))
        return datetime.combine(day, time(), UTC) + timedelta(days=1)


class CodeForm(forms.Form):
    """The code of a power of attorney that somebody gave."""

    code = forms.CharField(
        label=_("Code"), max_length=20, error_messages={"required": _("Write the code that you were given")}
    )


class IdentifyForm(forms.Form):
    """Whom an officer has before them."""

    scheme = forms.ChoiceField(label=_("Kind of number"))
    value = forms.CharField(
        label=_("Number"), max_length=100, error_messages={"required": _("Write the person's number")}
    )

    def __init__(self, *args: Any, schemes: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["scheme"].choices = [(scheme, scheme) for scheme in schemes]  # type: ignore[attr-defined]


class CounterForm(IdentifyForm):
    """An officer at a counter begins to help somebody."""

    reason = forms.CharField(
        label=_("What do you help with?"),
        max_length=300,
        help_text=_("The person reads exactly these words."),
        error_messages={"required": _("Write what you help with")},
    )
    checked = forms.BooleanField(
        label=_("The person is here, and I checked who they are"),
        error_messages={"required": _("Check who the person is first")},
    )


class GuardianForm(forms.Form):
    """An officer records a guardian whom a court named."""

    scheme = forms.ChoiceField(label=_("Kind of number"))
    value = forms.CharField(label=_("Number of the person in care"), max_length=100)
    guardian = forms.CharField(label=_("Number of the guardian"), max_length=100)
    case = forms.CharField(label=_("Number of the court’s decision"), max_length=80)
    last_day = DateField(label=_("Last day"), required=False)

    def __init__(self, *args: Any, schemes: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["scheme"].choices = [(scheme, scheme) for scheme in schemes]  # type: ignore[attr-defined]

    def clean_last_day(self) -> datetime | None:
        """The end of that day, in UTC."""
        day = self.cleaned_data["last_day"]
        return datetime.combine(day, time(), UTC) + timedelta(days=1) if day else None
