"""The form for objecting to a purpose or asking that a service's data is only kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from commonweal.core.mandates import scopes
from commonweal.core.policy import restrictions
from commonweal.core.policy.actions import Words, purpose_named
from commonweal.core.portal.fields import own_words, sent_once


class LimitForm(forms.Form):
    """What to object to or to restrict, and why."""

    choice = forms.ChoiceField(
        label=_("What shall not be done with your data?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one")},
    )
    reason = own_words(_("Why?"), _("Write why"))
    key = sent_once()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        objections = [
            (f"objection:{why.name}", format_lazy(_("Object: {use}"), use=why.says)) for why in restrictions.purposes()
        ]
        rooms = [
            (f"restriction:{room}", format_lazy(_("Only keep, do not use: {service}"), service=called(room)))
            for room in restrictions.rooms()
        ]
        self.fields["choice"].choices = [*objections, *rooms]  # type: ignore[attr-defined]


def called(what: str) -> Words:
    """A purpose or a room in plain words."""
    why = purpose_named(what)
    return why.says if why else scopes.called(what)
