"""Pages about how good the machine's answers are: officers judge them, the operator chooses from when on it answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commonweal.core.portal.guards import ActingRequest, officers
from commonweal.services.assistant import service
from commonweal.services.assistant.forms import JudgementForm, ThresholdsForm
from commonweal.services.assistant.reviewing import STEPS
from commonweal.services.assistant.values import Point

REVIEWERS = ("enquiry-officer", "guidance-editor")
FEW = 100  # judgements and test questions below which the curve is said to be rough
LEFT, TOP, WIDTH, HEIGHT = 46, 12, 440, 240  # of the drawing, in its own units


@officers(*REVIEWERS)
@require_safe
def review(request: ActingRequest) -> HttpResponse:
    """The latest answers that nobody has judged, and the test questions as they come out now."""
    tried = service.tried()
    context = {"given": service.given(), "tried": tried, "right": sum(one.right for one in tried)}
    return render(request, "assistant/review.html", context)


@officers(*REVIEWERS)
def judge(request: ActingRequest, number: int) -> HttpResponseBase:
    """One answer: was it right, and which page answers."""
    try:
        found = service.given_one(number)
    except service.NotJudged as error:
        messages.error(request, str(error))
        return redirect("assistant-pages:review")
    pages = sorted(service.pages(found.language), key=lambda page: page.title)
    form = JudgementForm(request.POST or None, pages=pages)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            service.judge(request.actor, number, given["verdict"], given["page"], given["question"])
        except service.NotJudged as error:
            form.add_error("question" if given["question"] else "verdict", str(error))
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
    steps = sorted({*STEPS[1:], now.partly, now.answered})
    today = {"partly": f"{now.partly:.2f}", "answered": f"{now.answered:.2f}"}
    form = ThresholdsForm(request.POST or None, steps=steps, initial=today)
    if request.method == "POST" and form.is_valid():
        service.tune(request.actor, form.cleaned_data["answered"], form.cleaned_data["partly"])
        messages.success(request, _("These hold from now on."))
        return redirect("assistant-pages:curve")
    points, known = service.curve(service.tried())
    nearest = min(points, key=lambda point: abs(point.threshold - now.partly))
    context = {
        "points": points, "known": known, "rough": known < FEW, "now": today, "form": form,
        "line": " ".join(_place(point) for point in points if point.answers), "here": _place(nearest).split(","),
        "nearest": nearest, "ticks": [(share, LEFT + share * WIDTH // 100, TOP + HEIGHT - share * HEIGHT // 100)
                                      for share in (0, 25, 50, 75, 100)],
        "left": LEFT, "top": TOP, "right": LEFT + WIDTH, "bottom": TOP + HEIGHT,
    }  # fmt: skip
    return render(request, "assistant/curve.html", context)


def _place(point: Point) -> str:
    """Where a point lies in the drawing: coverage to the right, wrong answers upwards."""
    return f"{LEFT + point.coverage * WIDTH:.1f},{TOP + HEIGHT - point.wrong * HEIGHT:.1f}"


urlpatterns = [
    path("review/", review, name="review"),
    path("review/<int:number>/", judge, name="judge"),
    path("review/drop/", drop, name="drop"),
    path("curve/", curve, name="curve"),
]
