"""The officers' pages for residents' questions about uses."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonweal.core.portal import service
from commonweal.core.portal.guards import ActingRequest, signed_in
from commonweal.core.portal.question_forms import AnswerForm
from commonweal.core.portal.refusals import refused_page


@signed_in
def waiting(request: ActingRequest) -> HttpResponseBase:
    """Questions that wait for an answer from the officer's agency."""
    if request.actor.kind != "officer":
        return refused_page(request)
    return render(request, "portal/questions/waiting.html", {"questions": service.open_questions(request.actor.agency)})


@signed_in
def question(request: ActingRequest, question_id: UUID) -> HttpResponseBase:
    """One question and the form to answer it."""
    try:
        asked, use = service.review_question(request.actor, str(question_id))
    except service.NoQuestion:
        raise Http404 from None
    form = AnswerForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and not asked.answered and form.is_valid():
        try:
            service.answer(request.actor, asked.id, form.cleaned_data["text"], key=form.cleaned_data["key"])
        except service.Answered as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Your answer was sent."))
        return redirect("portal:questions")
    return render(request, "portal/questions/question.html", {"question": asked, "use": use, "form": form})
