"""The pages of election and polling officers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commonweal.core import clock
from commonweal.core.portal.guards import ActingRequest, officers
from commonweal.services.voting import records, rolls, service
from commonweal.services.voting.forms import (
    DraftForm,
    FreezeForm,
    HelpForm,
    LeaveForm,
    QuestionForm,
    RollForm,
    day_begins,
)
from commonweal.services.voting.values import Draft, Standing

OFFICER, POLLING = "election-officer", "polling-officer"


@officers(OFFICER)
def desk(request: ActingRequest) -> HttpResponse:
    """All elections, drafts too."""
    now = clock.now()
    return render(request, "voting/desk.html", {"elections": [(one, one.phase(now)) for one in service.standings()]})


@officers(OFFICER)
def new(request: ActingRequest) -> HttpResponseBase:
    """Begin an election."""
    form = DraftForm(request.POST or None, initial={"key": uuid4().hex, "method": "sum", "most": 1})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        question, order = form.asked()
        written = Draft(
            given["name"], given["description"], (question,), day_begins(given["opens"]),
            day_begins(given["closes"]) + timedelta(days=1), given["box"].rstrip("/"), order=(order,),
        )  # fmt: skip
        try:
            uuid = service.draft(request.actor, written, key=given["key"])
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            return redirect("voting-pages:manage", uuid)
    return render(request, "voting/new.html", {"form": form})


@officers(OFFICER)
def manage(request: ActingRequest, election: str) -> HttpResponse:
    """One election: what is done, and what comes next."""
    known = _known(election)
    return render(request, "voting/manage.html", {"known": known, "phase": known.phase(clock.now())})


@officers(OFFICER)
def question(request: ActingRequest, election: str) -> HttpResponseBase:
    """Add a question to a draft."""
    known = _known(election)
    form = QuestionForm(request.POST or None, initial={"method": "sum", "most": 1})

    def add() -> None:
        asked, order = form.asked()
        draft = known.draft
        more = replace(draft, questions=(*draft.questions, asked), order=(*draft.order, order))
        service.redraft(request.actor, election, more)

    return _step(request, known, form, add, _("Add a question"))


@officers(OFFICER)
def roll(request: ActingRequest, election: str) -> HttpResponseBase:
    """Put people on the roll."""
    known = _known(election)
    form = RollForm(request.POST or None, request.FILES or None)

    def enter() -> None:
        service.enter_roll(request.actor, election, form.cleaned_data["roll"])
        messages.success(request, _("The roll was entered."))

    return _step(request, known, form, enter, _("Enter the roll"))


@officers(OFFICER)
def remove(request: ActingRequest, election: str) -> HttpResponseBase:
    """Take somebody off the roll."""
    known = _known(election)
    form = LeaveForm(request.POST or None)

    def leave() -> None:
        person = service.person_called(rolls.NATIONAL, form.cleaned_data["number"].strip())
        if person is None:
            raise service.NotOnTheRoll(_("Nobody in the register has this number."))
        service.remove(request.actor, election, person, form.cleaned_data["reason"])
        messages.success(request, _("Taken off the roll."))

    return _step(request, known, form, leave, _("Take somebody off the roll"))


@officers(OFFICER)
@require_POST
def hand_over(request: ActingRequest, election: str) -> HttpResponse:
    """The roll for the credential authority, as a file."""
    _known(election)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="roll-{election}.csv"'
    answer.write(rolls.write(service.roll(request.actor, election)))
    return answer


@officers(OFFICER)
def freeze(request: ActingRequest, election: str) -> HttpResponseBase:
    """Fix everything."""
    known = _known(election)
    form = FreezeForm(request.POST or None, request.FILES or None)

    def fix() -> None:
        given = form.cleaned_data
        service.freeze(request.actor, election, given["trustees"], given["credentials"])
        messages.success(request, _("The election is frozen. Its fingerprint is in the public log."))

    return _step(request, known, form, fix, _("Freeze the election"))


@officers(OFFICER)
@require_POST
def sent(request: ActingRequest, election: str) -> HttpResponseBase:
    """The credential authority says that its letters have left."""
    _known(election)
    try:
        count = service.code_sent(request.actor, election)
        messages.success(request, _("Noted for %(count)d people.") % {"count": count})
    except service.NotNow as error:
        messages.error(request, str(error))
    return redirect("voting-pages:manage", election)


@officers(OFFICER)
@require_POST
def archive(request: ActingRequest, election: str) -> HttpResponseBase:
    """Delete the roll of a closed election; the record stays."""
    _known(election)
    try:
        service.archive(request.actor, election)
    except service.NotNow as error:
        messages.error(request, str(error))
    return redirect("voting-pages:manage", election)


@officers(POLLING)
def check_in(request: ActingRequest) -> HttpResponseBase:
    """Somebody came for help with voting: note it before they vote."""
    now = clock.now()
    running = [(one.uuid, one.draft.name) for one in service.standings() if one.phase(now) == "open"]
    form = HelpForm(request.POST or None, elections=running)
    if request.method == "POST" and form.is_valid():
        person = service.person_called(rolls.NATIONAL, form.cleaned_data["number"].strip())
        try:
            if person is None:
                raise service.NotOnTheRoll(_("Nobody in the register has this number."))
            service.check_in(request.actor, person, form.cleaned_data["election"])
        except service.NotOnTheRoll as error:
            form.add_error("number", str(error))
        else:
            messages.success(request, _("Checked in. The person can now vote at the booth’s computer."))
            return redirect("voting-pages:help")
    return render(request, "voting/help.html", {"form": form, "running": running})


def _known(election: str) -> Standing:
    try:
        return service.standing(election)
    except records.NoElection:
        raise Http404 from None


def _step(
    request: ActingRequest, known: Standing, form: forms.Form, work: Callable[[], None], title: str
) -> HttpResponseBase:
    """One step towards the freeze: ask, do what a valid form says, and say beside the form what is refused."""
    if form.is_valid():
        try:
            work()
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            return redirect("voting-pages:manage", known.uuid)
    return render(request, "voting/form.html", {"form": form, "known": known, "title": title})


urlpatterns = [
    path("office/", desk, name="desk"),
    path("office/new/", new, name="new"),
    path("office/help/", check_in, name="help"),
    path("office/<str:election>/", manage, name="manage"),
    path("office/<str:election>/question/", question, name="question"),
    path("office/<str:election>/roll/", roll, name="roll"),
    path("office/<str:election>/roll/remove/", remove, name="remove"),
    path("office/<str:election>/roll.csv", hand_over, name="hand-over"),
    path("office/<str:election>/freeze/", freeze, name="freeze"),
    path("office/<str:election>/sent/", sent, name="sent"),
    path("office/<str:election>/archive/", archive, name="archive"),
]
