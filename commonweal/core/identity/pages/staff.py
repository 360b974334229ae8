"""Who works at an agency, and which machines act for it: the administrator's pages."""
from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from commonweal.core.identity import accounts, forms, service


def staff(request: HttpRequest) -> HttpResponse:
    """The posts of the administrator's own agency: appoint by e-mail address, end."""
    actor = service.actor_of(request)
    posts = service.posts_at(actor.agency)
    form = forms.AppointForm(request.POST if "email" in request.POST else None)
    if ending := request.POST.get("end"):
        service.end_post(actor, _chosen(ending, {str(post.id): post for post, _account in posts}))
        return redirect("identity_staff")
    if form.is_valid():
        account = accounts.account_at(form.cleaned_data["email"])
        if account is None:
            form.add_error("email", _("Nobody with this address has an account yet. Ask them to create one first."))
        else:
            try:
                service.appoint(actor, account.id, actor.agency, form.cleaned_data["role"])
                return redirect("identity_staff")
            except accounts.NotItsRole as error:
                form.add_error("role", str(error))
    return render(request, "identity/staff.html", {"form": form, "posts": posts})


def machines(request: HttpRequest) -> HttpResponse:
    """The service accounts of the administrator's own agency: issue a token, revoke."""
    actor = service.actor_of(request)
    tokens = service.service_accounts(actor.agency)
    form = forms.MachineForm(request.POST if "name" in request.POST else None)
    if revoking := request.POST.get("revoke"):
        service.revoke_token(actor, _chosen(revoking, {token.id.hex: token for token in tokens}))
        return redirect("identity_machines")
    if form.is_valid():
        roles = frozenset([form.cleaned_data["role"]])
        try:
            issued = service.issue_token(actor, form.cleaned_data["name"], actor.agency, roles)
            return render(request, "identity/token_issued.html", {"issued": issued})
        except accounts.NotItsRole as error:
            form.add_error("role", str(error))
    return render(request, "identity/machines.html", {"form": form, "tokens": tokens})


def _chosen(key: str, choices: dict[str, Any]) -> Any:
    if key not in choices:
        raise Http404
    return choices[key]
