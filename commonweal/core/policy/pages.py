"""The public register of processing, and a person's consents."""

from __future__ import annotations

from typing import cast
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonweal.core.identity.accounts import agencies
from commonweal.core.identity.actors import Person
from commonweal.core.policy import consent_record, service
from commonweal.core.policy.actions import in_words, purpose_named
from commonweal.core.policy.forms import LimitForm, called
from commonweal.core.policy.processing import register, retentions
from commonweal.core.portal.guards import ActingRequest, open_to_all, signed_in
from commonweal.core.portal.pages import about_oneself


@open_to_all
def processing(request: HttpRequest) -> HttpResponse:
    """What is used, why, by whom, how long, under which rule: for everyone to read."""
    return render(request, "policy/processing.html", {"register": register(), "kept": retentions()})


@signed_in
@about_oneself
def consents(request: ActingRequest) -> HttpResponseBase:
    """What the person agreed to; give and withdraw."""
    person = _whose(request)
    if request.method == "POST":
        return _change(request, person)
    given = service.consents_of(request.actor, person)
    standing = {(consent.purpose.name, consent.agency): consent for consent in given if consent.withdrawn is None}
    names = {agency.code: agency.name(request.LANGUAGE_CODE) for agency in agencies()}
    offers = [
        {
            "purpose": why,
            "agency": agency,
            "name": names.get(agency, agency),
            "data": [in_words(reference) for reference in why.data],
            "standing": standing.get((why.name, agency)),
        }
        for why, agency in service.what_can_be_agreed_to()
    ]
    ended = [consent for consent in given if consent.withdrawn]
    return render(request, "policy/consents.html", {"offers": offers, "ended": ended, "names": names})


@signed_in
@about_oneself
def consents_file(request: ActingRequest) -> HttpResponseBase:
    """A person's consent records as JSON-LD (ISO/IEC TS 27560, DPV)."""
    person = _whose(request)
    found = consent_record.document(person, service.consents_of(request.actor, person))
    response = JsonResponse(found, content_type="application/ld+json")
    response["Content-Disposition"] = 'attachment; filename="consents.jsonld"'
    return response


@signed_in
@about_oneself
def limits(request: ActingRequest) -> HttpResponseBase:
    """What the person objected to and had restricted; object, restrict, take back."""
    person = _whose(request)
    lifting = "lift" in request.POST
    form = LimitForm(None if lifting else request.POST or None, initial={"key": uuid4().hex})
    if lifting:
        try:
            service.lift_limit(request.actor, person, request.POST["lift"])
            messages.success(request, _("It was taken back. The use may go on."))
        except service.NoLimit:
            messages.error(request, _("There is no such objection or restriction. Nothing was changed."))
        return redirect("policy:limits")
    if form.is_valid():
        given = form.cleaned_data
        kind, _colon, what = given["choice"].partition(":")
        ask = service.object_to if kind == "objection" else service.ask_restriction
        ask(request.actor, person, what, given["reason"], key=given["key"])
        messages.success(request, _("It is a case now. You find it in your inbox."))
        return redirect("policy:limits")
    found = [(limit, called(limit.what)) for limit in service.limits_of(request.actor, person)]
    return render(request, "policy/limits.html", {"limits": found, "form": form})


def _whose(request: ActingRequest) -> Person:
    return cast(Person, request.actor.whose)


def _change(request: ActingRequest, person: Person) -> HttpResponseBase:
    why = purpose_named(request.POST.get("give", ""))
    try:
        if request.POST.get("withdraw"):
            service.withdraw_consent(request.actor, person, request.POST["withdraw"])
            messages.success(request, _("Your consent was withdrawn. From now on this use is refused."))
        elif why and (why, request.POST.get("agency", "")) in service.what_can_be_agreed_to():
            service.give_consent(request.actor, person, why, request.POST["agency"])
            messages.success(request, _("Your consent was recorded. You can withdraw it here at any time."))
    except (service.NoConsent, ValueError):
        messages.error(request, _("There is no such consent. Nothing was changed."))
    return redirect("policy:consents")
