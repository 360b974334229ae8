"""The page of exchanges, for auditors and operators."""

from __future__ import annotations

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from commonweal.core.exchange import service
from commonweal.core.exchange.administration import service as administration
from commonweal.core.exchange.directory import BadDirectory
from commonweal.core.exchange.membership import BadMembership
from commonweal.core.portal.guards import ActingRequest, officers, signed_in
from commonweal.core.portal.pages import about_oneself

KINDS = {
    "asked": gettext_lazy("asked"),
    "received": gettext_lazy("got the answer"),
    "provided": gettext_lazy("gave the answer"),
}


@officers("auditor", "operator")
def exchanges(request: ActingRequest) -> HttpResponseBase:
    """The newest exchanges; by POST also whether the other nodes' logs hold what they told."""
    found = administration.look(request.actor)
    joined = found.joined
    comparison = service.compare(joined) if "compare" in request.POST and joined and found.directory else None
    tampers = "tamper" in request.POST and settings.COMMONWEAL.demo
    attempts = administration.try_tampering(request.actor) if tampers else None
    rows = [
        (
            date_format(one.at, "DATETIME_FORMAT"), KINDS[one.kind], one.client, one.service,
            _("permitted") if one.permitted else _("refused"),
        )
        for one in found.exchanges
    ]  # fmt: skip
    columns = [_("Time"), _("This node"), _("System that asks"), _("Service"), _("Decision")]
    cosigners = [(one.name, _("cosigned") if one.cosigned else one.said) for one in found.cosigners]
    context = {
        "found": found, "rows": rows, "columns": columns, "comparison": comparison, "cosigners": cosigners,
        "attempts": attempts,
        "cosigner_columns": [_("Witness"), _("Said")], "live": f"{joined.address}/exchange/live" if joined else "",
    }  # fmt: skip
    page = render(request, "exchange/exchanges.html", context)
    return csp_update({"connect-src": [joined.address]})(lambda _request: page)(request) if joined else page


@signed_in
@about_oneself
def elsewhere(request: ActingRequest) -> HttpResponseBase:
    """Who used one's data on the other nodes of the federation."""
    assert request.actor.whose is not None  # noqa: S101 - `about_oneself` saw to it
    language = (get_language() or "en")[:2]
    try:
        told = service.used_elsewhere(request.actor, request.actor.whose)
    except (BadMembership, BadDirectory):
        return render(request, "exchange/elsewhere.html", {"out_of_order": True}, status=503)
    found = [
        (
            one.tracker.names.get(language) or one.tracker.names.get("en", one.tracker.node),
            one,
            [(date_format(use.at, "DATETIME_FORMAT"), use.action, use.office, use.system) for use in one.uses],
        )
        for one in told
    ]
    columns = [_("Time"), _("What was done"), _("Office"), _("Who or what")]
    return render(request, "exchange/elsewhere.html", {"found": found, "columns": columns})
