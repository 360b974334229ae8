"""The registrar's pages for what happens in a life: a birth, a new name, a move, a death."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.core.identity import people
from commonweal.core.identity.actors import Actor, Person
from commonweal.core.policy.actions import Words
from commonweal.core.portal.guards import ActingRequest, officers
from commonweal.services.registry import records, service
from commonweal.services.registry.event_forms import BirthForm, DeathForm, MoveForm, NameForm
from commonweal.services.registry.values import Address, NewEntry

Record = Callable[[Actor, Person, dict[str, Any]], object]


@dataclass(frozen=True)
class Event:
    """One kind of event: its title, its form, and what records it."""

    title: Words
    form: type[forms.Form]
    record: Record


def _move(actor: Actor, person: Person, given: dict[str, Any]) -> None:
    place = (given["street"], given["number"], given["postcode"], given["town"])
    service.move(actor, person, Address(*place, given["since"]), case=given["case"], key=given["key"])


def _name(actor: Actor, person: Person, given: dict[str, Any]) -> None:
    service.rename(actor, person, given["given"], given["family"], given["since"], case=given["case"], key=given["key"])


def _death(actor: Actor, person: Person, given: dict[str, Any]) -> None:
    service.record_death(actor, person, given["died"], case=given["case"], key=given["key"])


def _birth(actor: Actor, person: Person, given: dict[str, Any]) -> None:
    child = NewEntry(
        given["given"],
        given["family"],
        given["born"],
        given["birth_place"],
        given["street"],
        given["number"],
        given["postcode"],
        given["town"],
        given["born"],
    )
    service.register_birth(actor, person, child, case=given["case"], key=given["key"])


EVENTS = {
    "move": Event(gettext_lazy("Record a move"), MoveForm, _move),
    "name": Event(gettext_lazy("Record a new name"), NameForm, _name),
    "birth": Event(gettext_lazy("Register a birth"), BirthForm, _birth),
    "death": Event(gettext_lazy("Record a death"), DeathForm, _death),
}


@officers("registrar")
def event(request: ActingRequest, person_id: UUID, kind: str) -> HttpResponseBase:
    """One event in a person's life: the form, and its record."""
    if kind not in EVENTS:
        raise Http404
    chosen = EVENTS[kind]
    form = chosen.form(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        try:
            chosen.record(request.actor, people.person(person_id), form.cleaned_data)
        except (people.UnknownPerson, records.NoEntry):
            raise Http404 from None
        messages.success(request, _("It was recorded, and the resident can see it."))
        return redirect("registry-pages:person", person_id=person_id)
    return render(request, "registry/event.html", {"form": form, "title": chosen.title, "person_id": person_id})
