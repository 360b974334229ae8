"""Forms for what happens in a life. Each carries a key, so that sending twice records it once."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.fields import sent_once
from commonweal.core.portal.forms import DateField


class EventForm(forms.Form):
    """What every event has: the file it rests on, and the key."""

    case = forms.CharField(label=_("File number"), help_text=_("Where the papers are kept."), max_length=60)
    key = sent_once()


class AddressForm(EventForm):
    number = forms.CharField(label=_("House number"), max_length=12)
    street = forms.CharField(label=_("Street"), max_length=120)
    postcode = forms.CharField(label=_("Postcode"), max_length=12)
    town = forms.CharField(label=_("Town"), max_length=80)


class MoveForm(AddressForm):
    since = DateField(label=_("Lives there since"))
    field_order = ("since", "number", "street", "postcode", "town", "case", "key")


class NameForm(EventForm):
    given = forms.CharField(label=_("First name"), max_length=120)
    family = forms.CharField(label=_("Family name"), max_length=120)
    since = DateField(label=_("Borne since"))
    field_order = ("given", "family", "since", "case", "key")


class BirthForm(AddressForm):
    given = forms.CharField(label=_("First name"), max_length=120)
    family = forms.CharField(label=_("Family name"), max_length=120)
    born = DateField(label=_("Date of birth"))
    birth_place = forms.CharField(label=_("Place of birth"), max_length=120)
    field_order = ("given", "family", "born", "birth_place", "number", "street", "postcode", "town", "case", "key")


class DeathForm(EventForm):
    died = DateField(label=_("Date of death"))
    field_order = ("died", "case", "key")
