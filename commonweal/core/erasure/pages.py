"""Everything that is held about a person, for that person; and the erasure officers' pages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonweal.core.erasure import service
from commonweal.core.erasure.forms import FindForm, ProposeForm
from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.core.identity.pages.presence import present
from commonweal.core.mandates.scopes import called
from commonweal.core.portal.guards import ActingRequest, officers, signed_in
from commonweal.core.portal.pages import about_oneself

SHOWN = 50  # of a long list; the file has all


@dataclass(frozen=True)
class Part:
    """Something that is held: its name, and its text or its own parts; `more` are only in the file."""

    name: str
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    more: int = 0


@signed_in
@about_oneself
def everything(request: ActingRequest) -> HttpResponseBase:
    """Everything that the node holds about a person, to read."""
    found = service.export(request.actor, _whose(request))
    rooms = [(called(room), _readable(held)) for room, held in found["rooms"].items() if any(held.values())]
    return render(request, "erasure/everything.html", {"rooms": rooms})


@signed_in
@about_oneself
def everything_file(request: ActingRequest) -> HttpResponseBase:
    """The same, to take along (GDPR Art. 20)."""
    found = service.export(request.actor, _whose(request))
    response = HttpResponse(json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="everything.json"'
    return response


@officers("erasure-officer")
@present
def find(request: ActingRequest) -> HttpResponseBase:
    """Find the person about whom something shall be erased."""
    form = FindForm(request.POST or None, schemes=people.schemes())
    if request.method == "POST" and form.is_valid():
        person = people.identify(form.cleaned_data["scheme"], form.cleaned_data["value"])
        if person:
            return redirect("erasure:propose", person.id)
        form.add_error("value", _("Nobody is registered under this number. Check the number and its kind."))
    return render(request, "erasure/find.html", {"form": form})


@signed_in
@present
def propose(request: ActingRequest, person_id: UUID) -> HttpResponseBase:
    """Propose to erase entries, or everything about a person. The door refuses all but erasure officers."""
    try:
        person = people.person(person_id)
    except people.UnknownPerson:
        raise Http404 from None
    entries = service.entries_of(request.actor, person)
    form = ProposeForm(request.POST or None, entries=entries, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        chosen = given["entries"] if given["what"] == "entries" else []
        try:
            service.propose(request.actor, person, chosen, given["rule"], given["reason"], key=given["key"])
        except (service.NothingToErase, ValueError) as error:
            form.add_error("entries", str(error))
        else:
            messages.success(request, _("It is a case now. Two officers decide; then the node erases it."))
            return redirect("cases:list")
    return render(request, "erasure/propose.html", {"form": form})


def _whose(request: ActingRequest) -> Person:
    assert request.actor.whose is not None  # noqa: S101 - `about_oneself` saw to it
    return request.actor.whose


def _readable(held: Any) -> list[Part]:
    """What a room holds, empty things left out; of long lists the newest."""
    return [_part(_title(name), value) for name, value in held.items() if value not in (None, "", [], {})]


def _part(name: str, value: Any) -> Part:
    if isinstance(value, dict):
        return Part(name, parts=_readable(value))
    if isinstance(value, list):
        shown, more = value[-SHOWN:], max(0, len(value) - SHOWN)
        if all(not isinstance(one, dict | list) for one in value):
            return Part(name, ", ".join(map(str, shown)), more=more)
        return Part(name, parts=[_part("", one) for one in reversed(shown)], more=more)
    return Part(name, str(value))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
