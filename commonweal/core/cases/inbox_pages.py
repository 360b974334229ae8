"""The pages of the person whom cases are about: inbox, one message, one case, reply, appeal, how to be told."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonweal.core.cases import service
from commonweal.core.cases.forms import AppealForm, ChannelForm, ReplyForm
from commonweal.core.cases.pages import about_a_case
from commonweal.core.cases.titles import OUTCOMES, STAGES
from commonweal.core.cases.values import Case, Channel
from commonweal.core.identity.actors import Person
from commonweal.core.portal.guards import ActingRequest, signed_in
from commonweal.core.portal.pages import about_oneself
from commonweal.core.portal.uses import agency_names


@signed_in
@about_oneself
def inbox(request: ActingRequest) -> HttpResponseBase:
    """Messages and cases of whoever is signed in."""
    written, cases = service.inbox(request.actor, _oneself(request))
    context = {
        "notices": [(notice, agency_names().get(notice.agency, notice.agency)) for notice in written],
        "cases": [(case, stage(case)) for case in cases],
        "own": request.actor.on_behalf_of is None,
    }
    return render(request, "cases/inbox.html", context)


@signed_in
def notice(request: ActingRequest, notice_id: UUID) -> HttpResponseBase:
    """One message. The door refuses everybody but the one it was written to."""
    try:
        found = service.read_notice(request.actor, str(notice_id))
    except service.NoNotice:
        raise Http404 from None
    names = agency_names()
    return render(request, "cases/notice.html", {"notice": found, "agency": names.get(found.agency, found.agency)})


@signed_in
@about_a_case
def my_case(request: ActingRequest, case_id: UUID) -> HttpResponseBase:
    """One's own case: what was asked, what happened, and a form to reply while it is open."""
    found = service.my_case(request.actor, str(case_id))
    form = ReplyForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            service.reply(request.actor, found.id, given["text"], key=given["key"])
        except ValueError as error:
            form.add_error("text", str(error))
        else:
            messages.success(request, _("Your reply was sent."))
            return redirect("cases:my_case", case_id)
    context = {"case": found, "form": form, "stage": stage(found)}
    return render(request, "cases/my_case.html", context)


@signed_in
@about_a_case
def appeal(request: ActingRequest, case_id: UUID) -> HttpResponseBase:
    """Appeal against a rejection."""
    found = service.my_case(request.actor, str(case_id))
    form = AppealForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if not _sent_already(found, given["text"]):
                service.appeal(request.actor, found.id, given["text"], key=given["key"])
        except ValueError as error:
            form.add_error("text", str(error))
        else:
            messages.success(request, _("Your appeal was sent. Somebody else will decide again."))
            return redirect("cases:my_case", case_id)
    return render(request, "cases/appeal.html", {"case": found, "form": form})


@signed_in
@about_oneself
def channel(request: ActingRequest) -> HttpResponseBase:
    """How one wants to be told."""
    person = _oneself(request)
    now = service.channel(request.actor, person)
    language = now.language or (get_language() or "en")[:2]
    initial = {"key": uuid4().hex, "name": now.name, "address": now.address, "language": language}
    form = ChannelForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        chosen = Channel(given["name"], given["address"], given["language"])
        try:
            service.choose_channel(request.actor, person, chosen, key=given["key"])
        except ValueError as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("We shall tell you in this way from now on."))
            return redirect("cases:inbox")
    return render(request, "cases/channel.html", {"form": form})


def stage(case: Case) -> tuple[str, str]:
    """Where a case stands, in words and in tone, as its person reads it."""
    if case.status == "closed":
        return str(OUTCOMES[case.outcome]), "good" if case.outcome == "accepted" else "bad"
    return str(STAGES["open", True] if case.appeal else _("Waiting")), "waiting"


def _sent_already(found: Case, text: str) -> bool:
    """Whether these words are in already: after a broken line the browser sends them with another key."""
    return any(step.kind == "appealed" and step.text == text.strip() for step in found.steps)


def _oneself(request: ActingRequest) -> Person:
    assert request.actor.whose is not None  # noqa: S101 - `about_oneself` saw to it
    return request.actor.whose
