"""A new account: an address, the code sent to it, a passkey."""
from __future__ import annotations

from typing import Any, cast

from allauth.account import views as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.http import HttpResponse
from django.shortcuts import redirect

from commonweal.core.identity import authentication, forms, models, notices, service, throttles
from commonweal.core.identity.flows import activation, recovery


class SignUp(account.SignupByPasskeyView):  # type: ignore[misc]
    """The address of a new account that will have a passkey."""

    template_name = "identity/sign_up.html"

    def form_valid(self, form: Any) -> HttpResponse:
        with throttles.evenly():
            return cast(HttpResponse, super().form_valid(form))


class SignUpByMail(account.SignupView):  # type: ignore[misc]
    """The address of a new account on a device without passkeys: assurance 1 until more is added."""

    template_name = "identity/sign_up_by_mail.html"

    def form_valid(self, form: Any) -> HttpResponse:
        with throttles.evenly():
            return cast(HttpResponse, super().form_valid(form))


class ConfirmAddress(account.ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    """The code that proves an address."""

    template_name = "identity/enter_code.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        with throttles.evenly():
            return cast(HttpResponse, super().form_invalid(form))

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        verify = super()._verify_form_valid
        if not self.request.user.is_authenticated:
            return cast(HttpResponse, verify(form))
        actor = authentication.actor_of(self.request)
        answer = service.change_sign_in(actor, service.CHANGE_EMAIL, lambda: verify(form), what="address")
        notices.address_changed(cast(models.Account, self.request.user), also=[])
        return cast(HttpResponse, answer)


class SignUpPasskey(webauthn.SignupWebAuthnView):  # type: ignore[misc]
    """The passkey that completes a new account, or that replaces the lost devices of an old one."""

    template_name = "identity/sign_up_passkey.html"
    form_class = forms.SignUpPasskey

    def form_valid(self, form: Any) -> HttpResponse:
        login, name, credential = self._login_stage.login, form.cleaned_data["name"], form.cleaned_data["credential"]

        def add() -> Any:
            return webauthn_flows.signup_authenticator(self.request, user=login.user, name=name, credential=credential)

        if recovery.KEY in login.state:
            try:
                passkey = service.recover(self.request, login.user, login.state[recovery.KEY], add)
            except (recovery.NotOpenYet, activation.WrongCode):
                self._login_stage.abort()
                return redirect("account_login")
        else:
            record_authentication(self.request, login.user, method="code")
            actor = authentication.actor_for(login.user, self.request)
            passkey = service.change_sign_in(actor, service.ADD_METHOD, add, what="passkey")
            notices.method_added(login.user)
        post_authentication(self.request, passkey, passwordless=True)
        return cast(HttpResponse, self._login_stage.exit())
