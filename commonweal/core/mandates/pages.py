"""Acting for others: the resident's page, the banner's button, and the counter."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commonweal.core.identity import people, throttles
from commonweal.core.identity.actors import Person
from commonweal.core.identity.forms import too_often
from commonweal.core.identity.pages.presence import present
from commonweal.core.mandates import acting, service
from commonweal.core.mandates.forms import CodeForm, CounterForm, GrantForm, GuardianForm
from commonweal.core.mandates.scopes import called
from commonweal.core.mandates.values import Mandate
from commonweal.core.portal.guards import ActingRequest, officers, signed_in
from commonweal.core.portal.pages import about_oneself


@signed_in
@about_oneself
def mandates(request: ActingRequest) -> HttpResponseBase:
    """Who may act for whoever is signed in, and for whom they may act themselves; begin and end."""
    person = _oneself(request)
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and (done := _done(request, form)):
        return done
    found = service.overview(request.actor, person)
    context = {
        "given": [(mandate, _scope(mandate)) for mandate in found.given],
        "held": [(mandate, _scope(mandate)) for mandate in found.held],
        "minors": found.minors,
        "form": form,
    }
    return render(request, "mandates/mandates.html", context)


@signed_in
@about_oneself
def give(request: ActingRequest) -> HttpResponseBase:
    """Give a power of attorney; the code to hand over is shown once."""
    form = GrantForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        _id, code = service.grant(request.actor, _oneself(request), given["scope"], given["last_day"], key=given["key"])
        return render(request, "mandates/given.html", {"code": code})
    return render(request, "mandates/give.html", {"form": form})


@signed_in
@require_POST
def stop(request: ActingRequest) -> HttpResponseBase:
    """Act for oneself again. Help at a counter is over with that."""
    if request.actor.mandate and request.actor.kind == "officer":
        with suppress(service.NoMandate):  # the resident may have ended it already
            service.end(request.actor, request.actor.mandate)
    acting.stop(request.session)
    messages.success(request, _("You act for yourself again."))
    return redirect("mandates:counter" if "counter-officer" in request.actor.roles else "portal:start")


@officers("counter-officer")
def counter(request: ActingRequest) -> HttpResponseBase:
    """Begin to help a resident who is present."""
    form = CounterForm(request.POST or None, schemes=people.schemes())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        person = people.identify(given["scheme"], given["value"])
        if not throttles.within_limit(request, "counter", key=request.actor.id):
            form.add_error("value", too_often())
        elif person is None:
            form.add_error("value", _("Nobody is registered under this number. Check the number and its kind."))
        else:
            acting.choose(request.session, service.assist(request.actor, person, given["reason"]))
            return redirect("portal:your_data")
    return render(request, "mandates/counter.html", {"form": form})


@officers("guardianship-officer")
@present
def guardian(request: ActingRequest) -> HttpResponseBase:
    """Record the guardian whom a court named."""
    form = GuardianForm(request.POST or None, schemes=people.schemes())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        found = {field: people.identify(given["scheme"], given[field]) for field in ("value", "guardian")}
        for field, person in found.items():
            if person is None:
                form.add_error(field, _("Nobody is registered under this number. Check the number and its kind."))
        if form.is_valid():
            person, agent = cast(Person, found["value"]), cast(Person, found["guardian"])
            service.grant_care(request.actor, person, agent, [], given["last_day"], case=given["case"])
            messages.success(request, _("The guardian was recorded, and the person was told."))
            return redirect("mandates:guardian")
    return render(request, "mandates/guardian.html", {"form": form})


def _done(request: ActingRequest, form: CodeForm) -> HttpResponseBase | None:
    """Do what a button asks for; None when the form has to be shown again."""
    wish = request.POST
    try:
        if "begin" in wish:
            return _begun(request, wish["begin"])
        if "take" in wish:
            return _begun(request, service.take_child(request.actor, _child(wish["take"])))
        if "end" in wish:
            service.end(request.actor, wish["end"])
            messages.success(request, _("The mandate has ended. From now on it is refused."))
            return redirect("mandates:mandates")
    except service.NoMandate as error:
        messages.error(request, str(error))
        return redirect("mandates:mandates")
    return _taken_up(request, form) if form.is_valid() else None


def _begun(request: ActingRequest, mandate: str) -> HttpResponseBase:
    service.begin(request.actor, mandate)
    acting.choose(request.session, mandate)
    return redirect("portal:your_data")


def _taken_up(request: ActingRequest, form: CodeForm) -> HttpResponseBase | None:
    if not throttles.within_limit(request, "activation", key=request.actor.id):
        form.add_error("code", too_often())
        return None
    try:
        mandate = service.accept(request.actor, form.cleaned_data["code"])
    except service.NoMandate as error:
        form.add_error("code", str(error))
        return None
    messages.success(request, _("You can act for %(person)s now.") % {"person": mandate.person_name})
    return redirect("mandates:mandates")


def _child(text: str) -> Person:
    try:
        return people.person(UUID(text))
    except (ValueError, people.UnknownPerson):
        raise Http404 from None


def _scope(mandate: Mandate) -> list[Any]:
    return [called(room) for room in mandate.scope]


def _oneself(request: ActingRequest) -> Person:
    if request.actor.person is None or request.actor.kind == "officer":
        raise Http404
    return request.actor.person
