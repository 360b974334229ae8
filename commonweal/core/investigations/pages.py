"""The investigators' pages: data under seal, and what of an order is sealed."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from commonweal.core.identity import people
from commonweal.core.investigations import service
from commonweal.core.investigations.forms import OrderForm, ProlongForm, SealedForm
from commonweal.core.mandates.scopes import called
from commonweal.core.portal.guards import ActingRequest, officers


@officers("investigator")
def read(request: ActingRequest) -> HttpResponseBase:
    """Ask for what a room holds about somebody, under seal."""
    rooms: list[tuple[str, Any]] = [(room, called(room)) for room in service.rooms()]
    form = SealedForm(request.POST or None, schemes=people.schemes(), rooms=rooms)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        person = people.identify(given["scheme"], given["value"])
        if person:
            held = service.read(request.actor, person, given["room"], given["order"], given["until"])
            text = json.dumps(held, ensure_ascii=False, indent=2)
            return render(request, "investigations/found.html", {"text": text, "until": given["until"]})
        form.add_error("value", _("Nobody is registered under this number. Check the number and its kind."))
    return render(request, "investigations/read.html", {"form": form})


@officers("investigator", "supervisor")
def order(request: ActingRequest) -> HttpResponseBase:
    """What the agency keeps under seal for one order."""
    form = OrderForm(request.GET if "order" in request.GET else None)
    found = service.of_order(request.actor, form.cleaned_data["order"]) if form.is_bound and form.is_valid() else None
    asked = request.GET.get("order", "")
    return render(request, "investigations/order.html", {"form": form, "found": found, "asked": asked})


@officers("investigator")
def prolong(request: ActingRequest, n: int) -> HttpResponseBase:
    """A second officer keeps an entry under seal for longer."""
    asked = request.GET.get("order", "")
    form = ProlongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.prolong(request.actor, asked, n, form.cleaned_data["until"])
        except service.NotSealed:
            raise Http404 from None
        except ValueError as error:
            form.add_error("until", str(error))
        else:
            messages.success(request, _("The entry stays under seal until that day."))
            return redirect(f"{reverse('investigations:order')}?{urlencode({'order': asked})}")
    return render(request, "investigations/prolong.html", {"form": form, "n": n})
