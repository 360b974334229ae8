"""Connecting an account to a person: the resident's page and the officer's."""
from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic.edit import FormView

from commonweal.core.identity import forms, models, people, service, throttles
from commonweal.core.identity.flows import activation
from commonweal.core.identity.flows import posts as flows_posts


class Connect(FormView[forms.ActivationCodeForm]):
    """Connect your account to your entry."""

    template_name = "identity/connect.html"
    form_class = forms.ActivationCodeForm

    def form_valid(self, form: forms.ActivationCodeForm) -> Any:
        account = cast(models.Account, self.request.user)
        if not throttles.within_limit(self.request, "activation", key=account.pk.hex):
            form.add_error("code", forms.too_often())
            return self.form_invalid(form)
        try:
            service.connect(service.actor_of(self.request), account, form.cleaned_data["code"])
        except activation.WrongCode:
            form.add_error("code", _("This code cannot be used. Check it, or ask the identity office for a new one."))
            return self.form_invalid(form)
        except activation.AlreadyConnected:
            form.add_error("code", _("This entry or account is connected already. Ask the identity office for help."))
            return self.form_invalid(form)
        return render(self.request, "identity/connected.html")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        connected = cast(models.Account, self.request.user).person_id is not None
        return {**super().get_context_data(**kwargs), "connected": connected}


class IssueCode(FormView[forms.IssueCodeForm]):
    """An officer of the identity office issues a code, to be sent by letter or handed over."""

    template_name = "identity/issue_code.html"
    form_class = forms.IssueCodeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "schemes": people.schemes()}

    def form_valid(self, form: forms.IssueCodeForm) -> Any:
        found = service.identify(form.cleaned_data["scheme"], form.cleaned_data["value"])
        if found is None:
            form.add_error("value", _("Nobody is registered under this number. Check the number and its kind."))
            return self.form_invalid(form)
        in_person = form.cleaned_data["in_person"]
        code = service.issue_activation_code(service.actor_of(self.request), found, in_person=in_person)
        days = activation.VALID_FOR.days
        return render(self.request, "identity/code_issued.html", {"code": code, "in_person": in_person, "days": days})


def posts(request: HttpRequest) -> HttpResponse:
    """In which post an officer acts, or as themselves."""
    account = cast(models.Account, request.user)
    if request.method == "POST":
        chosen = request.POST.get("post", "")
        try:
            flows_posts.choose(account, request.session, int(chosen) if chosen.isdecimal() else None)
        except flows_posts.NoSuchPost:
            raise Http404 from None
    acting = flows_posts.acting_in(account, request.session)
    names = {agency.code: agency.name(get_language() or "en") for agency in service.agencies()}
    held = [{"id": post.id, "role": post.role, "agency": names[post.agency]} for post in service.posts_of(account.pk)]
    return render(request, "identity/posts.html", {"posts": held, "acting": acting.id if acting else None})
