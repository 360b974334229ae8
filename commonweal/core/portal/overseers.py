"""The auditor's and the operator's pages."""

from __future__ import annotations

from math import isinf

from django.http import HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from commonweal.core.portal import service
from commonweal.core.portal.guards import ActingRequest, officers


@officers("auditor")
def audit(request: ActingRequest) -> HttpResponseBase:
    """How the rules are kept: counts by agency and action, versions of the rules, the log's state."""
    overview = service.oversee(request.actor)
    columns = [_("Action"), _("Agency"), _("Permitted"), _("Refused"), _("Automatic")]
    rows = [
        (count.says, count.agency or "–", count.permitted, count.refused, count.automatic) for count in overview.counts
    ]
    return render(request, "portal/audit.html", {"overview": overview, "columns": columns, "rows": rows})


@officers("auditor")
def tables(request: ActingRequest) -> HttpResponseBase:
    """Compare every row of evidence with the public log, when asked to by POST."""
    report = service.audit_tables(request.actor) if request.method == "POST" else None
    return render(request, "portal/audit_tables.html", {"report": report})


@officers("operator")
def status(request: ActingRequest) -> HttpResponseBase:
    """How the node is doing."""
    return render(request, "portal/status.html", {"status": service.node_status(request.actor)})


@officers("operator")
def measured(request: ActingRequest) -> HttpResponseBase:
    """How fast the pages are."""
    columns = [_("Page"), _("Requests"), _("Failed"), _("Mean"), _("Half within"), _("95 of 100 within")]
    rows = [
        (f"/{one.route}", one.requests, one.failed, *(_milliseconds(time) for time in (one.mean, one.usual, one.slow)))
        for one in service.node_measurements(request.actor)
    ]
    return render(request, "portal/measurements.html", {"columns": columns, "rows": rows})


def _milliseconds(time: float) -> str:
    if isinf(time):
        return _("over 10 s")
    return _("%(time)s ms") % {"time": floatformat(time, 0)}
