"""Every component and state on one page, for tests and for whoever designs a screen. Not part of a node's pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from commonweal.core.portal.forms import DateField

UTC = dt.UTC


class ExampleForm(forms.Form):
    """One field of each kind."""

    full_name = forms.CharField(
        label=_("Full name"), widget=forms.TextInput(attrs={"autocomplete": "name"}), max_length=80
    )
    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("We only use this to send you the answer"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "govuk-input--width-20"}),
    )
    born = DateField(label=_("Date of birth"), help_text=_("For example, 27 3 1984"), autocomplete="bday")
    rooms = forms.IntegerField(
        label=_("Number of rooms"), min_value=1, widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"})
    )
    answer_by = forms.ChoiceField(
        label=_("How should we answer?"),
        widget=forms.RadioSelect,
        choices=[("post", _("By post")), ("email", _("By email")), ("phone", _("By phone"))],
    )
    needs = forms.MultipleChoiceField(
        label=_("What would help you?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("large", _("Large print")), ("sign", _("Sign language")), ("read", _("Someone to read to me"))],
    )
    district = forms.ChoiceField(
        label=_("District"), choices=[("", _("Choose a district")), ("north", _("North")), ("harbour", _("Harbour"))]
    )
    story = forms.CharField(label=_("What happened?"), widget=forms.Textarea, max_length=500)
    proof = forms.FileField(label=_("A photo or a letter"), required=False)
    password = forms.CharField(
        label=_("Password"), required=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    agree = forms.BooleanField(label=_("I have told the truth as far as I know it"))


def gallery(request: HttpRequest) -> HttpResponse:
    """The gallery. With `?state=errors` its form was sent empty; a POST is answered as any form's is."""
    sent = request.method == "POST" or request.GET.get("state") == "errors"
    form = ExampleForm(request.POST or {}, request.FILES) if sent else ExampleForm()
    numbers = Paginator(range(1, 101), 10)
    page = numbers.get_page(request.GET.get("page", "4"))
    return render(request, "portal/gallery.html", {"form": form, "page": page, **EXAMPLES})


def _at(day: int, hour: int, minute: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=UTC)


EXAMPLES: dict[str, Any] = {
    "evidence": [
        {
            "action": _("Looked at your address"),
            "who": "Amina Diallo",
            "agency": _("Civil registry"),
            "when": _at(12, 9, 41),
            "why": _("To answer your request for a correction"),
            "rule": _("Registry Act, section 14"),
            "kind": "human",
            "proof": "checked",
        },
        {
            "action": _("Compared your household with the school list"),
            "who": _("Nightly matching"),
            "agency": _("Education office"),
            "when": _at(11, 2, 0),
            "why": _("To find children who have a right to a school place"),
            "rule": _("Schools Act, section 3"),
            "kind": "automatic",
            "proof": "pending",
        },
        {
            "action": _("Asked for your health record"),
            "who": "Jonas Berg",
            "agency": _("Housing office"),
            "when": _at(9, 15, 20),
            "why": _("To decide on a flat"),
            "rule": _("No rule allows this"),
            "kind": "on-behalf",
            "refused": True,
            "proof": "checked",
        },
    ],
    "happened": [
        {
            "when": _at(12, 9, 41),
            "title": _("Your correction was accepted"),
            "status": _("Done"),
            "tone": "good",
            "text": _("Your street name is now spelled the way you asked."),
        },
        {"when": _at(10, 14, 2), "title": _("An officer read your request"), "status": _("Open"), "tone": "waiting"},
        {"when": _at(9, 18, 30), "title": _("You asked for a correction")},
    ],
    "person": [
        (_("Date of birth"), dt.date(1984, 3, 27)),
        (_("Address"), "14 Harbour Street"),
        (_("Lives with"), "Leila Haddad, Sami Haddad"),
    ],
    "columns": [_("Agency"), _("Uses this month"), _("Refused"), _("Last use")],
    "rows": [
        [_("Civil registry"), 41, 0, dt.date(2026, 3, 12)],
        [_("Education office"), 310, 2, dt.date(2026, 3, 11)],
        [_("Housing office"), 9, 1, dt.date(2026, 3, 9)],
    ],
    "breadcrumbs": [{"text": _("Services"), "href": "/"}, {"text": _("Gallery")}],
    "summary": [
        {
            "key": {"text": _("Name")},
            "value": {"text": "Sara Haddad"},
            "actions": {"items": [{"href": "#", "text": _("Change"), "visually_hidden_text": _("name")}]},
        },
        {
            "key": {"text": _("Address")},
            "value": {"text": "14 Harbour Street"},
            "actions": {"items": [{"href": "#", "text": _("Change"), "visually_hidden_text": _("address")}]},
        },
    ],
    "tasks": [
        {"title": {"text": _("Your details")}, "href": "#", "status": {"text": _("Completed")}},
        {
            "title": {"text": _("Your household")},
            "href": "#",
            "status": {"tag": {"text": _("Not started"), "classes": "cw-status--note"}},
        },
    ],
    "tabs": [
        {"id": "past-day", "label": _("Past day"), "panel": {"text": _("Nobody used your data.")}},
        {"id": "past-week", "label": _("Past week"), "panel": {"text": _("Two offices used your data.")}},
    ],
    "sections": [
        {"heading": {"text": _("What is kept")}, "content": {"text": _("Your name, your address, your household.")}},
        {"heading": {"text": _("For how long")}, "content": {"text": _("As long as you live here, and ten years.")}},
    ],
}
