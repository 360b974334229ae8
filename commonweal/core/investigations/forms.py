"""The forms of investigators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core import clock
from commonweal.core.ledger.sealed import LONGEST
from commonweal.core.mandates.forms import IdentifyForm
from commonweal.core.portal.forms import DateField


def _last_day() -> DateField:
    return DateField(
        label=_("Under seal until"),
        help_text=_("On this day the person is told. A year from today at most."),
    )


class SealedForm(IdentifyForm):
    """Whose data is asked for, which, by which order, and until when that is sealed."""

    room = forms.ChoiceField(label=_("Whose records?"), widget=forms.RadioSelect)
    order = forms.CharField(
        label=_("Number of the order"), max_length=80, error_messages={"required": _("Write the order’s number")}
    )
    until = _last_day()

    def __init__(self, *args: Any, rooms: list[tuple[str, Any]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["room"].choices = rooms  # type: ignore[attr-defined]

    def clean_until(self) -> Any:
        return _within_a_year(self.cleaned_data["until"])


class OrderForm(forms.Form):
    """Which order's entries are asked for."""

    order = forms.CharField(
        label=_("Number of the order"), max_length=80, error_messages={"required": _("Write the order’s number")}
    )


class ProlongForm(forms.Form):
    """A second officer sets a later day."""

    until = _last_day()

    def clean_until(self) -> Any:
        return _within_a_year(self.cleaned_data["until"])


def _within_a_year(day: Any) -> Any:
    today = clock.now().date()
    if not today < day <= today + LONGEST:
        raise forms.ValidationError(_("Choose a day from tomorrow on, a year from today at most"))
    return day
