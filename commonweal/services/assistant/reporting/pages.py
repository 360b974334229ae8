"""The week's report as a page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from commonweal.core import clock
from commonweal.core.portal.guards import ActingRequest, officers
from commonweal.core.portal.uses import agency_names
from commonweal.services.assistant.purposes import EDITOR
from commonweal.services.assistant.reporting import service


@officers(EDITOR)
@require_safe
def report(request: ActingRequest) -> HttpResponse:
    """What was asked of the agency's pages, this week or in another one, and what no page answered."""
    week = request.GET.get("week", "")
    try:
        found = service.report(request.actor.agency, week)
    except ValueError:
        raise Http404 from None
    names = agency_names()
    context = {
        "report": found,
        "week": week,
        "owners": [(names.get(one.owner, one.owner), one) for one in found.owners],
        "before": service.week_before(found.begins if week else clock.now()),
    }
    return render(request, "assistant/report.html", context)


urlpatterns = [path("report/", report, name="report")]
