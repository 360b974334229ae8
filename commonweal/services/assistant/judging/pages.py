"""Pages about how good the machine's answers are: officers judge them, the operator chooses from when on it answers."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import floatformat
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commonweal.core.portal.guards import ActingRequest, officers
from commonweal.services.assistant import service as assistant
from commonweal.services.assistant.engine.parameters import Thresholds
from commonweal.services.assistant.forms import JudgementForm, ThresholdsForm
from commonweal.services.assistant.judging import service
from commonweal.services.assistant.purposes import EDITOR, ENQUIRIES
from commonweal.services.assistant.values import Point

REVIEWERS = (ENQUIRIES, EDITOR)
FEW = 100  # judgements and test questions below which the curve is said to be rough
LEFT, TOP, WIDTH, HEIGHT = 44, 10, 250, 180  # of the drawing, in its own units


@officers(*REVIEWERS)
@require_safe
def review(request: ActingRequest) -> HttpResponse:
    """The latest answers that nobody has judged, and the test questions as they come out now."""
    tried = service.tried()
    context = {
        "given": service.given(request.actor),
        "tried": tried,
        "right": sum(one.right for one in tried),
        "silent": sum(one.silent and not one.right for one in tried),
        "wrong": sum(not one.silent and not one.right for one in tried),
    }
    return render(request, "assistant/review.html", context)


@officers(*REVIEWERS)
def judge(request: ActingRequest, number: int) -> HttpResponseBase:
    """One answer: was it right, and which page answers."""
    try:
        found = service.given_answer(request.actor, number)
    except service.NotJudged as error:
        messages.error(request, str(error))
        return redirect("assistant-pages:review")
    pages = sorted(assistant.pages(found.language), key=lambda page: page.title)
    form = JudgementForm(request.POST or None, pages=pages)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            service.judge(
                request.actor, number, given["verdict"], given["page"], given["question"], section=given["section"]
            )
        except service.NotJudged as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Thank you. It counts from now on."))
            return redirect("assistant-pages:review")
    return render(request, "assistant/judge.html", {"given": found, "form": form})


@officers(*REVIEWERS)
@require_POST
def drop(request: ActingRequest) -> HttpResponseBase:
    """Take a test question away."""
    number = request.POST.get("question", "")
    if number.isascii() and number.isdecimal():
        service.drop_question(request.actor, int(number))
        messages.success(request, _("The test question is gone."))
    return redirect("assistant-pages:review")


@officers("operator")
def curve(request: ActingRequest) -> HttpResponseBase:
    """How much would be answered and how often wrongly, from each chance on; and the choice between them."""
    now = service.thresholds_in_force()
    points, known = service.curve(service.tried(), (now.partly, now.answered))
    today = {"partly": f"{now.partly:.2f}", "answered": f"{now.answered:.2f}"}
    steps = [(f"{point.threshold:.2f}", _said(point)) for point in points]
    form = ThresholdsForm(request.POST or None, steps=steps, initial=today)
    if request.method == "POST" and form.is_valid():
        service.tune(request.actor, form.cleaned_data["answered"], form.cleaned_data["partly"])
        messages.success(request, _("These hold from now on."))
        return redirect("assistant-pages:curve")
    context = {
        "points": points, "known": known, "few": FEW, "rough": known < FEW, "now": now, "form": form,
        "chosen": service.chosen_since(), "chart": Chart(points, now) if known else None,
        "columns": [_("Chance"), _("Answered"), _("Wrong of these"), _("95 times of 100 between")],
        "rows": [_row(point, now) for point in points],
    }  # fmt: skip
    return render(request, "assistant/curve.html", context)


class Chart:
    """The drawing: coverage to the right, wrong answers upwards, where these may truly lie, and what holds today."""

    left, top, right, bottom = LEFT, TOP, LEFT + WIDTH, TOP + HEIGHT

    def __init__(self, points: Sequence[Point], now: Thresholds) -> None:
        drawn = [point for point in points if point.answers]
        self.line = " ".join(_place(point.coverage, point.wrong) for point in drawn)
        self.least = " ".join(_place(point.coverage, point.least) for point in drawn)
        self.most = " ".join(_place(point.coverage, point.most) for point in drawn)
        self.partly = next(point for point in points if point.threshold == now.partly)
        self.answered = next(point for point in points if point.threshold == now.answered)
        self.partly_at = _place(self.partly.coverage, self.partly.wrong).split(",")
        self.answered_at = _place(self.answered.coverage, self.answered.wrong).split(",")
        self.ticks = [(share, *_place(share / 100, share / 100).split(",")) for share in (0, 25, 50, 75, 100)]


def _place(coverage: float, wrong: float) -> str:
    return f"{LEFT + coverage * WIDTH:.1f},{TOP + HEIGHT - wrong * HEIGHT:.1f}"


def _said(point: Point) -> str:
    """What choosing this point means."""
    return _("%(chance)s: %(coverage)s %% answered, %(mistakes)s of %(answers)s wrong") % {
        "chance": floatformat(point.threshold, 2), "coverage": round(100 * point.coverage),
        "mistakes": point.mistakes, "answers": point.answers,
    }  # fmt: skip


def _row(point: Point, now: Thresholds) -> tuple[str, str, str, str]:
    marks = [_("quotes now")] if point.threshold == now.partly else []
    marks += [_("whole answer now")] if point.threshold == now.answered else []
    name = floatformat(point.threshold, 2)
    return (
        f"{name} ({', '.join(marks)})" if marks else name,
        f"{100 * point.coverage:.0f} %",
        _("%(mistakes)s of %(answers)s") % {"mistakes": point.mistakes, "answers": point.answers},
        f"{100 * point.least:.0f}–{100 * point.most:.0f} %" if point.answers else "–",
    )


urlpatterns = [
    path("review/", review, name="review"),
    path("review/<int:number>/", judge, name="judge"),
    path("review/drop/", drop, name="drop"),
    path("curve/", curve, name="curve"),
]
