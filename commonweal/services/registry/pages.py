"""The register's pages: a resident's own entry and corrections; the officers' search and entries."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonweal.core.identity import people
from commonweal.core.identity.actors import Person
from commonweal.core.policy.actions import Purpose
from commonweal.core.policy.purposes import OWN_ACCESS
from commonweal.core.portal.guards import ActingRequest, officers, signed_in
from commonweal.core.portal.pages import about_oneself
from commonweal.core.refused import Refused
from commonweal.services.registry import corrections, events, records, service
from commonweal.services.registry.facts import facts
from commonweal.services.registry.forms import CorrectionForm, EmergencyForm, SearchForm
from commonweal.services.registry.named_cases import named_case
from commonweal.services.registry.purposes import BENEFITS, BY_ROLE, EMERGENCY, KEEPING
from commonweal.services.registry.values import Found

SEARCHERS = ("registrar", "benefit-officer", "school-officer")


@signed_in
def start(request: ActingRequest) -> HttpResponseBase:
    """Officers come to their search, residents to their own entry."""
    if request.actor.roles & set(SEARCHERS):
        return redirect("registry-pages:search")
    return redirect("registry-pages:mine")


@signed_in
@about_oneself
def mine(request: ActingRequest) -> HttpResponse:
    """A resident's own entry and requests."""
    oneself = _oneself(request)
    try:
        entry = service.read(request.actor, oneself, OWN_ACCESS)
    except records.NoEntry:
        return render(request, "registry/none.html")
    asked = service.my_corrections(request.actor, oneself)
    links = service.cases_of(asked)
    context = {
        "facts": facts(entry),
        "corrections": [(one, corrections.CORRECTABLE[one.field], links.get(one.id)) for one in asked],
    }
    return render(request, "registry/mine.html", context)


@signed_in
@about_oneself
def correct(request: ActingRequest) -> HttpResponseBase:
    """Ask for a correction."""
    form = CorrectionForm(request.POST or None, initial={"key": uuid4().hex, "field": request.GET.get("field")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if not _waits_already(request, given):
                service.ask_correction(
                    request.actor,
                    _oneself(request),
                    given["field"],
                    given["proposed"],
                    given["explanation"],
                    key=given["key"],
                )
        except ValueError as error:
            form.add_error("proposed", str(error))
        else:
            messages.success(request, _("Your request was sent. An officer of the register office will decide."))
            return redirect("registry-pages:mine")
    return render(request, "registry/correct.html", {"form": form})


@officers(*SEARCHERS)
@require_safe
def search(request: ActingRequest) -> HttpResponse:
    """Look for people by name, for the purpose that the officer's role has."""
    form = SearchForm(request.GET if "name" in request.GET else None, for_case=_purpose(request) is BENEFITS)
    found = None
    if form.is_bound and form.is_valid():
        found = _found(request, form)
    context = {
        "form": form,
        "found": found,
        "purpose": _purpose(request),
        "case": request.GET.get("case", ""),
        "decides": "registrar" in request.actor.roles,
    }
    return render(request, "registry/search.html", context)


@signed_in
def person(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """One person's entry, as far as the officer's purpose sees it. The door refuses all others, as evidence."""
    try:
        case = named_case(request.GET.get("case", ""))
    except ValueError as error:
        raise BadRequest from error
    try:
        entry = service.read(request.actor, people.person(person_id), _purpose(request), case=case)
    except (people.UnknownPerson, records.NoEntry):
        raise Http404 from None
    except Refused as refusal:
        refusal.emergency = reverse("registry-pages:emergency", args=[person_id])
        raise
    back = reverse("registry-pages:search") + (f"?{urlencode({'case': case})}" if case else "")
    context: dict[str, object] = {"name": entry.name, "facts": facts(entry), "purpose": _purpose(request), "back": back}
    if "registrar" in request.actor.roles:
        context |= {"events": {kind: event.title for kind, event in events.EVENTS.items()}, "person_id": person_id}
    return render(request, "registry/person.html", context)


@signed_in
def emergency(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """In an emergency: look somebody up with a reason. They are told at once, and a supervisor looks at it."""
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = people.person(person_id)
            entry = service.read(request.actor, found, EMERGENCY, emergency=form.cleaned_data["reason"])
        except (people.UnknownPerson, records.NoEntry):
            raise Http404 from None
        back = reverse("registry-pages:search")
        context = {"name": entry.name, "facts": facts(entry), "purpose": EMERGENCY, "back": back}
        return render(request, "registry/person.html", context)
    return render(request, "registry/emergency.html", {"form": form})


def _found(request: ActingRequest, form: SearchForm) -> list[Found] | None:
    given = form.cleaned_data
    try:
        case = named_case(given["case"])
    except ValueError as error:
        form.add_error("case", str(error))
        return None
    try:
        return service.search(request.actor, given["name"], _purpose(request), born=given["born"], case=case)
    except ValueError as error:
        form.add_error("name", str(error))
        return None


def _waits_already(request: ActingRequest, given: dict[str, str]) -> bool:
    """Whether the same request waits for its decision: after a broken line the browser sends it with another key."""
    asked = service.my_corrections(request.actor, _oneself(request))
    proposed = " ".join(given["proposed"].split())
    return any((one.status, one.field, one.proposed) == ("open", given["field"], proposed) for one in asked)


def _purpose(request: ActingRequest) -> Purpose:
    """The first purpose of the officer's roles. Whoever has none states the register's own, and is refused."""
    return next((BY_ROLE[role] for role in sorted(request.actor.roles) if role in BY_ROLE), KEEPING)


def _oneself(request: ActingRequest) -> Person:
    assert request.actor.whose is not None  # noqa: S101 - `about_oneself` saw to it
    return request.actor.whose


urlpatterns = [
    path("", start, name="start"),
    path("mine/", mine, name="mine"),
    path("mine/correct/", correct, name="correct"),
    path("search/", search, name="search"),
    path("people/<uuid:person_id>/", person, name="person"),
    path("people/<uuid:person_id>/emergency/", emergency, name="emergency"),
    path("people/<uuid:person_id>/<slug:kind>/", events.event, name="event"),
]
