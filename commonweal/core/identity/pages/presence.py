"""Asking for presence before something sensitive."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic.edit import FormView

from commonweal.core.identity import authentication, forms, service, throttles
from commonweal.core.identity.flows import passkeys, presence

View = Callable[..., HttpResponseBase]


def present(view: View) -> View:
    """Whoever is signed in but did not prove presence for five minutes does so first, and comes back."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not authentication.actor_of(request).fresh:
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return asked


class ConfirmByMail(FormView[forms.MailCodeForm]):
    """A code to the account's own address, where there is nothing stronger to ask for."""

    template_name = "identity/confirm_by_mail.html"
    form_class = forms.MailCodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert request.user.is_authenticated  # noqa: S101 - the guard saw to it
        self.account = request.user
        if passkeys.has_second_factor(self.account):
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not presence.waiting(request) and throttles.within_limit(request, "presence", key=self.account.pk.hex):
            code = get_adapter().generate_login_code()
            presence.begin(request, code)
            get_adapter().send_mail("account/email/login_code", self.account.email, {"code": code})
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: forms.MailCodeForm) -> Any:
        if not presence.prove(self.request, self.account, form.cleaned_data["code"]):
            service.record_failed_sign_in(self.account, "wrong code by e-mail")
            form.add_error("code", _("This code is wrong or too old. Load this page again for another."))
            return self.form_invalid(form)
        return reauthentication.resume_request(self.request) or redirect("mfa_index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "email": self.account.email, "next": self.request.GET.get("next")}
