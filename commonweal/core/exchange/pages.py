"""The page of exchanges, for auditors and operators."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.core.exchange import membership, service
from commonweal.core.portal.guards import ActingRequest, officers

KINDS = {
    "asked": gettext_lazy("asked"),
    "received": gettext_lazy("got the answer"),
    "provided": gettext_lazy("gave the answer"),
}


@officers("auditor", "operator")
def exchanges(request: ActingRequest) -> HttpResponseBase:
    """The newest exchanges; by POST also whether the other nodes' logs hold what they told."""
    found = service.overview(request.actor)
    joined = membership.load(settings.COMMONWEAL)
    comparison = service.compare(joined) if request.method == "POST" and joined else None
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
        "cosigner_columns": [_("Witness"), _("Said")],
    }  # fmt: skip
    return render(request, "exchange/exchanges.html", context)
