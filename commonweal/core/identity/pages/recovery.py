"""Getting back into an account when every device is lost."""
from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.stages import AuthenticateStage
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic.edit import FormView

from commonweal.core import clock
from commonweal.core.identity import forms, service, throttles
from commonweal.core.identity.flows import activation, recovery


class AskRecovery(FormView[forms.RecoveryForm]):
    """Asks for recovery. The answer is the same whether the address is known or not."""

    template_name = "identity/recovery.html"
    form_class = forms.RecoveryForm

    def form_valid(self, form: forms.RecoveryForm) -> Any:
        email = form.cleaned_data["email"]
        if not throttles.within_limit(self.request, "recovery", key=email.lower()):
            form.add_error("email", forms.too_often())
            return self.form_invalid(form)
        with throttles.evenly():
            service.ask_recovery(email)
        return render(self.request, "identity/recovery_asked.html", {"email": email, "delay": recovery.DELAY})


def cancel_recovery(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link in the mail: shows what would be cancelled, and cancels it by POST."""
    waiting = recovery.to_cancel(token)
    if waiting is None:
        raise Http404
    if request.method == "POST":
        service.cancel_recovery(waiting)
        return render(request, "identity/recovery_cancelled.html")
    return render(request, "identity/cancel_recovery.html", {"waiting": waiting})


@method_decorator(login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login"), name="dispatch")
class Recover(FormView[forms.ActivationCodeForm]):
    """After the code by mail, in place of the second step: the delay is over, or a code from the office is at hand."""

    template_name = "identity/recover.html"
    form_class = forms.ActivationCodeForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "by_delay" not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            opened = recovery.open_by_delay(self._stage.login.user)
        except recovery.NotOpenYet:
            return redirect("identity_recover")
        return self._to_new_passkey(f"request:{opened.id.hex}")

    def form_valid(self, form: forms.ActivationCodeForm) -> Any:
        account = self._stage.login.user
        if not throttles.within_limit(self.request, "activation", key=account.pk.hex):
            form.add_error("code", forms.too_often())
            return self.form_invalid(form)
        try:
            opened = recovery.open_by_code(account, form.cleaned_data["code"])
        except activation.WrongCode:
            form.add_error("code", _("This code does not open your account. Check it, or ask the office for another."))
            return self.form_invalid(form)
        return self._to_new_passkey(f"code:{opened.id.hex}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = self._stage.login.user
        waiting = recovery.waiting(account)
        more = {"waiting": waiting, "open": waiting is not None and waiting.opens <= clock.now()}
        return {**super().get_context_data(**kwargs), **more, "may_ask": recovery.may_ask(account)}

    def _to_new_passkey(self, opened: str) -> Any:
        """Go on signing in, but by way of a new passkey; only then are the lost devices forgotten."""
        self._stage.login.state |= {recovery.KEY: opened, "passkey_signup": True}
        return self._stage.exit()

    @property
    def _stage(self) -> Any:
        return self.request._login_stage  # type: ignore[attr-defined]
